"""Environments of LeRobot's: one made up here, and our own through the door that all of them share."""

from dataclasses import dataclass, field
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.evaluation.candidate import Candidate, find_candidate
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.simulated.env_episode import EnvRollout
from armchair_policies.evaluation.simulated.episode import EpisodeJob, EpisodeRollout
from armchair_sim.seeds import FIRST_EVALUATION_SEED as FIRST

STEPS = 5


class Coin(gym.Env):
    """Pictures and joints of chance; it lands on heads if all answers to them add up to enough."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012 - Gymnasium's own contract
    _max_episode_steps, task, task_description = STEPS, "coin", "Land on heads."

    def __init__(self, render_mode: str = "rgb_array") -> None:
        self.render_mode = render_mode
        picture = gym.spaces.Box(0, 255, (64, 64, 3), np.uint8)
        pixels = gym.spaces.Dict({"front": picture, "wrist": picture})
        joints = gym.spaces.Box(-100, 100, (6,), np.float32)
        self.observation_space = gym.spaces.Dict({"pixels": pixels, "agent_pos": joints})
        self.action_space = gym.spaces.Box(-1000, 1000, (6,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._steps, self._sum = 0, 0.0
        self._wanted = float(self.np_random.normal(0, 20))
        return self._see(), {"is_success": False}

    def step(self, action):
        self._steps, self._sum = self._steps + 1, self._sum + float(np.sum(action))
        done = self._steps == STEPS
        return self._see(), 1.0, done, False, {"is_success": done and self._sum > self._wanted}

    def _see(self):
        shot = {name: self.np_random.integers(0, 255, (64, 64, 3), np.uint8) for name in ("front", "wrist")}
        return {"pixels": shot, "agent_pos": self.np_random.normal(0, 20, 6).astype(np.float32)}

    def render(self):
        return np.full((33, 65, 3), 40 * self._steps, np.uint8)


@pytest.fixture(scope="module")
def coin():
    """The type of LeRobot's environments that it is."""
    from lerobot.configs import FeatureType, PolicyFeature
    from lerobot.envs.configs import EnvConfig

    @EnvConfig.register_subclass("coin")
    @dataclass
    class CoinConfig(EnvConfig):
        task: str = "Coin-v0"
        fps: int = 10
        features: dict = field(default_factory=dict)
        features_map: dict = field(default_factory=dict)

        def __post_init__(self) -> None:
            picture = PolicyFeature(FeatureType.VISUAL, (64, 64, 3))
            self.features = {
                "action": PolicyFeature(FeatureType.ACTION, (6,)),
                "agent_pos": PolicyFeature(FeatureType.STATE, (6,)),
                "pixels/front": picture,
                "pixels/wrist": picture,
            }
            names = {"action": "action", "agent_pos": "observation.state"}
            pictures = {f"pixels/{name}": f"observation.images.{name}" for name in ("front", "wrist")}
            self.features_map = names | pictures

        @property
        def gym_kwargs(self) -> dict:
            return {}

    gym.register("gym_coin/Coin-v0", entry_point=Coin)
    yield CoinConfig()
    del gym.registry["gym_coin/Coin-v0"]


def stock(config, folder, seeds: range, batch: int, **recording) -> list[dict]:
    """What stock `lerobot-eval` finds, episode by episode."""
    from lerobot.envs.factory import make_env, make_env_pre_post_processors
    from lerobot.policies.factory import get_policy_class, make_pre_post_processors
    from lerobot.scripts.lerobot_eval import eval_policy

    policy = get_policy_class("nano").from_pretrained(folder)
    vector = make_env(config, n_envs=batch)[config.type][0]
    try:
        found = eval_policy(
            vector, policy, *make_env_pre_post_processors(config, policy.config),
            *make_pre_post_processors(policy.config, pretrained_path=str(folder)), len(seeds), start_seed=seeds[0],
            **recording,
        )  # fmt: skip
    finally:
        vector.close()
    return found["per_episode"]


def find(policy: str, task: str | None = None, env: str | None = None) -> Candidate:
    return find_candidate(EvalRequest(policy, task, 1, FIRST, Path(), env))[0]


def test_scene_by_scene_it_agrees_with_stock_lerobot_eval(coin, untrained, tmp_path):
    seeds = range(FIRST, FIRST + 24)
    candidate = find(str(untrained), env="coin")
    rollout = EnvRollout(candidate)
    ours = [rollout.play(EpisodeJob(candidate, seed)) for seed in seeds]
    filmed = rollout.play(EpisodeJob(candidate, FIRST, tmp_path / "coin.mp4"))
    rollout.close()
    assert 3 < sum(outcome.success for outcome in ours) < 21  # or it would prove little
    assert filmed == ours[0] and (tmp_path / "coin.mp4").exists()
    assert {outcome.steps for outcome in ours} == {STEPS}
    assert {outcome.ending for outcome in ours} == {"success", "failed"}
    theirs = stock(coin, untrained, seeds, batch=1)
    assert [episode["success"] for episode in theirs] == [outcome.success for outcome in ours]


class Short(Coin):
    """Every second scene is over after two steps: a batch goes on stepping what has ended."""

    def step(self, action):
        observation, reward, done, truncated, info = super().step(action)
        return observation, reward, done or (self._steps == 2 and self._wanted > 0), truncated, info


def test_stock_still_counts_a_reward_too_many_in_a_batch(coin, untrained):
    """docs/how_to/stock.md says so. When this fails, LeRobot has been mended, and the sentence has to go."""
    gym.registry["gym_coin/Coin-v0"].entry_point = Short
    try:
        seeds = range(FIRST, FIRST + 8)
        alone = [episode["sum_reward"] for episode in stock(coin, untrained, seeds, batch=1)]
        batched = [episode["sum_reward"] for episode in stock(coin, untrained, seeds, batch=8)]
    finally:
        gym.registry["gym_coin/Coin-v0"].entry_point = Coin
    assert sorted(set(alone)) == [2, 5]
    assert sorted(set(batched)) == [3, 5]


def test_stock_still_crashes_when_it_records_a_second_batch(coin, untrained, tmp_path):
    """docs/how_to/stock.md says that, too."""
    features = {name: coin.features[name] for name in ("action", "agent_pos")}
    with pytest.raises(FileExistsError):
        stock(coin, untrained, range(FIRST, FIRST + 2), 1, recording_dir=tmp_path / "taken", env_features=features)


def test_our_own_tasks_are_the_same_through_either_door(save_untrained):
    folder = str(save_untrained(96))
    ended = []
    for rollout in (
        EnvRollout(find(folder, "reach", "armchair")),
        EpisodeRollout(find(folder, "reach")),
    ):
        ended.append([rollout.play(EpisodeJob(rollout.candidate, seed)) for seed in (FIRST, FIRST + 1)])
        rollout.close()
    assert [(one.success, one.steps) for one in ended[0]] == [(one.success, one.steps) for one in ended[1]]


@pytest.mark.parametrize(
    ("policy", "env", "message"),
    [
        ("expert", "pusht", "the expert knows our own tasks only: leave --env away"),
        (None, "psht", "no environment called 'psht': did you mean 'pusht'"),
        (None, "pusht", r"looks at observation.images.front, .*, but pusht gives action, observation.image, "),
    ],
)
def test_what_does_not_fit_is_said(untrained, policy, env, message):
    with pytest.raises(ArmchairError, match=message):
        find(policy or str(untrained), env=env)
