"""Jogging: targets that never jump, never leave the range, and come back the way they went."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import START
from armchair_robot.teleoperators.jog import AXES, FASTEST_DEG_S, JOINTS, MODES, SPEEDS, TIP, Jogger

DT_S = 1 / 30
FREE = np.array([0, -30, 40, 50, 0, 30.0])  # far from every edge
ANY_POSE = st.builds(
    lambda share: kinematics.ACTION_LOW + share * (kinematics.ACTION_HIGH - kinematics.ACTION_LOW),
    arrays(np.float32, 6, elements=st.floats(0, 1, width=32)),
)
WISHES = st.lists(
    st.tuples(
        arrays(np.float64, 6, elements=st.sampled_from([-1.0, 0.0, 0.3, 1.0])),
        st.sampled_from(MODES),
        st.integers(0, len(SPEEDS) - 1),
        st.sampled_from([0.005, DT_S, 0.1, 3.0]),
    ),
    max_size=40,
)


def wish(**rates: float) -> np.ndarray:
    return np.array([rates.get(axis, 0.0) for axis in AXES])


def pose(jogger: Jogger) -> kinematics.Pose:
    return kinematics.forward_kinematics(kinematics.units_to_rad(jogger.targets))


def hold(jogger: Jogger, seconds: float, **rates: float) -> set[str]:
    notes = set()
    for _ in range(round(seconds / DT_S)):
        jogger.move(wish(**rates), DT_S)
        notes.add(jogger.note)
    return notes


@settings(deadline=None, max_examples=60)
@given(ANY_POSE, WISHES)
def test_whatever_is_wished_targets_neither_jump_nor_leave_the_range(start, wishes):
    jogger = Jogger(start)
    before = jogger.targets
    assert np.abs(before - start).max() < 0.1
    for rates, mode, speed, dt_s in wishes:
        jogger.mode, jogger.speed = mode, speed
        after = jogger.move(rates, dt_s)
        assert np.isfinite(after).all()
        assert (after >= kinematics.ACTION_LOW).all() and (after <= kinematics.ACTION_HIGH).all()
        most = max(FASTEST_DEG_S, SPEEDS[speed].gripper_s) * min(dt_s, 0.1)
        assert np.abs(after - before).max() <= most + 0.01
        before = after


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(AXES), st.sampled_from([-1, 1]), st.sampled_from(MODES), st.integers(1, 8))
def test_there_and_back_again(axis, sign, mode, periods):
    jogger = Jogger(FREE)
    jogger.mode = mode
    home = jogger.targets
    for _ in range(periods):
        jogger.move(wish(**{axis: sign}), DT_S)
    assert np.abs(jogger.targets - home).max() > 0.3
    assert jogger.note == ""
    for _ in range(periods):
        jogger.move(wish(**{axis: -sign}), DT_S)
    np.testing.assert_allclose(jogger.targets, home, atol=1e-3)


@pytest.mark.parametrize(
    ("axis", "coordinate", "meant"),
    [
        ("forward", "x", 0.08), ("left", "y", 0.08), ("up", "z", 0.08),
        ("tilt", "pitch", np.radians(50)), ("turn", "roll", np.radians(50)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("fps", [30, 100])
def test_a_second_of_a_wish_is_as_far_as_its_speed_says(axis, coordinate, meant, fps):
    jogger = Jogger(FREE)
    before = pose(jogger)
    for _ in range(fps // 2):
        jogger.move(wish(**{axis: 1}), 1 / fps)
    after = pose(jogger)
    for name in ("x", "y", "z", "pitch", "roll"):
        moved = getattr(after, name) - getattr(before, name)
        assert moved == pytest.approx(meant / 2 if name == coordinate else 0, abs=1e-4)


@pytest.mark.parametrize(
    ("axis", "joint", "sign"),
    [("forward", 1, 1), ("left", 0, -1), ("up", 2, -1), ("tilt", 3, 1), ("turn", 4, 1), ("gripper", 5, 1)],
)
def test_single_joints(axis, joint, sign):
    jogger = Jogger(np.zeros(6))
    jogger.mode = JOINTS
    before = jogger.targets
    hold(jogger, 0.2, **{axis: 1})
    moved = jogger.targets - before
    assert moved[joint] * sign > 5
    assert np.count_nonzero(np.abs(moved) > 0.01) == 1


def test_a_joint_stops_at_its_end_and_says_so():
    jogger = Jogger(START)
    jogger.mode = JOINTS
    assert "wrist_flex is at its end" in hold(jogger, 1, tilt=1)
    assert jogger.targets[3] == pytest.approx(kinematics.ACTION_HIGH[3], abs=0.1)


def test_the_hand_tilts_to_reach_on_then_stops_and_comes_back():
    jogger = Jogger(START)
    assert "tilting the hand to reach on" in hold(jogger, 20, forward=1)
    far = pose(jogger)
    assert far.x > 0.4
    assert far.z == pytest.approx(pose(Jogger(START)).z, abs=1e-3)
    assert hold(jogger, 1, forward=1) == {"at the edge of reach"}
    assert pose(jogger) == far
    hold(jogger, 1, forward=-1)
    assert pose(jogger).x < far.x - 0.06


def test_it_slides_along_the_edge():
    jogger = Jogger(np.array([0, 47, -68, 20, 0, 10.0]))  # nearly stretched, forward
    hold(jogger, 3, forward=1)
    edge = pose(jogger)
    assert "sliding along the edge of reach" in hold(jogger, 2, left=1)
    assert pose(jogger).y > edge.y + 0.05


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(AXES[:3]), st.sampled_from([-1.0, 1.0])), max_size=4))
def test_it_is_never_stuck(ways):
    """From wherever jogging leads, some key leads on."""
    jogger = Jogger(START)
    for axis, sign in ways:
        for _ in range(20):
            jogger.move(wish(**{axis: sign}), 0.1)
    here = jogger.targets
    for axis in AXES[:4]:
        for sign in (-1, 1):
            jogger.begin_at(here)
            hold(jogger, 0.3, **{axis: sign})
            if np.abs(jogger.targets - here).max() > 1:
                return
    pytest.fail(f"nothing moves it from {here}")


def test_a_pose_with_the_elbow_down_is_left_joint_by_joint():
    jogger = Jogger(np.array([0, 0, -90, 0, 0, 0.0]))
    before = jogger.targets
    assert hold(jogger, 0.3, forward=1) == {"no straight way from this pose: move single joints first"}
    np.testing.assert_array_equal(jogger.targets, before)
    jogger.mode = JOINTS
    hold(jogger, 1, up=-1)
    jogger.mode = TIP
    assert hold(jogger, 0.3, forward=-1) == {""}


def test_targets_do_not_run_away_from_an_arm_that_is_blocked():
    jogger = Jogger(START)
    for _ in range(100):
        jogger.move(wish(forward=1, gripper=1), DT_S, here=START)
    assert jogger.note == "the arm does not follow: something is in its way"
    assert 15 < np.abs(jogger.targets - START).max() <= 31
    assert jogger.targets[5] - START[5] <= 31
    jogger.move(wish(forward=-1), DT_S, here=START)
    assert jogger.note == "", "the way back is free"


@pytest.mark.parametrize("mode", MODES)
def test_wishes_that_are_no_numbers_or_too_large_do_no_harm(mode):
    jogger, other = Jogger(START), Jogger(START)
    jogger.mode = other.mode = mode
    jogger.move(np.array([np.nan, np.inf, 0, 0, 0, 0]), DT_S)
    np.testing.assert_array_equal(jogger.targets, other.move(wish(left=1), DT_S))


def test_targets_are_approached_together():
    jogger, goal = Jogger(START), np.array([20, -30, 40, 60, 10, 50.0])
    first = jogger.towards(goal, DT_S)
    ratio = (first - START)[:5] / (goal - START)[:5]
    np.testing.assert_allclose(ratio, ratio[0], rtol=0.02)
    for _ in range(60):
        jogger.towards(goal, DT_S)
    np.testing.assert_allclose(jogger.targets, goal, atol=0.02)
