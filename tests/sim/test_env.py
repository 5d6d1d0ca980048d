"""The Gymnasium door."""

import gc
import warnings
from functools import partial

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import armchair_sim.env
from armchair_core.errors import ArmchairError
from armchair_sim.env import ArmchairEnv
from armchair_sim.expert.expert import Expert
from armchair_sim.tasks import task_names

IDS = [armchair_sim.env.gym_id(task) for task in task_names()]


# The module before the colon is imported first, in worker processes too.
make = partial(gym.make, "armchair_sim.env:armchair/Lift-v0")


def same(one: dict, other: dict) -> bool:
    pictures = all(np.array_equal(one["pixels"][camera], other["pixels"][camera]) for camera in one["pixels"])
    return pictures and np.array_equal(one["agent_pos"], other["agent_pos"])


@pytest.mark.parametrize("gym_id", IDS)
def test_gymnasiums_own_check(gym_id):
    """Clean but for one recommendation: actions in -1 to 1, where LeRobot's contract wants the arm's degrees."""
    gc.collect()  # what other tests of this process left open is not heard below
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        env = gym.make(gym_id)
        check_env(env.unwrapped)
        env.close()
    others = [str(item.message) for item in heard if "symmetric and normalized space" not in str(item.message)]
    assert not others


@pytest.mark.parametrize("gym_id", IDS)
def test_same_seed_same_pictures(gym_id):
    runs = []
    for _ in range(2):
        env = gym.make(gym_id)
        seen, _ = env.reset(seed=7)
        env.action_space.seed(0)
        run = [seen] + [env.step(env.action_space.sample())[0] for _ in range(5)]
        runs.append(run)
        env.close()
    assert all(same(one, other) for one, other in zip(*runs, strict=True))


def test_resets_without_a_seed_never_show_a_numbered_scene(monkeypatch):
    env = ArmchairEnv("reach")
    scenes = []
    monkeypatch.setattr(env.world, "reset", scenes.append)
    for _ in range(20):
        env.reset()
    assert len(set(scenes)) == 20
    assert min(scenes) > 10_000_000


@pytest.mark.parametrize("vector", ["sync", "async"])
def test_vector_environments_show_the_same_scenes(vector):
    makers = [make, make]
    envs = gym.vector.SyncVectorEnv(makers) if vector == "sync" else gym.vector.AsyncVectorEnv(makers, context="spawn")
    try:
        seen, _ = envs.reset(seed=[3, 4])
        single = make()
        for index, seed in enumerate((3, 4)):
            alone, _ = single.reset(seed=seed)
            assert np.array_equal(seen["pixels"]["front"][index], alone["pixels"]["front"])
        *_, info = envs.step(envs.action_space.sample())
        assert list(info["is_success"]) == [False, False]
    finally:
        envs.close()


def test_success_ends_the_episode():
    env = ArmchairEnv("lift")
    env.reset(seed=1)
    expert = Expert(env.world)
    expert.reset()
    rewards, ended = [], False
    while not ended:
        _, reward, terminated, truncated, info = env.step(expert.act())
        rewards.append(reward)
        ended = terminated or truncated
    assert terminated
    assert not truncated
    assert info == {"is_success": True, "ending": "success"}
    assert sum(rewards) == rewards[-1] == 1.0


def test_time_runs_out():
    env = ArmchairEnv("reach")
    seen, _ = env.reset(seed=1)
    still = seen["agent_pos"]
    endings = [env.step(still)[2:] for _ in range(env._max_episode_steps)]
    assert [truncated for _, truncated, _ in endings] == [False] * (len(endings) - 1) + [True]
    assert endings[-1][2] == {"is_success": False, "ending": "missed the ball"}


def test_an_episode_lasts_as_long_as_it_is_told():
    env = ArmchairEnv("reach", episode_s=1)
    still = env.reset(seed=1)[0]["agent_pos"]
    assert [env.step(still)[3] for _ in range(30)] == [False] * 29 + [True]


def test_wild_actions_are_clamped_and_impossible_ones_refused():
    env = ArmchairEnv("reach")
    env.reset(seed=1)
    seen, *_ = env.step(np.full(6, 1e9))
    assert np.isfinite(seen["agent_pos"]).all()
    with pytest.raises(ValueError, match="finite"):
        env.step(np.full(6, np.nan))


@pytest.mark.parametrize(("height", "width"), [(48, 64), (480, 640)])
def test_any_picture_size(height, width):
    env = ArmchairEnv("reach", height, width)
    seen, _ = env.reset(seed=1)
    assert {picture.shape for picture in seen["pixels"].values()} == {(height, width, 3)}
    env.close()


def test_impossible_picture_size():
    with pytest.raises(ArmchairError, match="use 96 x 96"):
        ArmchairEnv("reach", 4, 4)


def test_unknown_task():
    with pytest.raises(ArmchairError, match="did you mean 'reach'"):
        ArmchairEnv("reech")


def test_agrees_with_lerobots_env_config():
    """Stock `make_env` builds it from the plugin's config, with the keys that policies expect."""
    from lerobot.envs.factory import make_env
    from lerobot.envs.utils import env_to_policy_features, preprocess_observation

    from armchair_sim.env_config import ArmchairEnvConfig

    config = ArmchairEnvConfig(task="lift")
    envs = make_env(config, n_envs=2)["armchair"][0]
    seen, _ = envs.reset(seed=[1, 2])
    expected = env_to_policy_features(config)
    ready = preprocess_observation(seen)
    assert set(ready) == set(expected) - {"action"}
    assert all(tuple(ready[key].shape[1:]) == expected[key].shape for key in ready)
    assert envs.call("task_description")[0] == "Pick up the red cube."
    assert envs.call("_max_episode_steps")[0] == 240
    envs.close()
