"""Nothing impossible gets past the guard, and nothing sudden gets past it by the clock."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.hull import lowest_m
from armchair_core.so101.kinematics import START
from armchair_robot.safety.guard import Guard
from armchair_robot.safety.limits import Limits

LIMITS = Limits()
NO_TABLE = replace(LIMITS, table_m=None)
RATES_HZ = (30, 60, 100)
anything = arrays(np.float32, 6, elements=st.floats(width=32, allow_nan=False, allow_infinity=False))
poses = arrays(np.float32, 6, elements=st.floats(0, 1, width=32)).map(
    lambda share: kinematics.ACTION_LOW + share * (kinematics.ACTION_HIGH - kinematics.ACTION_LOW)
)


def off_the_base(units: np.ndarray) -> np.ndarray:
    """The same with an arm that reaches out so far that its hand cannot meet the base, on no way between two."""
    share = (units[1:4] - kinematics.ACTION_LOW[1:4]) / (kinematics.ACTION_HIGH - kinematics.ACTION_LOW)[1:4]
    reach = np.array([20, -60, -20], np.float32) + share * np.array([60, 40, 40], np.float32)
    return np.concatenate([units[:1], reach, units[4:]]).astype(np.float32)


def pose(**joints: float) -> np.ndarray:
    return np.array([joints.get(name, place) for name, place in zip(kinematics.JOINTS, START, strict=True)], np.float32)


def drive(guard: Guard, actions, present: np.ndarray = START, hz: float = 30) -> np.ndarray:
    """The goals sent, [n, 6], for actions that are asked for at a rate."""
    return np.array([guard.follow(action, number / hz, present) for number, action in enumerate(actions)])


# --- the fast door ------------------------------------------------------------------------------------------------
@settings(deadline=None)
@given(anything)
def test_everything_finite_comes_out_within_limits(action):
    safe = Guard().check(action)
    assert (safe >= kinematics.ACTION_LOW).all()
    assert (safe <= kinematics.ACTION_HIGH).all()
    inside = (action >= kinematics.ACTION_LOW) & (action <= kinematics.ACTION_HIGH)
    np.testing.assert_array_equal(safe[inside], action[inside])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite_is_refused_by_joint(bad):
    action = np.zeros(6)
    action[3] = bad
    with pytest.raises(ArmchairError, match="not finite at wrist_flex"):
        Guard().check(action)
    with pytest.raises(ArmchairError, match="not finite at wrist_flex"):
        Guard().follow(action, 0.0, START)


@pytest.mark.parametrize("action", [np.zeros(5), np.zeros((1, 6)), 0.0])
def test_other_shapes_are_refused(action):
    with pytest.raises(ArmchairError, match="6 numbers"):
        Guard().check(action)


def test_counts_what_it_clamped():
    guard = Guard()
    guard.check(np.full(6, 10.0))
    guard.check(np.full(6, 1000.0))
    assert guard.clamped_ticks == 1


# --- by the clock -------------------------------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(st.lists(anything, min_size=2, max_size=12), poses, st.sampled_from(RATES_HZ))
def test_whatever_is_asked_for_the_arm_is_in_range_not_too_fast_and_above_the_table(actions, present, hz):
    goals = drive(Guard(), actions, present, hz)
    assert (goals >= kinematics.ACTION_LOW).all()
    assert (goals <= kinematics.ACTION_HIGH).all()
    assert np.abs(np.diff(goals, axis=0)).max() <= LIMITS.speed_deg_s / hz + 1e-3
    floor_m = min(LIMITS.table_m, lowest_m(goals[0]))
    assert min(map(lowest_m, goals)) >= floor_m - 0.003


@settings(max_examples=60, deadline=None)
@given(st.lists(poses.map(off_the_base), min_size=2, max_size=12), poses.map(off_the_base), st.sampled_from(RATES_HZ))
def test_between_hands_and_stops_the_acceleration_is_bounded(actions, present, hz):
    goals = drive(Guard(NO_TABLE), actions, present, hz).astype(float)
    changes = np.diff(goals, 2, axis=0, prepend=[goals[0]]) * hz**2
    assert np.abs(changes).max() <= LIMITS.acceleration_deg_s2 + 0.5 * hz


@settings(max_examples=15, deadline=None)
@given(poses.map(off_the_base), poses.map(off_the_base), st.sampled_from(RATES_HZ[:2]))
def test_it_arrives_exactly_where_it_is_told_to_be_without_going_beyond(wanted, present, hz):
    goals = drive(Guard(NO_TABLE), [wanted] * (7 * hz), present, hz)
    np.testing.assert_array_equal(goals[-1], wanted)
    low, high = np.minimum(wanted, goals[0]), np.maximum(wanted, goals[0])
    assert (goals >= low - 1e-3).all()
    assert (goals <= high + 1e-3).all()


def test_a_hand_that_is_far_away_is_approached_slowly_and_then_followed_exactly():
    near, far = pose(), pose(shoulder_pan=80)
    guard = Guard()
    goals = drive(guard, [far] * 60)
    np.testing.assert_array_equal(goals[0], near)  # no jump at the switch
    assert np.abs(np.diff(goals[:30, 0])).max() <= LIMITS.approach_deg_s / 30 + 1e-3
    assert guard.caught_up
    assert np.abs(np.diff(goals, axis=0)).max() > 2 * LIMITS.approach_deg_s / 30  # the last 15 degrees
    swing = [pose(shoulder_pan=80 - 20 * np.sin(number / 10)) for number in range(60)]
    sent = np.array([guard.follow(action, 2 + number / 30, near) for number, action in enumerate(swing)])
    np.testing.assert_array_equal(sent, swing)


def test_a_hand_nearby_is_followed_from_the_first_moment():
    actions = [pose(shoulder_pan=3 * np.sin(number / 10)) for number in range(60)]
    np.testing.assert_array_equal(drive(Guard(), actions)[1:], actions[1:])


@pytest.mark.parametrize("limits", [LIMITS, replace(LIMITS, acceleration_deg_s2=800.0, speed_deg_s=90.0)])
def test_the_rate_of_the_loop_changes_nothing(limits):
    far = pose(shoulder_pan=60, elbow_flex=-20, gripper=80)

    def place(hz: int, at_s: float) -> np.ndarray:
        guard = Guard(limits)
        return drive(guard, [far] * (round(at_s * hz) + 1), hz=hz)[-1]

    for at_s in (0.3, 0.6, 0.9, 1.2):
        places = [place(hz, at_s) for hz in RATES_HZ]
        tick = limits.speed_deg_s / 30
        assert np.abs(places[0] - places[2]).max() <= tick
        assert np.abs(places[1] - places[2]).max() <= tick / 2


def test_a_late_loop_does_not_leap():
    guard = Guard()
    drive(guard, [pose()] * 10)
    goal = guard.follow(pose(shoulder_pan=90), 9 / 30 + 0.25, START)
    assert goal[0] <= 0.1 * LIMITS.speed_deg_s


def test_a_hand_that_was_silent_is_approached_anew_from_where_the_arm_was_told_to_be():
    guard = Guard()
    drive(guard, [pose(shoulder_pan=5)] * 30)
    assert guard.caught_up
    sagged = pose(shoulder_pan=3)
    far = pose(shoulder_pan=100)
    back_s = 1 + LIMITS.hand_silence_s
    assert guard.follow(far, back_s, sagged)[0] == 5
    assert not guard.caught_up
    assert guard.follow(far, back_s + 0.05, sagged)[0] <= 5 + 0.05 * LIMITS.approach_deg_s


def test_it_stays_when_it_is_told_so():
    guard = Guard()
    np.testing.assert_array_equal(guard.stay(pose(gripper=40)), pose(gripper=40))
    drive(guard, [pose(gripper=45)] * 30)
    np.testing.assert_array_equal(guard.stay(pose()), pose(gripper=45))


# --- the table ----------------------------------------------------------------------------------------------------
DEEP = pose(shoulder_lift=60, elbow_flex=0, wrist_flex=30)


def test_the_arm_slides_along_the_table_instead_of_sticking_to_it():
    assert lowest_m(DEEP) < -0.05
    guard = Guard()
    drive(guard, [DEEP] * 150)
    deep = guard.goal
    assert lowest_m(deep) == pytest.approx(0, abs=0.002)
    sideways = DEEP + np.array([30, 0, 0, 0, 0, 0], np.float32)
    goals = np.array([guard.follow(sideways, 5 + number / 30, START) for number in range(60)])
    assert goals[-1][0] == sideways[0]
    assert min(map(lowest_m, goals)) > -0.002
    up = np.array([guard.follow(START, 7 + number / 30, START) for number in range(90)])
    np.testing.assert_array_equal(up[-1], START.astype(np.float32))


def test_the_table_can_be_switched_off():
    guard = Guard(NO_TABLE)
    goals = drive(guard, [DEEP] * 150)
    np.testing.assert_array_equal(goals[-1], DEEP)


def test_an_arm_below_the_table_is_not_lifted_but_goes_no_deeper():
    guard = Guard()
    below = pose(shoulder_lift=40, elbow_flex=0, wrist_flex=40)
    depth_m = lowest_m(below)
    assert depth_m < -0.02
    goals = drive(guard, [DEEP] * 60, present=below)
    np.testing.assert_array_equal(goals[0], below)
    assert min(map(lowest_m, goals)) > depth_m - 0.001
    np.testing.assert_array_equal(drive(Guard(), [below] * 60, present=below)[-1], below)


def test_the_expert_is_not_slowed_down():
    from armchair_sim.expert.expert import Expert
    from armchair_sim.scene.world import FPS, World
    from armchair_sim.tasks import get_task

    world = World(get_task("lift"))
    expert = Expert(world)

    def ticks(seed: int, limits: Limits | None) -> int:
        guard = Guard(limits)
        world.reset(seed)
        expert.reset()
        guard.stay(world.state)
        for tick in range(8 * FPS):
            action = expert.act()
            world.step(action if limits is None else guard.follow(action, tick / FPS, world.state))
            if world.success:
                return tick
        return 10_000

    assert sum(ticks(seed, LIMITS) for seed in range(4)) <= sum(ticks(seed, None) for seed in range(4)) + 12


@pytest.mark.parametrize(
    ("pan_deg", "says"),
    [(0.0, ""), (300.0, "shoulder_pan is at the end of its range"), (80.0, "coming slowly to where the hand is")],
)
def test_it_says_why_the_arm_does_not_do_what_the_hand_wants(pan_deg, says):
    guard, start = Guard(), np.asarray(START, np.float32)
    wanted = start + np.array([pan_deg, 0, 0, 0, 0, 0], np.float32)
    for period in range(4):
        guard.follow(wanted, 1 + period / 30, start)
    assert guard.why == says
