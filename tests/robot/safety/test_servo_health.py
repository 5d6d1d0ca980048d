"""What the servos say of themselves, and what is made of it."""

import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import JOINTS, START
from armchair_core.sts3215.registers import REGISTERS
from armchair_robot.safety.clearance import what_it_presses_on
from armchair_robot.safety.gripper_load import GripperEase
from armchair_robot.safety.limits import Limits, in_words
from armchair_robot.safety.servo_health import TURN_S, HealthMonitor, ServoHealth, ServoTroubleError
from armchair_sim.scene.world import FPS, STEPS_PER_TICK
from armchair_sim.twin.bench import Bench

pytestmark = pytest.mark.usefixtures("steady_driver")


@pytest.fixture
def look(pair):
    """(the servos' memories, a function that looks at every servo so many times)."""
    follower, _, bus, _ = pair
    watch = HealthMonitor(follower.bus)
    turns = iter(range(10_000))

    def look(rounds: int = 1) -> list[str]:
        return [line for _ in range(6 * rounds) for line in watch.look(next(turns) * TURN_S)]

    look.watch = watch
    return bus.memories, look


def test_every_servo_is_seen_in_turn_with_its_signs(look):
    memories, look = look
    memories[1]["Present_Load"] = -123
    memories[1]["Present_Current"] = 0x8000 | 20
    memories[4]["Present_Voltage"], memories[4]["Present_Temperature"] = 74, 31
    assert look() == []
    newest = look.watch.newest
    assert list(newest) == list(JOINTS)
    assert (newest["shoulder_lift"].load_percent, newest["shoulder_lift"].current_a) == (-12.3, pytest.approx(-0.13))
    assert (newest["wrist_roll"].voltage_v, newest["wrist_roll"].temperature_c) == (7.4, 31)


@pytest.mark.parametrize(
    ("spare_s", "least", "most"),
    [(float("inf"), 25, 31), (0.001, 9, 11)],
    ids=["time to spare", "none, but not for ever"],
)
def test_one_servo_a_turn_however_often_it_is_asked(pair, spare_s, least, most):
    follower, _, bus, _ = pair
    asked = []
    feed = bus.feed
    bus.feed = lambda data: asked.append(data) or feed(data)
    watch = HealthMonitor(follower.bus)
    for number in range(100):
        watch.look(number / 100, spare_s)
    assert least <= len(asked) <= most


def test_a_servo_that_does_not_answer_is_the_loops_to_find_out(pair):
    follower, _, bus, _ = pair
    bus.memories = bus.memories[1:]
    watch = HealthMonitor(follower.bus)
    assert watch.look(0.0) == []
    assert watch.newest == {}


@pytest.mark.parametrize(
    ("bit", "says"),
    [
        (32, "wrist_flex is overloaded and has gone weak: free what blocks it"),
        (8, "wrist_flex draws too much current"),
        (4, "wrist_flex is too hot and has let go: let it cool"),
        (2, "wrist_flex cannot read its own position"),
        (1, "wrist_flex has 12.0 V: look at the power supply"),
    ],
)
def test_complaints_name_the_joint_and_what_to_do(look, bit, says):
    memories, look = look
    memories[3]["Status"] = bit
    with pytest.raises(ServoTroubleError, match=says):
        look(2)


def test_too_hot_is_refused_before_the_servo_lets_go(look):
    memories, look = look
    memories[0]["Present_Temperature"] = 66
    with pytest.raises(ServoTroubleError, match="shoulder_pan is at 66 °C: let it cool"):
        look()


def test_one_sag_of_the_voltage_is_forgiven(look):
    memories, look = look
    memories[0]["Present_Voltage"] = 35
    assert look() == ["shoulder_pan has only 3.5 V: the power supply is weak or its cable is long."]
    memories[0]["Present_Voltage"] = 50
    assert look() == []
    memories[0]["Present_Voltage"] = 35
    assert look() == []  # said already
    with pytest.raises(ServoTroubleError, match=r"shoulder_pan has 3\.5 V: look at the power supply"):
        look()


def test_a_joint_that_works_hard_for_longer_than_a_start_is_told_once(look):
    memories, look = look
    memories[1]["Present_Load"] = 800
    assert look(3) == []
    memories[1]["Present_Load"] = 0
    look()
    memories[1]["Present_Load"] = 800
    assert look(6) == ["shoulder_lift works at 80 % of what it can: take weight off."]


def test_what_an_arm_presses_on_is_said_and_how_hard_it_worked_before_it_went_weak(look):
    memories, look = look
    watch, on_the_table = look.watch, lambda: "the gripper presses on the table: drive up"
    memories[3]["Present_Load"], memories[3]["Present_Current"] = 990, 400
    said = [line for turn in range(30) for line in watch.look(turn * TURN_S, presses=on_the_table)]
    assert said == ["wrist_flex works at 99 % of what it can: the gripper presses on the table: drive up."]
    memories[3]["Present_Load"], memories[3]["Present_Current"], memories[3]["Status"] = 200, 30, 32
    with pytest.raises(ServoTroubleError, match=r"gone weak: the gripper presses on the table: drive up.*99 %, 2\.6 A"):
        [watch.look(turn * TURN_S, presses=on_the_table) for turn in range(30, 36)]


def test_a_pose_tells_what_is_pressed_on():
    lying, folded = np.array([4, -91.3, 82.9, 94.6, 6.3, 12.2]), np.array([0, -50, 85, 95, 0, 10.0])
    assert what_it_presses_on(lying, 0.0) == "the gripper presses on the table: drive up"
    assert "base" in what_it_presses_on(lying, None)
    assert "base" in what_it_presses_on(folded, -0.1)
    assert what_it_presses_on(START, 0.0) == ""


# --- the gripper --------------------------------------------------------------------------------------------------
def squeezed(at_s: float, load_percent: float) -> ServoHealth:
    return ServoHealth(load_percent, 0.5, 12.0, 30.0, 0, at_s)


def test_a_gripper_may_squeeze_for_a_moment_and_then_holds_gently_until_it_is_rested():
    limits, grip = Limits(), GripperEase()
    present, shut = START.copy(), START.copy()
    present[5], shut[5] = 30, 0
    eased = []
    for tick in range(200):  # ten a second
        now_s = tick / 10
        grip.feel(squeezed(now_s, -20 if grip.gentle else -45))
        eased.append(float(grip.ease(shut, now_s, present)[5]))
    gentle = [place > 0 for place in eased]
    assert not any(gentle[: int(10 * limits.grip_s)])
    assert 28.5 < max(eased) < 30
    assert sum(gentle) / len(gentle) > 0.8
    assert not all(gentle[20:])  # rested: it may squeeze again
    opened = START.copy()
    opened[5] = 60
    assert grip.ease(opened, 10.1, present)[5] == 60


def test_a_gripper_that_has_let_go_may_close_on_the_next_thing_at_once():
    grip, present, shut = GripperEase(), START.copy(), START.copy()
    present[5], shut[5] = 30, 0
    for tick in range(20):
        grip.feel(squeezed(tick / 10, -45))
        grip.ease(shut, tick / 10, present)
    assert grip.gentle
    present[5] = 33  # it gives a little, and holds on
    assert grip.ease(shut, 2.0, present)[5] > 30 and grip.gentle
    present[5] = 55
    assert grip.ease(shut, 2.1, present)[5] == 0 and not grip.gentle


@pytest.mark.parametrize("load", [0, -20, 20, -21.9])
def test_what_the_expert_does_is_not_squeezing(load):
    grip = GripperEase()
    for tick in range(100):
        grip.feel(squeezed(tick / 5, load))
        assert grip.ease(START, tick / 5, START) is START


def test_every_limit_has_a_value_a_unit_and_a_reason():
    lines = in_words(Limits())
    assert {line.name for line in lines} >= {"speed_deg_s", "table_m", "hot_c", "hand_silence_s"}
    assert all(line.unit and len(line.reason) > 20 for line in lines)


@pytest.mark.parametrize(("spared", "p"), [(False, 16), (True, 16), (True, 48)])
def test_a_gripper_that_is_spared_does_not_overload_its_servo(spared, p):
    arm = Bench("reach", 0, "still", 8.0, {}).follower
    gripper = arm.memories[5]
    for name, value in {
        "P_Coefficient": p, "Max_Torque_Limit": 500, "Overload_Torque": 25, "Torque_Enable": 1,
    }.items():  # fmt: skip
        gripper.write(REGISTERS[name].address, REGISTERS[name].encode(value))
    arm.jam(5)
    grip, shut, tripped = GripperEase(), START.copy(), False
    shut[5] = 0
    for tick in range(12 * FPS):
        now_s, present = tick / FPS, arm.world.state
        if tick % 6 == 0:
            grip.feel(squeezed(now_s, gripper["Present_Load"] / 10))
        goal = kinematics.units_to_ticks(grip.ease(shut, now_s, present) if spared else shut)[5]
        gripper.write(REGISTERS["Goal_Position"].address, REGISTERS["Goal_Position"].encode(int(goal)))
        for _ in range(STEPS_PER_TICK):
            arm.step()
        tripped |= bool(gripper["Status"] & 32)
    assert tripped is not spared
