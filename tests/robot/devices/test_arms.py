"""One contract for every arm that can be opened: simulated on a pty, on TCP, in this process, or real.

ARMCHAIR_PORT=/dev/ttyACM0 ARMCHAIR_ID=my_arm uv run pytest tests/robot/devices/test_arms.py

adds a real, calibrated follower; it moves its wrist by 6 degrees and its gripper a little.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lerobot.robots.so_follower import SO101Follower, SO101FollowerConfig

from armchair_core.so101 import kinematics
from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.devices.armchair_so101 import ArmchairSO101
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config
from armchair_sim.scene.world import TIMESTEP_S
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.servos.encoder import calibration

ARMS = ["in this process", "tcp", *(["pty"] if sys.platform == "linux" else [])]
if "ARMCHAIR_PORT" in os.environ:
    ARMS.append("real")
SETTLE_S = 1.5


@contextmanager
def arm_in_this_process(folder: Path) -> Iterator[SO101Follower]:
    """The bench's physics by the clock in a thread, the driver in this one."""
    bench, lock, stop = Bench("lift", 0, "still", 8.0, {}), threading.Lock(), threading.Event()
    bus = Bus(bench.follower.memories)

    def feed(data: bytes) -> bytes:
        with lock:
            replies = b"".join(reply.data for reply in bus.feed(data))
            bench.follower.take_writes()
        return replies

    def live() -> None:
        due_s = time.monotonic()
        while not stop.is_set():
            with lock:
                bench.follower.step()
            due_s += TIMESTEP_S
            time.sleep(max(0.0, due_s - time.monotonic()))

    thread = threading.Thread(target=live)
    thread.start()
    arm = SO101Follower(SO101FollowerConfig(port="in this process", id="twin", calibration_dir=folder))
    use_transport(arm.bus, lambda: FeedTransport(feed))
    try:
        yield arm
    finally:
        stop.set()
        thread.join()


@contextmanager
def arm_of_a_twin(folder: Path, tcp: bool) -> Iterator[SO101Follower]:
    """`armchair twin` in a process of its own."""
    environment = {**os.environ, "ARMCHAIR_RUNTIME": str(folder / "run"), "HF_LEROBOT_HOME": str(folder / "home")}
    words = [Path(sys.executable).parent / "armchair", "twin", "--json", "--no-cameras", "--hand", "still"]
    command = [*words, "--tcp"] if tcp else words
    twin = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        port = json.loads(twin.stdout.readline())["ports"]["follower"]
        if tcp:
            yield ArmchairSO101(ArmchairSO101Config(port=port, id="twin", calibration_dir=folder))
        else:
            yield SO101Follower(SO101FollowerConfig(port=port, id="twin", calibration_dir=folder))
    finally:
        twin.terminate()
        twin.wait(timeout=20)


@contextmanager
def open_arm(name: str, folder: Path) -> Iterator[SO101Follower]:
    (folder / "twin.json").write_text(json.dumps(calibration()))
    if name == "real":
        yield SO101Follower(SO101FollowerConfig(port=os.environ["ARMCHAIR_PORT"], id=os.environ["ARMCHAIR_ID"]))
    elif name == "in this process":
        with arm_in_this_process(folder) as arm:
            yield arm
    else:
        with arm_of_a_twin(folder, tcp=name == "tcp") as arm:
            yield arm


@pytest.fixture(scope="module", params=ARMS)
def arm(request, tmp_path_factory, steady_driver):
    with open_arm(request.param, tmp_path_factory.mktemp("arm")) as arm:
        connect(arm)
        yield arm
        if arm.is_connected:
            arm.disconnect()


def connect(arm: SO101Follower) -> None:
    """Connect, and once more if a busy machine kept a servo's answer waiting: the handshake asks only once."""
    try:
        arm.connect()
    except (RuntimeError, ConnectionError):
        arm.bus.port_handler.closePort()
        arm.connect()


def observe(arm: SO101Follower) -> dict[str, float]:
    """What the arm reports now.

    On a busy machine a reply comes after the driver has given up, and from then on stock LeRobot reads every
    answer one question late, for it never empties its input. That is its flaw and not the arm's.
    """
    arm.bus.port_handler.ser.reset_input_buffer()
    return arm.get_observation()


def health(arm: SO101Follower, register: str) -> list[int]:
    """A register of all six servos."""
    arm.bus.port_handler.ser.reset_input_buffer()
    return list(arm.bus.sync_read(register, normalize=False, num_retry=3).values())


def test_speaks_lerobots_words(arm):
    assert arm.name == kinematics.ROBOT_TYPE
    assert tuple(arm.action_features) == kinematics.FEATURE_NAMES
    assert tuple(observe(arm)) == kinematics.FEATURE_NAMES


def test_reports_where_it_is(arm):
    for joint, value in observe(arm).items():
        low, high = (0, 100) if joint == "gripper.pos" else (-181, 181)
        assert low <= value <= high


def test_told_where_it_is_it_stays(arm):
    before = observe(arm)
    arm.send_action(before)
    time.sleep(SETTLE_S)
    after = observe(arm)
    assert max(abs(after[joint] - before[joint]) for joint in before) < 3


@pytest.mark.parametrize(("joint", "by"), [("wrist_flex.pos", -6), ("wrist_flex.pos", 6), ("gripper.pos", 8)])
def test_a_small_move_arrives_and_nothing_else_moves(arm, joint, by):
    before = observe(arm)
    goal = {**before, joint: before[joint] + by}
    assert arm.send_action(goal) == goal
    time.sleep(SETTLE_S)
    after = observe(arm)
    assert after[joint] == pytest.approx(goal[joint], abs=2)
    assert max(abs(after[other] - before[other]) for other in before if other != joint) < 3


def test_motors_report_their_health(arm):
    assert all(3 < volts / 10 < 15 for volts in health(arm, "Present_Voltage"))
    assert all(5 < celsius < 60 for celsius in health(arm, "Present_Temperature"))
    assert not any(health(arm, "Status"))


def test_lets_go_when_it_is_left_and_comes_back(arm):
    arm.disconnect()
    assert not arm.is_connected
    connect(arm)
    assert arm.is_connected
    assert tuple(observe(arm)) == kinematics.FEATURE_NAMES
