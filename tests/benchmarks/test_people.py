"""The typist lifts as a person does, and corrects only a policy that needs it."""

import importlib

import numpy as np
import pytest

from armchair_core.so101.kinematics import START
from armchair_robot.loop.episode import EpisodeTeleoperator, run_episode
from armchair_robot.teleoperators import open_teleoperator
from armchair_sim.env import ArmchairEnv
from armchair_sim.scene.world import FPS


@pytest.fixture(scope="module")
def typist():
    """The module `typist`, as `people.py` finds it beside itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(__file__.rsplit("tests", 1)[0] + "benchmarks")
        yield importlib.import_module("typist")


@pytest.fixture(scope="module")
def env():
    env = ArmchairEnv("lift", episode_s=30)
    env.draws = False
    yield env
    env.close()


class Still(EpisodeTeleoperator):
    def reset(self) -> None:
        """Nothing."""

    def act(self, observation) -> np.ndarray:
        return START


def test_the_better_typist_is_done_sooner(typist, env):
    best, worst = typist.SKILLS[0], typist.SKILLS[-1]
    best, worst = (
        [run_episode(env, typist.Typist(env.world, skill, seed), seed) for seed in range(4)] for skill in (best, worst)
    )
    assert all(outcome.success and outcome.steps > 2 * FPS for outcome in best)
    assert sum(outcome.steps for outcome in best) < sum(outcome.steps for outcome in worst)


def test_who_corrects_takes_over_from_a_policy_that_stands_still(typist, env):
    hand = typist.Corrected(Still(), typist.Typist(env.world, typist.SKILLS[0], 0))
    taken = []
    outcome = run_episode(env, hand, 0, [lambda tick: taken.append(hand.intervening)])
    assert outcome.success
    assert 2 * FPS <= taken.index(True) <= 3 * FPS and all(taken[taken.index(True) :])


def test_who_corrects_leaves_alone_what_goes_well(typist, env):
    hand = typist.Corrected(open_teleoperator("expert", env), typist.Typist(env.world, typist.SKILLS[0], 0))
    for seed in range(3):
        assert run_episode(env, hand, seed).success
        assert not hand.intervening
