"""One joint's sweep, as numbers."""

import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_robot.calibration.ranges import expected_deg
from armchair_robot.calibration.sweep import Sweep


def swept(joint: str, middle: int, low: int, high: int) -> Sweep:
    """A joint that stood at encoder tick `middle`, then went `low` below and `high` above, leaning on each stop."""
    sweep = Sweep(joint, middle)
    way = np.concatenate([np.arange(0, -low, -37), [-low] * 3, np.arange(-low, high, 37), [high] * 3])
    for place in way:
        sweep.see(int(middle + place) % kinematics.TICKS_PER_TURN)
    return sweep


@pytest.mark.parametrize("middle", [2047, 1500, 300, 4000])
def test_a_range_is_what_was_swept_wherever_the_encoder_begins(middle):
    sweep = swept("elbow_flex", middle, 1100, 1090)
    entry = sweep.calibration()
    assert (entry.id, entry.drive_mode) == (3, 0)
    assert (middle - entry.homing_offset) % 4096 == 2047, "the middle pose reads 2047"
    assert (entry.range_min, entry.range_max) == (2047 - 1100, 2047 + 1090)
    assert sweep.verdict().good and not sweep.wraps


def test_a_middle_far_from_the_middle_is_centred_anew():
    sweep = swept("shoulder_pan", 2100, 2300, 150)
    assert sweep.wraps and sweep.verdict().words.startswith("centred anew")
    entry = sweep.calibration()
    assert 0 <= entry.range_min < entry.range_max <= 4095
    assert entry.range_max - entry.range_min == 2450
    assert (entry.range_min + entry.range_max) / 2 == pytest.approx(2047, abs=1)
    lowest = (2100 - 2300) % 4096
    assert (lowest - entry.homing_offset) % 4096 == entry.range_min


@pytest.mark.parametrize(("middle", "offset", "home"), [(0, -2047, 2047), (4094, 2047, 2047), (4095, 2047, 2048)])
def test_an_offset_never_leaves_its_register(middle, offset, home):
    """LeRobot would ask the register for 2048 and fail: TheRobotStudio/SO-ARM100 issue 116."""
    entry = swept("gripper", middle, 600, 600).calibration()
    assert (entry.homing_offset, entry.range_min, entry.range_max) == (offset, home - 600, home + 600)


@pytest.mark.parametrize(
    ("low", "high", "says", "doubtful"),
    [
        (30, 20, "not moved yet", False),
        (500, 300, "too small", True),
        (840, 830, "too small", True),  # three quarters of it
        (1600, 1550, "too large", True),
        (2100, 2100, "more than once round", False),
    ],
)
def test_what_cannot_be_right_is_said(low, high, says, doubtful):
    verdict = swept("elbow_flex", 2047, low, high).verdict()
    assert not verdict.good and says in verdict.words and verdict.doubtful is doubtful


def test_the_roll_has_its_whole_turn():
    entry = swept("wrist_roll", 1000, 0, 0).calibration()
    assert (entry.homing_offset, entry.range_min, entry.range_max) == (1000 - 2047, 0, 4095)
    assert swept("wrist_roll", 1000, 0, 0).verdict().good


def test_one_wrong_reading_does_not_make_a_range():
    sweep = swept("wrist_flex", 2047, 1080, 1080)
    before = sweep.calibration()
    for ticks in (2047, 3500, 2047, 2048):
        sweep.see(ticks)
    assert sweep.calibration() == before


def test_a_joint_is_done_again_from_where_it_is():
    sweep = swept("gripper", 2047, 900, 900)
    sweep.redo()
    assert not sweep.verdict().good
    assert sweep.low == sweep.high == sweep.place == 900


@pytest.mark.parametrize("joint", kinematics.JOINTS)
def test_expected_ranges_are_the_arms(joint):
    """Against the table of ticks, which was written down by itself."""
    servo = kinematics.JOINTS.index(joint)
    if joint != "wrist_roll":
        ticks = kinematics.RANGE_MAX_TICKS[servo] - kinematics.RANGE_MIN_TICKS[servo]
        assert expected_deg(joint) == pytest.approx(ticks * 360 / 4095, abs=0.5)
    assert 90 < expected_deg(joint) < 360
