"""The bus: every instruction, who answers and when; then LeRobot's own driver on a pseudo-terminal."""

import os
import select
import sys
import threading
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armchair_core.sts3215.packets import (
    ACTION,
    BROADCAST,
    PING,
    READ,
    REG_WRITE,
    RESET,
    SYNC_READ,
    SYNC_WRITE,
    WRITE,
    Packet,
    Parser,
    build,
)
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.servos.control_table import ControlTable

pytestmark = pytest.mark.usefixtures("steady_driver")

ARM = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper")


def arm(**settings) -> Bus:
    """Six servos, ids 1 to 6, each standing at 100 times its id."""
    bus = Bus([ControlTable({"ID": id_, "Return_Delay_Time": 0} | settings) for id_ in range(1, 7)])
    for memory in bus.memories:
        memory["Present_Position"] = 100 * memory["ID"]
    return bus


def ask(bus: Bus, id_: int, code: int, *parameters: int) -> list[Packet]:
    """Send one instruction; the answers, of which every one must be a good packet."""
    answers = []
    for reply in bus.feed(build(Packet(id_, code, bytes(parameters)))):
        found = Parser().feed(reply.data, 0.0)
        assert len(found) == 1, reply.data.hex(" ")
        answers += found
    return answers


def test_ping_read_and_write():
    bus = arm()
    assert ask(bus, 3, PING) == [Packet(3, 0)]
    assert ask(bus, 3, READ, 56, 2) == [Packet(3, 0, (300).to_bytes(2, "little"))]
    assert ask(bus, 3, WRITE, 42, 0x00, 0x08) == [Packet(3, 0)]
    assert bus.memories[2]["Goal_Position"] == 2048
    assert ask(bus, 9, PING) == [], "nobody has this id"


def test_reg_write_waits_for_action():
    bus = arm()
    assert ask(bus, 1, REG_WRITE, 42, 10, 0) == [Packet(1, 0)]
    ask(bus, 1, REG_WRITE, 42, 20, 0)
    ask(bus, 2, REG_WRITE, 42, 30, 0)
    assert [memory["Goal_Position"] for memory in bus.memories[:2]] == [0, 0]
    assert ask(bus, BROADCAST, ACTION) == []
    assert [memory["Goal_Position"] for memory in bus.memories[:2]] == [20, 30], "the newest held write counts"
    bus.memories[0]["Goal_Position"] = 0
    assert ask(bus, 1, ACTION) == [Packet(1, 0)]
    assert bus.memories[0]["Goal_Position"] == 0, "done once"


def test_sync_read_answers_in_the_order_asked_and_a_missing_id_is_silence():
    answers = ask(arm(), BROADCAST, SYNC_READ, 56, 2, 5, 9, 1)
    assert answers == [Packet(5, 0, b"\xf4\x01"), Packet(1, 0, b"\x64\x00")]


def test_sync_write_reaches_each_and_ignores_half_a_block():
    bus = arm()
    assert ask(bus, BROADCAST, SYNC_WRITE, 42, 2, 1, 10, 0, 9, 7, 7, 2, 20, 0, 3, 30) == []
    assert [memory["Goal_Position"] for memory in bus.memories] == [10, 20, 0, 0, 0, 0]


def test_reset_keeps_the_id_alone():
    bus = arm(Homing_Offset=50)
    assert ask(bus, 4, RESET) == [Packet(4, 0)]
    assert (bus.memories[3]["ID"], bus.memories[3]["Homing_Offset"]) == (4, 0)
    assert bus.memories[4]["Homing_Offset"] == 50


def test_broadcast_reaches_all_and_only_ping_is_answered():
    bus = arm()
    bus.memories.reverse()
    assert [packet.id for packet in ask(bus, BROADCAST, PING)] == [1, 2, 3, 4, 5, 6]
    assert ask(bus, BROADCAST, WRITE, 40, 1) == []
    assert all(memory["Torque_Enable"] == 1 for memory in bus.memories)
    assert ask(bus, BROADCAST, READ, 56, 2) == []


def test_every_answer_carries_the_status():
    bus = arm()
    bus.memories[1]["Status"] = 32
    assert ask(bus, 2, PING) == [Packet(2, 32)]
    assert [packet.code for packet in ask(bus, BROADCAST, SYNC_READ, 56, 2, 1, 2, 3)] == [0, 32, 0]


def test_response_level_0_answers_reads_and_pings_alone():
    bus = arm(Response_Status_Level=0)
    assert ask(bus, 1, WRITE, 40, 1) == []
    assert bus.memories[0]["Torque_Enable"] == 1
    assert ask(bus, 1, REG_WRITE, 42, 1, 0) == ask(bus, 1, ACTION) == ask(bus, 1, RESET) == []
    assert ask(bus, 1, WRITE, 40, 1) == [Packet(1, 0)], "the reset put the level back to 1"
    bus = arm(Response_Status_Level=0)
    assert len(ask(bus, 1, PING)) == len(ask(bus, 1, READ, 56, 2)) == 1
    assert len(ask(bus, BROADCAST, SYNC_READ, 56, 2, 1, 2)) == 2


def test_the_answer_to_a_new_id_carries_the_old_one():
    bus = Bus([ControlTable()])
    assert ask(bus, 1, WRITE, 5, 6) == [Packet(1, 0)]
    assert (ask(bus, 1, PING), ask(bus, 6, PING)) == ([], [Packet(6, 0)])


def test_a_servo_at_another_speed_neither_hears_nor_answers():
    bus = arm()
    bus.memories[0]["Baud_Rate"] = 1
    bus.host_baud = 1_000_000
    assert [packet.id for packet in ask(bus, BROADCAST, PING)] == [2, 3, 4, 5, 6]
    ask(bus, BROADCAST, WRITE, 40, 1)
    assert bus.memories[0]["Torque_Enable"] == 0
    bus.host_baud = 500_000
    assert [packet.id for packet in ask(bus, BROADCAST, PING)] == [1]
    assert ask(bus, 1, WRITE, 6, 0) == [Packet(1, 0)], "the answer still comes at the old speed"
    assert ask(bus, 1, PING) == []
    bus.host_baud = None
    assert len(ask(bus, BROADCAST, PING)) == 6


def test_two_servos_on_one_id_answer_over_each_other():
    bus = Bus([ControlTable(), ControlTable()])
    assert len(ask(bus, 1, PING)) == 1, "alike answers look like one"
    bus.memories[0]["Present_Position"], bus.memories[1]["Present_Position"] = 1111, 2222
    (reply,) = bus.feed(build(Packet(1, READ, bytes([56, 2]))))
    assert len(reply.data) == 8
    assert Parser().feed(reply.data, 0.0) == [], "no good packet is left"
    ask(bus, 1, WRITE, 42, 7, 0)
    assert [memory["Goal_Position"] for memory in bus.memories] == [7, 7], "both obey"


def test_timing_is_the_wires():
    bus = arm(Return_Delay_Time=250)
    (reply,) = bus.feed(build(Packet(1, PING)))
    assert reply.delay_s == pytest.approx(6 * 10e-6 + 500e-6 + 6 * 10e-6)
    assert reply.servo is bus.memories[0]
    delays = [reply.delay_s for reply in arm().feed(build(Packet(BROADCAST, SYNC_READ, bytes([56, 2, 1, 2, 3]))))]
    assert delays == pytest.approx([11 * 10e-6 + count * 8 * 10e-6 for count in (1, 2, 3)])
    slow = arm(Baud_Rate=1)
    slow.host_baud = 500_000
    assert slow.feed(build(Packet(1, PING)))[0].delay_s == pytest.approx(12 * 20e-6)
    both = arm().feed(build(Packet(1, PING)) + build(Packet(2, PING)))
    assert [reply.delay_s for reply in both] == pytest.approx([120e-6, 240e-6])


@pytest.mark.parametrize(
    "id_, code, parameters",
    [(1, 0x42, b""), (1, READ, b"\x38"), (1, READ, b"\x38\x02\x02"), (1, READ, b"\x00\xff"), (1, WRITE, b"\x28"),
     (1, PING, b"\x00"), (1, SYNC_READ, b"\x38\x02\x01"), (BROADCAST, SYNC_READ, b"\x38\x02"),
     (BROADCAST, SYNC_READ, b""), (BROADCAST, SYNC_WRITE, b"\x2a"), (BROADCAST, SYNC_WRITE, b"\x2a\xff\x01")],
)  # fmt: skip
def test_what_is_no_instruction_is_not_answered_and_changes_nothing(id_, code, parameters):
    bus = arm()
    before = [memory.read(0, 256) for memory in bus.memories]
    assert bus.feed(build(Packet(id_, code, parameters))) == []
    assert [memory.read(0, 256) for memory in bus.memories] == before


packets = st.builds(Packet, st.sampled_from([0, 1, 2, 3, BROADCAST]), st.integers(0, 255), st.binary(max_size=40))
known = st.sampled_from([PING, READ, WRITE, REG_WRITE, ACTION, RESET, SYNC_READ, SYNC_WRITE])
instructions = st.builds(Packet, st.sampled_from([1, 2, BROADCAST]), known, st.binary(max_size=40))


@settings(deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=300), packets.map(build), instructions.map(build)), max_size=12))
def test_after_any_bytes_and_a_pause_a_ping_is_answered(chunks):
    bus = Bus([ControlTable({"ID": 1}), ControlTable({"ID": 2})])
    for chunk in chunks:
        for reply in bus.feed(chunk, 0.0):
            assert reply.delay_s > 0
            assert len(reply.data) >= 6
    bus.memories.pop()  # nonsense may have given both one id
    id_ = bus.memories[0]["ID"]
    (reply,) = bus.feed(build(Packet(id_, PING)), 0.1)
    assert reply.data == build(Packet(id_, 0))


# --- LeRobot's own driver -----------------------------------------------------------------------------------------
@contextmanager
def served(bus: Bus, knows_baud: bool = False):
    """Serve `bus` on a pseudo-terminal from a thread; gives the port's name."""
    import termios
    import tty

    master, slave = os.openpty()
    tty.setraw(slave)
    stop, stopper = os.pipe()
    speeds = {termios.B1000000: 1_000_000, termios.B500000: 500_000}

    def serve() -> None:
        while stop not in select.select([master, stop], [], [])[0]:
            data = os.read(master, 4096)
            if knows_baud:
                bus.host_baud = speeds.get(termios.tcgetattr(master)[5], 1)
            for reply in bus.feed(data):
                os.write(master, reply.data)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.write(stopper, b"x")
        thread.join()
        for descriptor in (master, slave, stop, stopper):
            os.close(descriptor)


def stock_driver(port: str, motors: dict[str, int]):
    from lerobot.motors import Motor, MotorNormMode
    from lerobot.motors.feetech import FeetechMotorsBus

    return FeetechMotorsBus(port, {name: Motor(id_, "sts3215", MotorNormMode.DEGREES) for name, id_ in motors.items()})


needs_pty = pytest.mark.skipif(sys.platform != "linux", reason="a pseudo-terminal takes 1 Mbaud on Linux alone")


@needs_pty
def test_stock_driver_connects_reads_writes_and_calibrates():
    from lerobot.motors import MotorCalibration

    bus = arm()
    with served(bus) as port:
        driver = stock_driver(port, {name: id_ for id_, name in enumerate(ARM, 1)})
        driver.connect()  # handshake: every motor there, one model, one firmware
        driver.configure_motors()
        driver.disable_torque()
        calibration = {
            name: MotorCalibration(id_, 0, -100 * id_, 100 * id_, 4000 - id_) for id_, name in enumerate(ARM, 1)
        }
        driver.write_calibration(calibration)
        assert driver.read_calibration() == calibration
        assert driver.is_calibrated
        positions = driver.sync_read("Present_Position", normalize=False)
        assert positions == {name: 100 * id_ for id_, name in enumerate(ARM, 1)}
        goals = {name: 500 - 100 * id_ for id_, name in enumerate(ARM, 1)}
        driver.sync_write("Goal_Position", goals, normalize=False)
        assert driver.sync_read("Goal_Position", normalize=False) == goals, "negative ones too"
        driver.enable_torque()
        driver.disconnect()
    assert [memory["Torque_Enable"] for memory in bus.memories] == [0] * 6
    for memory in bus.memories:
        memory.power_cycle()
    assert [memory["Homing_Offset"] for memory in bus.memories] == [-100 * id_ for id_ in range(1, 7)]


@needs_pty
def test_stock_driver_names_what_is_wrong():
    bus = arm()
    missing = bus.memories.pop(2)
    with served(bus) as port:
        motors = {name: id_ for id_, name in enumerate(ARM, 1)}
        with pytest.raises(RuntimeError, match=r"Missing motor IDs:\s+- 3"):
            stock_driver(port, motors).connect()
        missing["Firmware_Minor_Version"] = 9
        bus.memories.append(missing)
        with pytest.raises(RuntimeError, match="different firmware versions"):
            stock_driver(port, motors).connect()


@needs_pty
def test_stock_driver_cannot_read_two_servos_on_one_id():
    bus = arm()
    bus.memories.append(ControlTable({"ID": 3}))
    bus.memories[-1]["Present_Position"] = 3210
    with served(bus) as port:
        driver = stock_driver(port, {name: id_ for id_, name in enumerate(ARM, 1)})
        driver.connect()  # a PING, the model and the firmware are alike and look like one servo's
        with pytest.raises(ConnectionError, match="Failed to sync read 'Present_Position'"):
            driver.sync_read("Present_Position")
        driver.disconnect(disable_torque=False)


@needs_pty
def test_stock_driver_sets_up_a_factory_new_servo():
    bus = Bus([ControlTable({"Baud_Rate": 1})])
    with served(bus, knows_baud=True) as port:
        driver = stock_driver(port, {"gripper": 6})
        driver.setup_motor("gripper")  # scans two speeds by broadcast PING
        assert driver.broadcast_ping() == {6: 777}
        driver.disconnect(disable_torque=False)
    bus.memories[0].power_cycle()
    assert (bus.memories[0]["ID"], bus.memories[0]["Baud_Rate"]) == (6, 0)
