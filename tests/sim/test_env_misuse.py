"""What a program may hand to the environment by mistake: one sentence, and nothing has moved."""

import gymnasium as gym
import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_sim.env import ActionError, ArmchairEnv
from armchair_sim.env_config import ArmchairEnvConfig

SMALL = {"task": "reach", "height": 16, "width": 16}


@pytest.fixture(scope="module")
def env():
    env = ArmchairEnv(**SMALL)
    yield env
    env.close()


def poses_after(env: ArmchairEnv, wrong) -> list[np.ndarray]:
    """Reset, take two steps with something wrong between them if it is not None; the arm's poses."""
    seen, _ = env.reset(seed=5)
    goal = seen["agent_pos"] + 2
    poses = [env.step(goal)[0]["agent_pos"]]
    if wrong is not None:
        with pytest.raises(ActionError, match="an action "):
            env.step(wrong)
    return [*poses, env.step(goal)[0]["agent_pos"]]


@pytest.mark.parametrize(
    "wrong",
    [
        3.0, [3.0], [], None, "up", ["up"] * 6, [0] * 5, [0] * 7, [[0] * 6], [[0.0], [0.0, 1.0]], {"gripper.pos": 3},
        np.zeros((6, 1)), np.full(6, np.nan), [0, 0, 0, 0, 0, np.inf], [1e39] * 6, [1j] * 6, [None] * 6,
    ],
    ids=lambda wrong: repr(wrong)[:20],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of what is too large for a float32
def test_a_wrong_action_is_a_sentence_and_poisons_nothing(env, wrong):
    np.testing.assert_array_equal(poses_after(env, wrong), poses_after(env, None))


@pytest.mark.parametrize("kind", [np.int64, np.float64, np.float32, list, tuple])
def test_six_numbers_of_any_kind_are_an_action(env, kind):
    env.reset(seed=5)
    six = [0, -40, 40, 60, 0, 30]
    env.step(kind(six) if kind in (list, tuple) else np.array(six, kind))


@pytest.mark.parametrize("seed", [-1, 1.5, "7", [1]])
def test_an_impossible_seed(env, seed):
    with pytest.raises(ArmchairError, match="a seed is a whole number from 0 on"):
        env.reset(seed=seed)


@pytest.mark.parametrize("options", ["lit", 3, [1], True])
def test_options_that_are_none(env, options):
    with pytest.raises(ArmchairError, match="options of a reset are a dictionary"):
        env.reset(options=options)
    env.reset(seed=1, options={})


@pytest.mark.parametrize("size", [(0, 96), (96, -1), (96.5, 96), ("96", 96), (None, 96), (96, 10_000)])
def test_an_impossible_size(size):
    with pytest.raises(ArmchairError, match="use 96 x 96"):
        ArmchairEnv("reach", *size)
    with pytest.raises(ArmchairError, match="use 96 x 96"):
        ArmchairEnvConfig(observation_height=size[0], observation_width=size[1])


@pytest.mark.parametrize("episode_s", [0, -1, 0.001, float("nan"), float("inf"), "8"])
def test_an_impossible_time(episode_s):
    with pytest.raises(ArmchairError, match="use episode_s=8"):
        ArmchairEnv(**SMALL, episode_s=episode_s)


def test_an_impossible_way_to_render():
    with pytest.raises(ArmchairError, match="'human': use 'rgb_array'"):
        ArmchairEnv(**SMALL, render_mode="human")


@pytest.mark.parametrize("fps", [0, -30])
def test_an_impossible_rate(fps):
    with pytest.raises(ArmchairError, match="use 30"):
        ArmchairEnvConfig(fps=fps)


@pytest.mark.parametrize("n_envs", [0, -2])
def test_an_impossible_number_of_environments(n_envs):
    with pytest.raises(ArmchairError, match="at least 1"):
        ArmchairEnvConfig(task="reach").create_envs(n_envs)


@pytest.mark.parametrize("task", [None, 3, "reech", ["reach"]])
def test_an_impossible_task(task):
    with pytest.raises(ArmchairError, match="there is no task called"):
        ArmchairEnv(task)


def test_a_step_before_the_first_reset():
    with pytest.raises(ArmchairError, match=r"call reset\(\) before step\(\)"):
        ArmchairEnv(**SMALL).step(np.zeros(6))


def test_whatever_is_asked_of_a_closed_one():
    env = ArmchairEnv(**SMALL)
    env.reset(seed=1)
    env.close()
    env.close()
    for ask in (env.reset, env.render, lambda: env.step(np.zeros(6))):
        with pytest.raises(ArmchairError, match="is closed: make a new one"):
            ask()


def test_nothing_is_drawn_to_make_one(monkeypatch):
    """Gymnasium makes one in the parent for its spaces alone, and then forks."""
    monkeypatch.setattr("armchair_sim.env.Cameras", lambda *_: pytest.fail("opened OpenGL"))
    gym.make("armchair/Reach-v0").close()
