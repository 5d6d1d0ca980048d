"""A policy is relieved by the expert."""

import numpy as np
import pytest

from armchair_robot.hands import correcting
from armchair_robot.hands.correcting import CorrectingHand
from armchair_robot.loop import Tick, run_episode
from armchair_sim.env import ArmchairEnv
from armchair_sim.errors import ArmchairError


@pytest.fixture(scope="module")
def env():
    env = ArmchairEnv("lift", height=32, width=32)
    yield env
    env.close()


def test_the_scene_says_when_and_the_expert_ends_it(env, holding_policy):
    hand = CorrectingHand(env, holding_policy)

    def run(seed: int) -> list[tuple[bool, np.ndarray]]:
        ticks = []

        def listen(tick: Tick) -> None:
            ticks.append((hand.intervening, tick.action))

        assert run_episode(env, hand, seed, [listen]).success
        return ticks

    runs = [run(3), run(4), run(3)]
    by_policy = [[intervening for intervening, _ in ticks].count(False) for ticks in runs]
    assert by_policy[0] == by_policy[2] != by_policy[1]
    for count, ticks in zip(by_policy, runs, strict=True):
        assert 0 <= count <= correcting._LATEST * env._max_episode_steps
        assert all(intervening for intervening, _ in ticks[count:]), "it is not handed back"
        assert np.ptp([action[1] for _, action in ticks[:count]]) < 5 < np.ptp([action[1] for _, action in ticks])
    assert np.array_equal([action for _, action in runs[0]], [action for _, action in runs[2]])


def test_a_folder_without_a_policy(env, tmp_path):
    with pytest.raises(ArmchairError, match="no policy"):
        CorrectingHand(env, tmp_path)
