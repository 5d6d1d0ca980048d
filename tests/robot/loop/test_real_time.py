"""The real-time loop, on stock LeRobot drivers whose servos are objects in this process."""

import time
from dataclasses import replace

import numpy as np
import pytest
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.hull import lowest_m
from armchair_core.so101.kinematics import START
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.loop.background_listener import BackgroundListener
from armchair_robot.loop.rate import LoopRate
from armchair_robot.loop.real_time import DeviceLostError, run_loop
from armchair_robot.safety.limits import Limits
from armchair_robot.safety.servo_health import ServoTroubleError
from armchair_robot.teleoperators.jog_teleoperator import JogTeleoperator

pytestmark = pytest.mark.usefixtures("steady_driver")
FREE = replace(Limits(), caught_up_deg=1000.0)  # no slow approach


class Hand(LoopTeleoperator):
    """A hand without a bus, as most have none; `act` makes the action of the number of the call."""

    intervening = False

    def __init__(self, act) -> None:
        self._act, self.calls = act, 0

    def get_action(self) -> dict[str, float]:
        self.calls += 1
        action = self._act(self.calls)
        return dict(zip(kinematics.FEATURE_NAMES, map(float, action), strict=True))


def run(robot, hand, periods: int, fps: int = 100, limits: Limits | None = None, **options) -> list:
    moments = []
    run_loop(robot, hand, fps, lambda moment: moments.append(moment) or len(moments) < periods, limits, **options)
    return moments


def standing(follower) -> np.ndarray:
    observation = follower.get_observation()
    return np.array([observation[name] for name in kinematics.FEATURE_NAMES], np.float32)


def goals(bus) -> np.ndarray:
    return kinematics.ticks_to_units(np.array([memory["Goal_Position"] for memory in bus.memories]))


def test_the_follower_is_told_where_the_leader_is(pair):
    follower, leader, bus, leader_bus = pair
    leader_bus.memories[1]["Present_Position"] = 1800
    moments = run(follower, leader, 30, limits=FREE)
    last = moments[-1]
    np.testing.assert_allclose(last.asked, [leader.get_action()[name] for name in kinematics.FEATURE_NAMES], atol=1e-4)
    np.testing.assert_array_equal(last.sent, last.asked)
    assert abs(bus.memories[1]["Goal_Position"] - 1800) <= 1
    assert np.median(np.diff([moment.observed_s for moment in moments])) == pytest.approx(0.01, abs=0.004)
    assert not last.intervention


def test_it_begins_where_the_arm_is_and_goes_slowly_to_a_hand_that_is_far_away(pair):
    follower, leader, _, leader_bus = pair
    leader_bus.memories[1]["Present_Position"] = 4000  # beyond the arm's range
    moments = run(follower, leader, 20)
    assert moments[0].asked[1] > kinematics.ACTION_HIGH[1]
    np.testing.assert_allclose(moments[0].sent, moments[0].state, atol=1e-4)
    sent = np.array([moment.sent[1] for moment in moments])
    assert (np.diff(sent[1:]) > 0).all()
    assert sent[-1] - sent[0] <= Limits().approach_deg_s * (moments[-1].observed_s - moments[0].observed_s) + 1


def test_what_is_out_of_the_calibrated_range_is_clamped(pair):
    follower, _, _, _ = pair
    beyond = START.copy()
    beyond[0] = 170.0
    limits = replace(FREE, speed_deg_s=1e5, acceleration_deg_s2=1e8)
    last = run(follower, Hand(lambda call: beyond), 5, limits=limits)[-1]
    found = follower.bus.calibration["shoulder_pan"]
    assert last.sent[0] == pytest.approx((found.range_max - found.range_min) / 2 * 360 / 4095)


def test_a_hand_that_asks_for_nonsense_ends_the_loop_before_it_is_sent(pair):
    follower, _, bus, _ = pair
    place = standing(follower)
    with pytest.raises(ArmchairError, match="not finite at shoulder_pan"):
        run(follower, Hand(lambda call: place if call < 5 else np.full(6, np.nan)), 20)
    np.testing.assert_allclose(goals(bus), place, atol=0.2)


def test_who_moves_the_arm_is_told_and_a_person_is_approached_slowly(pair):
    follower, _, _, _ = pair
    place = standing(follower)
    far = place + np.array([60, 0, 0, 0, 0, 0], np.float32)
    hand = Hand(lambda call: place if call < 10 else far)

    def listen(moment) -> bool:
        hand.intervening = hand.calls >= 9
        moments.append(moment)
        return len(moments) < 30

    moments = []
    run_loop(follower, hand, 100, listen)
    assert [moment.intervention for moment in moments] == [False] * 9 + [True] * 21
    pan = np.array([moment.sent[0] for moment in moments])
    times_s = np.array([moment.observed_s for moment in moments])
    assert pan[-1] > pan[9]
    assert (np.diff(pan) <= Limits().approach_deg_s * np.diff(times_s) + 0.3).all()


def test_a_hand_that_takes_too_long_acts_on_an_old_world_and_the_arm_stays(pair):
    follower, _, _, _ = pair
    place = standing(follower)

    def act(call: int) -> np.ndarray:
        if call == 10:
            time.sleep(Limits().stale_s + 0.05)
            return place + 10
        return place

    moments = run(follower, Hand(act), 12)
    assert moments[9].asked[0] == pytest.approx(place[0] + 10, abs=1e-3)
    np.testing.assert_allclose(moments[9].sent, place, atol=1e-3)
    assert moments[9].warnings == ("what the hand saw is older than 0.4 s, so the arm waits: look at the cameras.",)
    assert moments[10].late_s > Limits().stale_s


def test_a_jogging_hand_does_not_run_away_from_what_the_guard_holds_back(pair):
    """Down onto the table for long, then up: the arm rises at once, and the operator reads why it did not sink."""
    follower, _, _, _ = pair
    table_m = lowest_m(standing(follower)) - 0.002

    class Down(JogTeleoperator):
        name, wish = "down", -1.0

        def _move(self, now_s, dt_s, here):
            return self.jogger.move(np.array([0, 0, self.wish, 0, 0, 0]), dt_s, None)

    hand, moments = Down(TeleoperatorConfig()), []
    hand.connect()

    def listen(moment) -> bool:
        moments.append(moment)
        hand.wish = -1.0 if len(moments) < 100 else 1.0
        return len(moments) < 110

    run_loop(follower, hand, 100, listen, replace(Limits(), table_m=table_m))
    assert {moment.held_back for moment in moments[60:100]} == {"at the table"}, "it must not flicker"
    assert max(np.abs(moment.asked - moment.sent)[:5].max() for moment in moments[50:100]) < 3
    assert lowest_m(moments[99].sent) > table_m - 0.001
    # This arm never moves, so it is taken to sag as far as an arm can, and its goal first rises by that much.
    assert np.abs(moments[99].sent - moments[70].sent).max() < 2, "it stays where it touched"
    assert lowest_m(moments[109].sent) > lowest_m(moments[99].sent) + 0.001
    assert moments[109].held_back == ""


# --- servos that are not well -------------------------------------------------------------------------------------
def test_a_servo_that_dies_ends_the_loop_in_one_sentence(pair):
    follower, leader, bus, _ = pair

    def listen(moment) -> bool:
        bus.memories = bus.memories[:2] + bus.memories[3:]
        return True

    with pytest.raises(DeviceLostError, match=r"the arm stopped, because elbow_flex \(id 3\) does not answer"):
        run_loop(follower, leader, 100, listen, home=START)


def test_a_servo_that_complains_ends_the_loop_and_is_named(pair):
    follower, leader, bus, _ = pair
    bus.memories[2]["Status"] = 32
    with pytest.raises(ServoTroubleError, match=r"elbow_flex is overloaded .* free what blocks it"):
        run(follower, leader, 1000)


def test_what_is_getting_bad_is_said_once(pair):
    follower, leader, bus, _ = pair
    bus.memories[3]["Present_Temperature"] = 58
    moments = run(follower, leader, 50)
    said = [line for moment in moments for line in moment.warnings if "wrist_flex" in line]
    assert said == ["wrist_flex is at 58 °C and lets go at 65: give it a rest."]


def test_a_gripper_that_squeezes_for_long_is_pulled_back(pair):
    follower, _, bus, _ = pair
    gripper = bus.memories[5]
    place = standing(follower)
    shut = place.copy()
    shut[5] = 0
    gripper["Present_Load"] = -450
    seen, until_s = [], time.monotonic() + 20

    def listen(moment) -> bool:
        seen.append(float(moment.sent[5]))
        eased = min(seen) < 0.1 and seen[-1] == pytest.approx(place[5] - 0.95, abs=0.1)
        return not eased and time.monotonic() < until_s

    run_loop(follower, Hand(lambda call: shut), 100, listen)
    assert time.monotonic() < until_s


# --- home ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("error", [None, KeyboardInterrupt, ArmchairError])
def test_however_it_ends_the_arm_is_brought_home_slowly(pair, error):
    follower, _, bus, _ = pair
    place = standing(follower)
    home = place + np.array([-6, 4, 0, 0, 0, 0], np.float32)

    def listen(moment) -> bool:
        if error is not None:
            raise error
        return False

    if error is None:
        run_loop(follower, Hand(lambda call: place), 100, listen, home=home)
    else:
        with pytest.raises(error):
            run_loop(follower, Hand(lambda call: place), 100, listen, home=home)
    np.testing.assert_allclose(goals(bus), home, atol=0.2)


def test_on_the_way_home_the_gripper_keeps_what_it_holds(pair):
    follower, _, bus, _ = pair
    place = standing(follower)
    run(follower, Hand(lambda call: place), 3, home=place + np.array([5, 0, 0, 0, 0, 40], np.float32))
    np.testing.assert_allclose(goals(bus), place + np.array([5, 0, 0, 0, 0, 0]), atol=0.2)


def test_an_arm_that_lay_below_the_table_plane_gets_home(pair):
    follower, _, bus, _ = pair
    place = standing(follower)
    home = place + np.array([20, 20, 0, 0, 0, 0], np.float32)
    limits = replace(Limits(), table_m=lowest_m(home) + 0.01)
    assert lowest_m(place) > limits.table_m
    run(follower, Hand(lambda call: place), 3, limits=limits, home=home)
    np.testing.assert_allclose(goals(bus), home, atol=0.2)


def test_who_is_in_a_hurry_does_not_go_home(pair):
    follower, _, bus, _ = pair
    place = standing(follower)
    run(follower, Hand(lambda call: place), 3, home=place + 5, hurried=lambda: True)
    np.testing.assert_allclose(goals(bus), place, atol=0.2)


def test_a_servo_that_complains_on_the_way_home_ends_it(pair):
    follower, _, bus, _ = pair
    place = standing(follower)

    def listen(moment) -> bool:
        bus.memories[2]["Status"] = 32
        return False

    with pytest.raises(ServoTroubleError, match="elbow_flex is overloaded"):
        run_loop(follower, Hand(lambda call: place), 100, listen, home=place + 60)


def test_an_arm_with_a_servo_in_trouble_is_not_moved_any_more(pair):
    follower, _, bus, _ = pair
    place = standing(follower)
    bus.memories[2]["Status"] = 4
    with pytest.raises(ServoTroubleError):
        run(follower, Hand(lambda call: place), 1000, home=place + 10)
    np.testing.assert_allclose(goals(bus), place, atol=0.2)


# --- the beat, and listeners --------------------------------------------------------------------------------------
def test_a_rate_that_is_not_held_is_said_once(pair, monkeypatch):
    monkeypatch.setattr("armchair_robot.loop.rate._WINDOW_S", 0.3)
    follower, _, _, _ = pair
    place = standing(follower)
    hand = Hand(lambda call: time.sleep(0.03) or place)
    said = [line for moment in run(follower, hand, 25) for line in moment.warnings]
    assert len(said) == 1
    assert "of 100 periods a second: close other programs" in said[0]


def test_a_rate_that_is_held_is_not_complained_about(monkeypatch):
    monkeypatch.setattr("armchair_robot.loop.rate._WINDOW_S", 0.3)
    pace, said = LoopRate(20), []
    for _ in range(14):
        said.append(pace.complaint())
        pace.wait()
    assert not any(said)


def test_a_slow_listener_is_skipped_and_not_waited_for():
    got = []
    began_s = time.perf_counter()
    with BackgroundListener(lambda moment: time.sleep(0.02) or got.append(moment) or True, room=4) as aside:
        assert all(aside(number) for number in range(100))
        assert time.perf_counter() - began_s < 0.5
    assert aside.skipped > 90
    assert len(got) + aside.skipped == 100
    assert got == sorted(got)


def test_a_listener_aside_can_end_the_loop_and_its_bug_is_not_lost():
    with BackgroundListener(lambda moment: moment < 3) as aside:
        numbers = iter(range(10_000))
        while aside(next(numbers)):
            time.sleep(0.001)
        assert next(numbers) < 10_000

    def broken(moment) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), BackgroundListener(broken) as aside:
        aside(1)
