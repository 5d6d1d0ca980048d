"""What was asked for of an arm, and where it is if nobody has said so."""

from armchair_robot.arm_options import ArmOptions
from armchair_robot.safety.limits import Limits


def test_without_a_word_it_is_the_twin_with_the_guards_own_limits():
    nothing = ArmOptions()
    assert (nothing.where, nothing.leader_where, nothing.is_twin) == ("twin", "twin", True)
    assert nothing.limits == Limits() and nothing.goes_home
    assert nothing.teleoperator is None


def test_a_real_arm_may_follow_a_real_leader():
    asked = ArmOptions("/dev/ttyACM0", "mine", "/dev/ttyACM1")
    assert (asked.where, asked.leader_where, asked.is_twin) == ("/dev/ttyACM0", "/dev/ttyACM1", False)
