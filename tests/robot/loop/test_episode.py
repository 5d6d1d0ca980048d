"""One episode, from the first observation to the outcome."""

import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_robot.loop.episode import EpisodeTeleoperator, Outcome, run_episode
from armchair_robot.teleoperators import open_teleoperator, teleoperator_names
from armchair_sim.env import ArmchairEnv
from armchair_sim.expert.expert import Disturbance


@pytest.fixture(scope="module")
def env():
    env = ArmchairEnv("reach")
    yield env
    env.close()


def test_listeners_hear_every_tick(env):
    heard = []
    outcome = run_episode(env, open_teleoperator("expert", env), 3, [heard.append])
    assert outcome == Outcome(3, True, len(heard), "success")
    assert heard[0].observation["pixels"]["front"].shape == (96, 96, 3)
    assert all(tick.action.dtype == np.float32 for tick in heard)


def test_a_disturbance_moves_the_arm_and_not_the_record(env):
    """The recorded action is the hand's own; what the arm did shows in the next observation."""
    clean, pushed = [], []
    run_episode(env, open_teleoperator("expert", env), 3, [clean.append])
    run_episode(env, open_teleoperator("expert", env), 3, [pushed.append], Disturbance(3))
    np.testing.assert_array_equal(clean[0].action, pushed[0].action)
    assert not np.array_equal(clean[2].observation["agent_pos"], pushed[2].observation["agent_pos"])
    assert not any(tick.shoved for tick in clean)


def test_a_shove_is_told_and_noise_is_not(env):
    applied, told = [], []
    disturb = Disturbance(3)

    def noted(action):
        applied.append(disturb(action) - action)
        noted.shoving = disturb.shoving
        return action + applied[-1]

    run_episode(env, open_teleoperator("expert", env), 3, [told.append], noted)
    shoved = np.array([tick.shoved for tick in told])
    off_deg = np.abs(np.array(applied)[:, :3]).max(axis=1)
    assert 0 < shoved.sum() < len(shoved)
    assert off_deg[shoved].mean() > 2 * off_deg[~shoved].mean()


def test_disturbances_repeat_by_seed():
    one, other = (Disturbance(5) for _ in range(2))
    action = np.zeros(6, np.float32)
    for _ in range(50):
        np.testing.assert_array_equal(one(action), other(action))
    assert one(action)[5] == 0


class Broken(EpisodeTeleoperator):
    """A hand that asks for what no arm can do."""

    def reset(self):
        pass

    def act(self, observation):
        return np.full(6, np.nan)


def test_impossible_actions_end_the_episode(env):
    with pytest.raises(ArmchairError, match="not finite"):
        run_episode(env, Broken(), 1)


@pytest.mark.parametrize("name", teleoperator_names())
def test_every_hand_acts_in_the_arms_units(env, name):
    hand = open_teleoperator(name, env)
    observation, _ = env.reset(seed=4)
    hand.reset()
    action = hand.act(observation)
    assert action.shape == (6,)
    assert np.abs(action[:5] - observation["agent_pos"][:5]).max() < 30
    assert 0 <= action[5] <= 100


def test_unknown_hand():
    with pytest.raises(ArmchairError, match="did you mean 'expert'"):
        open_teleoperator("exprt", None)
