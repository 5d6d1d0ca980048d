"""A driver's error in words: who does not answer, what the others complain of, and what to do."""

import re

import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS
from armchair_robot.bus.asking import read_register
from armchair_robot.bus.reasons import complaint, why
from armchair_robot.bus.registers import vanished
from armchair_robot.devices.arms import let_go, reopen, standing
from armchair_robot.loop.real_time import DeviceLostError, run_loop

pytestmark = pytest.mark.usefixtures("steady_driver")
DRIVERS_WORDS = re.compile(r"TxRx|RxPacket|status packet|ids=|id_=|Failed to|Missing motor|Traceback")


def unplug(bus, *joints: str) -> None:
    bus.memories = [memory for joint, memory in zip(JOINTS, bus.memories, strict=True) if joint not in joints]


def alarm(bus, bit: int, *joints: str, **registers: int) -> None:
    for joint, memory in zip(JOINTS, bus.memories, strict=True):
        if joint in (joints or JOINTS):
            memory["Status"] = bit
            for name, value in registers.items():
                memory[name] = value


CASES = {
    "one is dead": (lambda bus: unplug(bus, "elbow_flex"), "elbow_flex (id 3) does not answer: push in its plugs"),
    "two are dead": (
        lambda bus: unplug(bus, "shoulder_pan", "wrist_roll"),
        "shoulder_pan (id 1), wrist_roll (id 5) do not answer: push in their plugs",
    ),
    "the chain is cut": (
        lambda bus: unplug(bus, *JOINTS[3:]),
        "the cable between elbow_flex and wrist_flex is loose",
    ),
    "no power": (lambda bus: unplug(bus, *JOINTS), "no servo answers: is the arm's power supply plugged in"),
}
ALARMS = {
    "weak": (lambda bus: alarm(bus, 1, Present_Voltage=35), "the supply gives 3.5 V, too little: these servos need"),
    "strong": (
        lambda bus: alarm(bus, 1, Present_Voltage=121, Max_Voltage_Limit=80),
        "the supply gives 12.1 V, too much: these servos take 8.0 V at most. Switch it off now",
    ),
    "over": (lambda bus: alarm(bus, 1), "servos complain of their voltage, 12.0 V now"),
    "overload": (lambda bus: alarm(bus, 32, "gripper"), "gripper is overloaded and has gone weak: free what blocks it"),
    "heat": (lambda bus: alarm(bus, 4, "elbow_flex"), "elbow_flex is too hot and has let go: let it cool"),
    "current": (lambda bus: alarm(bus, 8, "wrist_roll"), "wrist_roll draws too much current"),
    "encoder": (lambda bus: alarm(bus, 2, "wrist_flex"), "wrist_flex cannot read its own position"),
}


def words_of(error: BaseException) -> str:
    words = str(error)
    assert not DRIVERS_WORDS.search(words), words
    return words


@pytest.mark.parametrize("case", CASES)
def test_a_loop_that_loses_servos_names_them(pair, case):
    follower, leader, bus, _ = pair
    unplugged, expected = CASES[case]

    with pytest.raises(DeviceLostError) as lost:
        run_loop(follower, leader, 100, lambda moment: unplugged(bus) is None)
    assert words_of(lost.value).startswith("the arm stopped, because ")
    assert expected in words_of(lost.value)


def test_a_leader_that_is_lost_is_called_so(pair):
    follower, leader, _, bus = pair
    with pytest.raises(DeviceLostError) as lost:
        run_loop(follower, leader, 100, lambda moment: unplug(bus, "wrist_roll") is None)
    assert words_of(lost.value).startswith("the leader stopped, because wrist_roll (id 5) does not answer")


@pytest.mark.parametrize("case", [*CASES, *ALARMS])
def test_an_arm_that_does_not_open_says_why(pair, case, monkeypatch):
    follower, _, bus, _ = pair
    monkeypatch.setattr("armchair_robot.devices.arms._TRIES", 1)
    monkeypatch.setattr("armchair_robot.bus.registers._OFF_TRIES", 1)
    let_go(follower)
    spoil, expected = (CASES | ALARMS)[case]
    spoil(bus)
    monkeypatch.setattr("armchair_robot.devices.arms.check_port", lambda port: None)
    with pytest.raises(ArmchairError) as refused:
        reopen(follower)
    assert words_of(refused.value).startswith("the arm at in this process cannot be opened, because ")
    assert expected in words_of(refused.value)
    assert not follower.bus.is_connected


@pytest.mark.parametrize("case", ALARMS)
def test_an_alarm_while_one_register_is_read_is_said(pair, case, monkeypatch):
    monkeypatch.setattr("armchair_robot.bus.asking._PATIENCE_S", 0.0)
    follower, _, bus, _ = pair
    spoil, expected = ALARMS[case]
    spoil(bus)
    joint = {"heat": "elbow_flex", "current": "wrist_roll", "encoder": "wrist_flex"}.get(case, "gripper")
    with pytest.raises(ArmchairError) as refused:
        read_register(follower.bus, "Torque_Enable", joint)
    assert expected in words_of(refused.value)
    assert words_of(refused.value).endswith("; nothing was written.")


def test_where_an_arm_stands_is_asked_in_words_too(pair):
    follower, _, bus, _ = pair
    unplug(bus, "elbow_flex")
    with pytest.raises(ArmchairError, match=r"because elbow_flex \(id 3\) does not answer"):
        standing(follower)


def test_firmware_that_differs_is_said(pair, monkeypatch):
    follower, _, bus, _ = pair
    monkeypatch.setattr("armchair_robot.devices.arms._TRIES", 1)
    monkeypatch.setattr("armchair_robot.devices.arms.check_port", lambda port: None)
    let_go(follower)
    bus.memories[2]["Firmware_Minor_Version"] = 11
    with pytest.raises(ArmchairError, match="different firmware versions, which LeRobot refuses: `armchair doctor`"):
        reopen(follower)


def test_answers_that_were_lost_for_a_moment_are_no_dead_servo(pair):
    follower, *_ = pair
    said = why(follower.bus, ConnectionError("Failed to sync read. [TxRxResult] There is no status packet!"))
    assert said.startswith("answers of its servos were lost or damaged, though all answer now")


def test_a_camera_is_not_taken_for_a_servo(pair):
    follower, *_ = pair
    assert why(follower.bus, TimeoutError("OpenCVCamera(0) latest frame is too old: 600 ms.")) == (
        "OpenCVCamera(0) latest frame is too old: 600 ms: look at its plug, then start again"
    )


def test_a_port_that_is_gone_is_no_silence(pair):
    follower, *_ = pair

    def gone() -> None:
        raise OSError(5, "Input/output error")

    follower.bus.port_handler.ser.reset_input_buffer = gone
    assert why(follower.bus, OSError(5, "Input/output error")).startswith("its port in this process is gone")


def test_a_port_that_vanishes_is_told_from_a_file(tmp_path):
    assert vanished(OSError(5, "Input/output error"))
    assert not vanished(FileNotFoundError(2, "No such file", str(tmp_path)))
    assert not vanished(OSError(28, "No space left on device"))
    assert not vanished(ValueError())


def test_nothing_to_complain_of():
    assert complaint({"gripper": {"Status": 0}}) == ""
