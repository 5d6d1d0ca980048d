"""Keys and mouse, as a terminal sends them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import START
from armchair_sim.twin.leader_input.keyboard import KeyboardInput


def pose(keyboard: KeyboardInput) -> kinematics.Pose:
    return kinematics.forward_kinematics(kinematics.units_to_rad(keyboard.act()))


@pytest.fixture
def keyboard():
    return KeyboardInput(80, 24)


def test_begins_where_episodes_start(keyboard):
    np.testing.assert_allclose(keyboard.act(), START, atol=0.1)


@pytest.mark.parametrize(
    ("typed", "coordinate", "sign"),
    [
        (b"\x1b[A", "x", 1), (b"\x1b[B", "x", -1), (b"\x1b[D", "y", 1), (b"\x1b[C", "y", -1), (b"w", "z", 1),
        (b"s", "z", -1), (b"a", "roll", 1), (b"d", "roll", -1), (b"q", "pitch", 1), (b"e", "pitch", -1),
        (b"\x1b[<64;10;10M", "z", 1), (b"\x1b[<65;10;10M", "z", -1),
    ],
)  # fmt: skip
def test_each_key_moves_one_way(keyboard, typed, coordinate, sign):
    before = pose(keyboard)
    keyboard.type(typed)
    after = pose(keyboard)
    for name in ("x", "y", "z", "pitch", "roll"):
        moved = getattr(after, name) - getattr(before, name)
        assert moved * sign > 0.005 if name == coordinate else abs(moved) < 0.002


def test_the_mouse_points_at_the_table(keyboard):
    keyboard.type(b"\x1b[<35;1;12M")
    left = pose(keyboard)
    keyboard.type(b"\x1b[<35;80;12M")
    right = pose(keyboard)
    assert left.y > 0.1 > -0.1 > right.y
    assert left.x == pytest.approx(right.x, abs=0.002)


@pytest.mark.parametrize("typed", [b" ", b"\x1b[<0;5;5M"])
def test_the_gripper_opens_and_shuts(keyboard, typed):
    keyboard.type(typed)
    assert keyboard.act()[5] == pytest.approx(60, abs=0.1)
    keyboard.type(typed)
    assert keyboard.act()[5] == pytest.approx(2, abs=0.1)


def test_what_cannot_be_reached_is_not_tried(keyboard):
    for _ in range(200):
        keyboard.type(b"\x1b[A")
    far = keyboard.act()
    keyboard.type(b"\x1b[A" * 10)
    np.testing.assert_array_equal(keyboard.act(), far)
    keyboard.reset()
    np.testing.assert_allclose(keyboard.act(), START, atol=0.1)


@given(st.binary(max_size=200))
def test_any_bytes_leave_a_pose_that_the_arm_can_take(data):
    keyboard = KeyboardInput(80, 24)
    keyboard.type(data)
    assert np.isfinite(keyboard.act()).all()
