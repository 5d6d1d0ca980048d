"""The gamepad hand, on a pad that SDL itself makes up."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import START
from armchair_robot.teleoperators.config_people import ArmchairGamepadConfig
from armchair_robot.teleoperators.gamepad import _BUTTONS, _STICKS, DEAD_ZONE, ArmchairGamepad, rates_of
from armchair_robot.teleoperators.jog import AXES


@pytest.fixture
def hand(tmp_path):
    hand = ArmchairGamepad(ArmchairGamepadConfig(calibration_dir=tmp_path))
    yield hand
    hand.disconnect()


@pytest.fixture
def pad(plug_in, hand):
    """A pad at rest, and the hand connected to it."""
    from armchair_robot.teleoperators.gamepad import _sdl

    _sdl()
    pad = plug_in()
    hand.connect()
    hand.begin_at(START)
    hand._targets(0.0)
    return pad


def moved(hand: ArmchairGamepad, begin_s: float) -> np.ndarray:
    """What a second of the present sticks does to the targets."""
    hand.begin_at(START)
    before = hand.jogger.targets
    for at_s in np.arange(begin_s, begin_s + 0.5, 0.05):
        hand._moved_s = at_s - 0.05
        after = hand._targets(at_s)
    return after - before


def test_nothing_moves_unless_the_shoulder_button_is_held(hand, pad):
    pad.set(LEFTY=-1.0, TRIGGERLEFT=1.0)
    assert not moved(hand, 1.0).any()
    assert "hold L1 to move" in hand.status
    pad.set("LEFTSHOULDER", LEFTY=-1.0, TRIGGERLEFT=1.0)
    assert np.abs(moved(hand, 2.0)).max() > 5
    assert hand.status == "moving the tip · normal"
    pad.set("LEFTSHOULDER")
    assert not moved(hand, 3.0).any(), "triggers at rest do not move the gripper"


def test_buttons_change_speed_and_mode_once_a_press(hand, pad):
    for pressed in (["Y"], ["Y"], [], ["X"], ["X"]):
        pad.set(*pressed)
        hand._targets(1.0)
    assert hand.status.startswith("moving single joints · fast")
    for pressed in (["A"], [], ["A"], [], ["A"]):
        pad.set(*pressed)
        hand._targets(2.0)
    assert hand.status.startswith("moving single joints · slow")


def test_an_unplugged_pad_holds_and_one_that_comes_back_goes_on(hand, pad, plug_in):
    pad.set("LEFTSHOULDER", LEFTY=-1.0)
    assert moved(hand, 1.0).any()
    pad.unplug()
    assert not moved(hand, 2.0).any()
    assert "plug it in again" in hand.status
    plug_in().set("LEFTSHOULDER", LEFTY=-1.0)
    hand._targets(3.0)
    assert moved(hand, 4.0).any()


def test_no_pad_at_all(sdl, hand):
    with pytest.raises(ArmchairError, match="no gamepad is plugged in"):
        hand.connect()
    assert not hand.is_connected


def test_no_pygame(hand, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(ArmchairError, match=r"a gamepad needs pygame: type `.* install .*armchair\[gamepad\]'`"):
        hand.connect()


@pytest.mark.parametrize(
    ("axis", "moves", "sign"),
    [
        ("LEFTY", "forward", -1), ("LEFTX", "left", -1), ("RIGHTY", "up", -1), ("RIGHTX", "turn", -1),
        ("TRIGGERLEFT", "gripper", 1), ("TRIGGERRIGHT", "gripper", -1),
    ],
)  # fmt: skip
def test_sticks(axis, moves, sign):
    rates = rates_of(
        {**dict.fromkeys(_STICKS, 0.0), axis: 1.0}, {**dict.fromkeys(_BUTTONS, False), "LEFTSHOULDER": True}
    )
    assert dict(zip(AXES, rates, strict=True)) == {**dict.fromkeys(AXES, 0.0), moves: sign}


@given(st.floats(-1, 1))
def test_a_worn_stick_rests(value):
    up = rates_of({**dict.fromkeys(_STICKS, 0.0), "RIGHTY": value}, dict.fromkeys(_BUTTONS, True))[AXES.index("up")]
    assert abs(up) <= 1
    assert (up == 0) == (abs(value) <= DEAD_ZONE) or abs(abs(value) - DEAD_ZONE) < 1e-6
    assert up * value <= 0
