"""What the hand makes of wishes, and that STOP outlasts them. No arm."""

import time

import numpy as np
import pytest

from armchair.web.arm.state_slot import PageStateSlot
from armchair.web.arm.teleoperator import PageTeleoperator
from armchair_core.so101.kinematics import FEATURE_NAMES, START
from armchair_robot.devices import last_observation
from armchair_robot.teleoperators.network.driver import DEADMAN_S, Hold, Jog

LEFT = Jog(type="jog", rates=[0, 1, 0, 0, 0, 0], mode="joints", speed="fast")


@pytest.fixture
def hand(tmp_path, monkeypatch):
    last_observation.forget()
    hand = PageTeleoperator(lambda: None)
    hand.connect()
    hand.begin_at(START)
    yield hand
    hand.disconnect()


def targets(hand) -> np.ndarray:
    time.sleep(0.02)
    found = hand.get_action()
    hand.send_feedback(found)
    return np.array(list(found.values()))


def test_a_wish_moves_it_and_an_old_one_does_not(hand):
    targets(hand)
    hand.hear(LEFT, time.perf_counter())
    moved = targets(hand)
    assert abs(moved - START)[0] > 0.5
    hand.hear(LEFT, time.perf_counter() - DEADMAN_S - 0.1)
    held = targets(hand)
    np.testing.assert_array_equal(targets(hand), held)


def test_stop_outlasts_wishes_until_go(hand):
    hand.hear(LEFT, time.perf_counter())
    targets(hand)
    hand.stop()
    held = targets(hand)
    for _ in range(3):
        hand.hear(LEFT, time.perf_counter())
        np.testing.assert_allclose(targets(hand), held, atol=0.01)
    hand.go()
    np.testing.assert_allclose(targets(hand), held, atol=0.01)
    hand.hear(LEFT, time.perf_counter())
    assert abs(targets(hand) - held)[0] > 0.5


def test_stop_before_anything_was_told(hand):
    hand.stop()
    np.testing.assert_allclose(targets(hand), START, atol=0.1)
    assert list(hand.action_features) == list(FEATURE_NAMES)


def test_news_win_by_being_new(tmp_path):
    slot = PageStateSlot.create(tmp_path / "news")
    reader = PageStateSlot.open(tmp_path / "news")
    assert reader.read() is None
    for number in range(5):
        slot.write({"number": number, "words": "ä" * number})
    assert reader.read() == {"number": 4, "words": "ääää"} and reader.counter == 5


def test_a_twins_arm_gets_ready_until_somebody_asks_for_anything():
    last_observation.forget()
    ready = START + np.array([0, 10, 0, 0, 0, 0])
    for stir in (lambda hand: hand.hear(LEFT, time.perf_counter()), lambda hand: hand.stop()):
        hand = PageTeleoperator(lambda: None, ready)
        hand.connect()
        hand.begin_at(START)
        first, second = targets(hand)[1], targets(hand)[1]
        assert START[1] < first < second < ready[1]
        hand.hear(Hold(type="hold"), time.perf_counter())  # a page that has the wheel says so all the time
        third = targets(hand)
        assert third[1] > second
        stir(hand)
        np.testing.assert_allclose([targets(hand)[1], targets(hand)[1]], third[1], atol=0.1)
        hand.disconnect()


def test_a_leaders_hand_may_go_down_to_the_table_and_a_page_stays_above(hand):
    assert hand.spare_m > 0.004
    hand.follow(object())
    assert hand.spare_m == 0
