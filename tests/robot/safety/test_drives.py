"""Whatever is held, wherever the arm stands: it drives, does not press on the table, and keeps out of its own base.

Few drives; `benchmarks/guard_drives.py` makes ten thousand.
"""

import importlib
from dataclasses import replace

import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_core.so101.hull import hull_pose, lowest_m
from armchair_core.so101.kinematics import START
from armchair_robot.safety.guard import Guard
from armchair_robot.safety.limits import Limits
from armchair_robot.teleoperators.jog import JOINTS, TIP, Jogger

REST = np.array([4.0, -91.3, 82.9, 94.6, 6.3, 12.2])  # where an arm whose motors are off lies on its table
SHUT, OPEN = 2.0, 60.0
AXES = {"forward": 0, "left": 1, "up": 2, "tilt": 3, "turn": 4, "gripper": 5}


@pytest.fixture(scope="module")
def drives():
    """The module `guard_drives`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(__file__.rsplit("tests", 1)[0] + "benchmarks")
        yield importlib.import_module("guard_drives")


@pytest.fixture(scope="module")
def arm(drives):
    return drives.DrivenArm(fps=30)


def key(axis: str, sign: int) -> tuple[float, ...]:
    return tuple(float(sign) * (place == AXES[axis]) for place in range(6))


def at(place: np.ndarray, opening: float) -> np.ndarray:
    return np.append(place[:5], opening)


def check(drive, drives) -> None:
    assert drive.deepest_m <= drives.DEEPEST_M, drive
    assert drive.load <= drives.MOST_LOAD, drive
    assert drive.off_base_m > 0, drive


def test_poses_asked_for_at_once_from_anywhere_do_not_press_either(arm, drives):
    for seed in (0, 4, 96, 118, 133, 206):
        arm.place(drives.random_drive(seed)[0])
        drive = arm.leap(drives.random_leaps(seed), 0.7)
        assert drive.deepest_m < 0.001 and drive.load <= drives.MOST_LOAD and drive.off_base_m > 0, drive


def test_the_rest_pose_is_reached_though_it_lies_on_table_and_base(arm, drives):
    arm.place(START)
    drive = arm.leap(np.array([REST], np.float32), 4)
    assert drive.deepest_m < 0.001 and drive.pressing < 0.1, drive  # it lies there
    assert np.abs(arm.world.state - REST).max() < 2, arm.world.state


def test_two_joints_at_full_speed_stop_before_the_base(arm, drives):
    units, request, lasts_s = drives.random_drive(716)
    arm.place(units)
    check(drive := arm.drive(request, lasts_s), drives)
    assert drive.why == "at the arm's own base"


def test_random_drives_do_not_press_on_anything(arm, drives):
    for seed in range(12):
        units, request, lasts_s = drives.random_drive(seed)
        arm.place(units)
        check(arm.drive(request, min(lasts_s, 1.2)), drives)


def test_where_episodes_start_there_are_five_centimetres_to_spare():
    spread = np.array([15.0, 5, 5, 5, 10, 8])  # of the scenes
    rng = np.random.default_rng(0)
    assert min(lowest_m(START + rng.uniform(-spread, spread)) for _ in range(300)) > 0.05


@pytest.mark.parametrize(("axis", "sign"), [("forward", 1), ("up", -1), ("turn", 1)])
@pytest.mark.parametrize("opening", [SHUT, OPEN])
def test_a_key_that_is_held_from_the_rest_pose_moves_the_arm_off_the_table(arm, drives, axis, sign, opening):
    arm.place(at(REST, opening))
    check(arm.drive(drives.Request(key(axis, sign), TIP, 2), 1.5), drives)
    assert arm.hull().lowest()[1] > 0.001


def test_from_the_rest_pose_up_is_up(arm, drives):
    arm.place(REST)
    check(drive := arm.drive(drives.Request(key("up", 1), TIP, 1), 2.5), drives)
    assert arm.world.tip[2] > 0.08, drive


def test_forward_onto_the_table_and_along_it(arm, drives):
    """Down until it touches nothing, a hair above; then sideways, at full speed and as low."""
    arm.place(START)
    check(drive := arm.drive(drives.Request(key("up", -1), TIP, 2), 1.5), drives)
    assert drive.why == "at the table" and arm.hull().lowest()[1] < 0.012
    check(drive := arm.drive(drives.Request(key("left", 1), TIP, 2), 1.0), drives)
    assert drive.moved_m > 0.1 and arm.hull().lowest()[1] < 0.02


@pytest.mark.parametrize("axis", ["forward", "tilt"])
def test_a_fast_joint_waits_until_an_arm_that_lies_has_risen(arm, drives, axis):
    """At once, it would push the jaws into the table on their way past its deepest point, and stick."""
    arm.place(at(REST, SHUT))
    check(drive := arm.drive(drives.Request(key(axis, -1), JOINTS, 2), 1.5), drives)
    assert drive.deepest_m < 0.0003 and drive.load < 0.3 and drive.moved_m > 0.015


def test_the_way_to_where_there_is_room_does_not_lead_through_the_base(arm, drives):
    """Rising from where it lies, the hand is tight between table and base, and the nearest room is behind that."""
    arm.place(at(REST, SHUT))
    check(arm.drive(drives.Request(key("forward", 1), JOINTS, 1), 2.2), drives)


@pytest.mark.slow  # 10 s of arm each: some eight minutes
@pytest.mark.parametrize("opening", [SHUT, OPEN])
@pytest.mark.parametrize("place", [START, REST], ids=["start", "rest"])
@pytest.mark.parametrize("mode", [TIP, JOINTS])
def test_every_key_held_for_ten_seconds_at_every_speed(arm, drives, mode, place, opening):
    for speed in range(3):
        for axis in AXES:
            for sign in (1, -1):
                arm.place(at(place, opening))
                drive = arm.drive(drives.Request(key(axis, sign), mode, speed), 10)
                check(drive, drives)
                # The arm still drives: what was held is undone by the other key, or by up.
                moved = arm.drive(drives.Request(key("up", 1), TIP, 1), 1.5)
                back = arm.drive(drives.Request(key(axis, -sign), mode, 1), 1.5)
                assert max(moved.moved_m, back.moved_m) > 0.01 or axis in ("turn", "gripper", "tilt")


# --- the guard alone ----------------------------------------------------------------------------------------------
def follow(guard: Guard, actions, spare_m: float, begin_s: float = 0.0) -> np.ndarray:
    """The goals, [n,6], of an arm that is where it was told to be."""
    present, goals = np.asarray(actions[0], np.float32), []
    for number, action in enumerate(actions):
        present = guard.follow(action, begin_s + number / 30, present, spare_m)
        goals.append(present)
    return np.array(goals)


def test_turning_or_opening_near_the_table_lifts_the_hand_and_is_not_refused():
    jogger, guard = Jogger(START), Guard()
    jogger.speed = 2
    down = []
    for _ in range(90):
        down.append(jogger.move(np.array(key("up", -1)), 1 / 30))
        jogger.give_way(follow(guard, [down[-1]], 0.0, len(down) / 30)[-1])
    low = guard.goal
    turned = low + np.array([0, 0, 0, 0, 80, 60], np.float32)
    goals = follow(guard, [turned] * 90, 0.0, 4.0)
    assert goals[-1][4] == pytest.approx(turned[4], abs=0.1) and goals[-1][5] == pytest.approx(turned[5], abs=0.1)
    assert min(map(lowest_m, goals)) > -0.002


def test_the_table_may_be_lower_or_off_and_the_base_stays():
    deep = np.array([0, 60, 0, 30, 0, 10], np.float32)
    for table_m in (-0.03, None):
        goals = follow(Guard(replace(Limits(), table_m=table_m)), [START, *[deep] * 120], 0.0)
        low_m = lowest_m(goals[-1])
        assert low_m < -0.1 if table_m is None else -0.032 < low_m < -0.02
    inside = np.array([0, -50, 90, 95, 0, 10], np.float32)
    goals = follow(Guard(replace(Limits(), table_m=None)), [START, *[inside] * 120], 0.0)
    hulls = [kinematics.units_to_rad(goal) for goal in goals]
    assert min(hull_pose(angles).nearest_to_base()[1] for angles in hulls) > -0.0005
