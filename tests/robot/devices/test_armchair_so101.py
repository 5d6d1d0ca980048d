"""The stock follower and leader over TCP and over an object in this process, on simulated servos."""

import json
import select
import socket
import threading

import pytest
from lerobot.robots.robot import Robot
from lerobot.robots.so_follower import SO101Follower, SO101FollowerConfig
from lerobot.robots.utils import make_robot_from_config
from lerobot.teleoperators.so_leader import SO101Leader, SO101LeaderConfig
from lerobot.teleoperators.utils import make_teleoperator_from_config
from scservo_sdk import PortHandler

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.devices.armchair_so101 import ArmchairSO101, ArmchairSO101Leader
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.line.port import TcpPort
from armchair_sim.twin.servos.control_table import ControlTable

pytestmark = pytest.mark.usefixtures("steady_driver")

POSE_TICKS = (2000, 1500, 2500, 2047, 1000, 2600)
CALIBRATION = {
    joint: {"id": number, "drive_mode": 0, "homing_offset": 0, "range_min": 100 * number, "range_max": 4000 - number}
    for number, joint in enumerate(kinematics.JOINTS, 1)
}


@pytest.fixture
def folder(tmp_path):
    """Calibration files that agree with the servos, so that nobody is asked anything."""
    (tmp_path / "twin.json").write_text(json.dumps(CALIBRATION))
    return tmp_path


@pytest.fixture
def bus():
    memories = []
    for joint, ticks in zip(kinematics.JOINTS, POSE_TICKS, strict=True):
        known = CALIBRATION[joint]
        memories.append(
            ControlTable({
                "ID": known["id"], "Min_Position_Limit": known["range_min"], "Max_Position_Limit": known["range_max"],
                "Homing_Offset": 0,
            })
        )  # fmt: skip
        memories[-1]["Present_Position"] = ticks
    return Bus(memories)


class TcpServer:
    """The bus on the twin's own TCP port, at once and without faults."""

    def __init__(self, bus: Bus) -> None:
        self._bus, self._port = bus, TcpPort()
        self.address = self._port.address
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            select.select(self._port.filenos(), [], [], 0.02)
            if data := self._port.receive():
                self._port.send(answer(self._bus, data))
        self._port.unplug()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def server(bus):
    server = TcpServer(bus)
    yield server
    server.stop()


def answer(bus: Bus, data: bytes) -> bytes:
    return b"".join(reply.data for reply in bus.feed(data))


def follower(folder, port: str) -> ArmchairSO101:
    return ArmchairSO101(ArmchairSO101Config(port=port, id="twin", calibration_dir=folder))


def follower_on(bus: Bus, folder) -> ArmchairSO101:
    """One whose bus is an object in this process."""
    robot = follower(folder, "the same process")
    use_transport(robot.bus, lambda: FeedTransport(lambda data: answer(bus, data)))
    return robot


def degrees(joint: str, ticks: int) -> float:
    middle = (CALIBRATION[joint]["range_min"] + CALIBRATION[joint]["range_max"]) / 2
    return (ticks - middle) * 360 / 4095


def check_arm(robot: Robot, bus: Bus) -> None:
    """Connect, look, act and let go: each as the stock driver does it, seen from the servos' side."""
    robot.connect()
    observation = robot.get_observation()
    for joint, ticks in zip(kinematics.JOINTS[:5], POSE_TICKS[:5], strict=True):
        assert observation[f"{joint}.pos"] == pytest.approx(degrees(joint, ticks))
    assert 0 <= observation["gripper.pos"] <= 100
    assert all(memory["Torque_Enable"] == 1 for memory in bus.memories)
    robot.send_action({name: 0.0 for name in robot.action_features})
    robot.get_observation()  # a sync_write has no answer: by the next one it has arrived
    goals = [memory["Goal_Position"] for memory in bus.memories]
    middles = [(known["range_min"] + known["range_max"]) / 2 for known in CALIBRATION.values()]
    assert goals[:5] == pytest.approx(middles[:5], abs=1)
    assert goals[5] == CALIBRATION["gripper"]["range_min"]
    robot.disconnect()
    assert not robot.is_connected
    assert all(memory["Torque_Enable"] == 0 for memory in bus.memories)


def test_follower_in_this_process(bus, folder):
    check_arm(follower_on(bus, folder), bus)


def test_follower_over_tcp(bus, server, folder):
    robot = follower(folder, server.address)
    for _ in range(3):  # at once: the line is free again when `disconnect` returns
        check_arm(robot, bus)


def test_a_second_program_is_turned_away(server, folder):
    first, second = follower(folder, server.address), follower(folder, server.address)
    first.connect()
    with pytest.raises(ConnectionError) as turned_away:
        second.connect()
    assert "serves another program" in str(turned_away.value.__cause__)
    assert len(first.get_observation()) == 6
    first.disconnect()


def test_leader_over_tcp(bus, server, folder):
    config = ArmchairSO101LeaderConfig(port=server.address, id="twin", calibration_dir=folder)
    with ArmchairSO101Leader(config) as leader:
        action = leader.get_action()
    assert action["elbow_flex.pos"] == pytest.approx(degrees("elbow_flex", POSE_TICKS[2]))
    assert all(memory["Torque_Enable"] == 0 for memory in bus.memories)


def test_lerobot_makes_both_from_their_configs(folder):
    port = "tcp://127.0.0.1:5101"
    robot = make_robot_from_config(ArmchairSO101Config(port=port, calibration_dir=folder))
    leader = make_teleoperator_from_config(ArmchairSO101LeaderConfig(port=port, calibration_dir=folder))
    assert (type(robot), type(leader)) == (ArmchairSO101, ArmchairSO101Leader)
    assert ArmchairSO101Config(port=port).type == "armchair_so101"
    assert ArmchairSO101LeaderConfig(port=port).type == "armchair_so101_leader"


def test_datasets_and_calibrations_are_the_stock_ones(tmp_path, monkeypatch):
    """Same robot_type, features and files: nobody can tell which of the two recorded."""
    monkeypatch.setattr("lerobot.robots.robot.HF_LEROBOT_CALIBRATION", tmp_path)
    monkeypatch.setattr("lerobot.teleoperators.teleoperator.HF_LEROBOT_CALIBRATION", tmp_path)
    ours = ArmchairSO101(ArmchairSO101Config(port="tcp://127.0.0.1:5101", id="a"))
    stock = SO101Follower(SO101FollowerConfig(port="/dev/null", id="a"))
    assert (ours.robot_type, ours.calibration_fpath) == (stock.robot_type, stock.calibration_fpath)
    assert ours.observation_features == stock.observation_features
    assert ours.action_features == stock.action_features
    leader = ArmchairSO101Leader(ArmchairSO101LeaderConfig(port="tcp://127.0.0.1:5101", id="a"))
    stock_leader = SO101Leader(SO101LeaderConfig(port="/dev/null", id="a"))
    assert (leader.name, leader.calibration_fpath) == (stock_leader.name, stock_leader.calibration_fpath)


def test_a_path_is_left_to_the_stock_port_handler(folder):
    robot = follower(folder, "/dev/ttyACM0")
    assert type(robot.bus.port_handler) is PortHandler
    assert robot.bus.sync_reader.port is robot.bus.sync_writer.port is robot.bus.port_handler


@pytest.mark.parametrize("address", ["tcp://127.0.0.1", "tcp://", "tcp://127.0.0.1:many", "tcp://127.0.0.1:99999"])
def test_an_address_without_a_number(address, folder):
    with pytest.raises(ArmchairError, match=r"is not a port: write it as tcp://127\.0\.0\.1:5101"):
        follower(folder, address)


def test_nobody_listens(folder):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    robot = follower(folder, address)
    with pytest.raises(ArmchairError, match=r"no twin answers at .* start one with `armchair twin`"):
        robot.connect()
    assert not robot.is_connected


def test_a_line_that_is_cut(server, folder):
    robot = follower(folder, server.address)
    robot.connect()
    server.stop()
    with pytest.raises(ConnectionError, match=r"was closed: the twin ended"):
        robot.get_observation()
    robot.bus.disconnect(disable_torque=False)
    assert not robot.is_connected


def test_a_lost_answer_is_retried(bus, folder):
    lost = []

    def deaf(data: bytes) -> bytes:
        replies = answer(bus, data)
        if robot.is_connected and not lost and b"\x82" in data:
            lost.append(data)
            return b""
        return replies

    robot = follower(folder, "the same process")
    use_transport(robot.bus, lambda: FeedTransport(deaf))
    robot.connect()
    assert robot.get_observation()["shoulder_pan.pos"] == pytest.approx(degrees("shoulder_pan", POSE_TICKS[0]))
    assert len(lost) == 1


def test_set_up_of_a_factory_new_servo(folder):
    """The search through the baud rates stays on one line."""
    new = ControlTable()
    robot = follower_on(Bus([new]), folder)
    robot.bus.setup_motor("gripper")
    assert (new["ID"], new["Baud_Rate"]) == (6, 0)
