"""Keys to targets: what is held moves, silence stops. The terminal has tests of its own."""

import json
import time

import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import START
from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.devices import last_observation
from armchair_robot.devices.armchair_so101 import ArmchairSO101
from armchair_robot.devices.arms import let_go
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config
from armchair_robot.loop.real_time import run_loop
from armchair_robot.teleoperators.config_people import ArmchairKeyboardConfig
from armchair_robot.teleoperators.jog import AXES
from armchair_robot.teleoperators.keyboard import HELP, HOLD_S, KEYS, ArmchairKeyboard
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.servos.encoder import calibration

LEROBOTS_AND_OURS = set("nrq ft")  # keys that recording and running listen to


@pytest.fixture
def hand(tmp_path):
    last_observation.forget()
    yield ArmchairKeyboard(ArmchairKeyboardConfig(calibration_dir=tmp_path))
    last_observation.forget()


def axis(hand: ArmchairKeyboard, name: str, now_s: float) -> float:
    return hand.rates(now_s)[AXES.index(name)]


def test_a_key_moves_for_a_moment_and_repeats_go_on(hand):
    assert hand.press("i", 10.0)
    assert axis(hand, "forward", 10.0) == 1
    assert axis(hand, "forward", 10.0 + HOLD_S * 1.01) == 0
    for at_s in np.arange(20, 21, 0.04):
        hand.press("i", at_s)
        assert axis(hand, "forward", at_s) == 1


def test_the_last_of_two_opposite_keys_counts_and_different_ones_add_up(hand):
    for key in "iklw":
        hand.press(key, 10.0)
    np.testing.assert_array_equal(hand.rates(10.1), [-1, -1, 1, 0, 0, 0])


def test_speed_mode_and_capitals(hand):
    assert hand.status == "moving the tip · normal"
    for key in "3M":
        assert hand.press(key, 0.0)
    assert hand.status == "moving single joints · fast"
    hand.press("W", 0.0)
    assert axis(hand, "up", 0.1) == 1


def test_keys_of_others_are_left_to_them(hand):
    assert not [key for key in LEROBOTS_AND_OURS if hand.press(key, 0.0)]
    assert {axis for axis, _ in KEYS.values()} == set(AXES)
    assert all(f" {key} " in HELP for key in KEYS)


def test_it_begins_where_the_follower_is_or_not_at_all_and_holds_when_nothing_is_pressed(hand, monkeypatch):
    monkeypatch.setattr(hand, "_open", lambda: None)
    monkeypatch.setattr(hand, "_close", lambda: None)
    hand.connect()
    here = np.array([10, -40, 40, 60, 5, 30.0])
    last_observation.post(dict(zip(kinematics.FEATURE_NAMES, here, strict=True)))
    for _ in range(3):
        action = hand.get_action()
    assert tuple(action) == kinematics.FEATURE_NAMES == tuple(hand.action_features)
    np.testing.assert_allclose(list(action.values()), here, atol=0.01)
    hand.disconnect()
    last_observation.forget()
    hand.connect()
    with pytest.raises(ArmchairError, match=r"use --robot\.type=armchair_so101"):
        hand.get_action()
    hand.disconnect()
    hand.disconnect()


def test_after_a_long_pause_nothing_is_made_up_for(hand):
    hand.begin_at(START)
    hand.press("w", 100.0)
    hand._targets(100.0)
    hand.press("w", 160.0)
    before = hand._targets(160.0 - 59.9)
    after = hand._targets(160.0)
    assert 0 < np.abs(after - before).max() < 15


@pytest.fixture
def follower(tmp_path):
    """A stock driver whose servos are objects in this process; they go nowhere, but remember where they shall."""
    (tmp_path / "twin.json").write_text(json.dumps(calibration()))
    bus = Bus(Bench("reach", 0, "still", 8.0, {}).follower.memories)
    robot = ArmchairSO101(ArmchairSO101Config(port="in this process", id="twin", calibration_dir=tmp_path))
    use_transport(robot.bus, lambda: FeedTransport(lambda data: b"".join(reply.data for reply in bus.feed(data))))
    robot.connect()
    yield robot
    let_go(robot)


@pytest.mark.usefixtures("steady_driver")
def test_a_held_key_moves_the_follower_and_let_go_of_it_holds(hand, follower, monkeypatch):
    monkeypatch.setattr(hand, "_open", lambda: None)
    monkeypatch.setattr(hand, "_close", lambda: None)
    hand.connect()
    sent = []

    def listen(moment) -> bool:
        if len(sent) < 20:
            hand.press("w", time.perf_counter())
        sent.append(moment.sent)
        return len(sent) < 60

    run_loop(follower, hand, 60, listen)
    hand.disconnect()
    assert np.abs(sent[0] - START).max() < 20, "it begins where the arm is"
    assert np.abs(sent[20] - sent[0]).max() > 1
    np.testing.assert_array_equal(sent[-1], sent[-10])
