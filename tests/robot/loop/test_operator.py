"""The operator and the teleoperator as they are before anybody adds to them: nobody is there, nothing is offered."""

import numpy as np

from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.devices.armchair_so101 import ArmchairSO101Leader
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.operator import Operator
from armchair_robot.loop.real_time import run_loop
from armchair_robot.teleoperators.jog_teleoperator import PersonTeleoperator
from armchair_robot.teleoperators.replay import ArmchairReplay


class Still(LoopTeleoperator):
    """Does what none can do without: it says where the arm shall be."""

    def __init__(self, units: np.ndarray) -> None:
        self._units = units

    def get_action(self) -> dict[str, float]:
        return dict(zip(FEATURE_NAMES, map(float, self._units), strict=True))


class Talkative(Still):
    """Says what it does, and hears where the arm was told to go."""

    status, feedback_features = "counting", dict.fromkeys(FEATURE_NAMES, float)

    def send_feedback(self, feedback: dict[str, float]) -> None:
        self.told = feedback


def test_with_nobody_there_a_loop_runs_to_its_own_end():
    zero = np.zeros(6, np.float32)
    nobody = Operator()
    nobody.opened(takeover=True)
    nobody.watch(Moment({}, zero, zero, zero, 0.0, {}))
    nobody.tell("the cable is out")
    assert (nobody.is_there, list(nobody.commands()), nobody.is_halting(), nobody.is_hurried()) == (
        False,
        [],
        False,
        False,
    )


def test_a_stock_leader_joins_in_and_keeps_its_own_methods():
    offers = [name for name in vars(LoopTeleoperator) if not name.startswith("_")]
    assert {"status", "intervening", "is_done", "begin", "rest", "toggle", "halt", "thought_s"} <= set(offers)
    for kind in (ArmchairSO101Leader, PersonTeleoperator, ArmchairReplay):
        assert all(hasattr(kind, name) for name in offers)
    assert ArmchairSO101Leader.get_action is not LoopTeleoperator.get_action


def test_a_moment_says_what_the_teleoperator_says_of_itself(pair):
    follower, _, _, _ = pair
    observation = follower.get_observation()
    place = np.array([observation[name] for name in FEATURE_NAMES], np.float32)
    moments = []
    run_loop(follower, Still(place), 100, lambda moment: moments.append(moment) is not None)
    talkative = Talkative(place)
    run_loop(follower, talkative, 100, lambda moment: moments.append(moment) is not None)
    assert [moment.status for moment in moments] == ["", "counting"]
    assert list(talkative.told) == list(FEATURE_NAMES)
