"""The real-time loop and letting go, on stock LeRobot drivers whose servos are objects in this process."""

import json
import time

import numpy as np
import pytest

from armchair_robot.armchair_so101 import ArmchairSO101, ArmchairSO101Leader
from armchair_robot.arms import flush, let_go, open_follower
from armchair_robot.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_robot.realtime import DeviceLostError, run_loop
from armchair_robot.servo_port import FeedLine, use_line
from armchair_sim import so101
from armchair_sim.errors import ArmchairError
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.bus import Bus
from armchair_sim.twin.encoder import calibration

pytestmark = pytest.mark.usefixtures("steady_driver")


@pytest.fixture
def pair(tmp_path):
    """(follower, leader, their buses): connected, the follower's motors on."""
    (tmp_path / "twin.json").write_text(json.dumps(calibration()))
    bench = Bench("reach", 0, "still", 8.0, {})
    devices, buses = [], []
    kinds = (
        (ArmchairSO101, ArmchairSO101Config, bench.follower),
        (ArmchairSO101Leader, ArmchairSO101LeaderConfig, bench.leader),
    )
    for kind, config, arm in kinds:
        bus = Bus(arm.memories)
        device = kind(config(port="in this process", id="twin", calibration_dir=tmp_path))
        use_line(device.bus, lambda bus=bus: FeedLine(lambda data: b"".join(reply.data for reply in bus.feed(data))))
        device.connect()
        devices.append(device)
        buses.append(bus)
    yield *devices, *buses
    for device in devices:
        let_go(device)


def torque(bus: Bus) -> list[int]:
    return [memory["Torque_Enable"] for memory in bus.memories]


def test_the_follower_is_told_where_the_leader_is(pair):
    follower, leader, bus, leader_bus = pair
    leader_bus.memories[1]["Present_Position"] = 1800
    moments = []
    run_loop(follower, leader, 100, lambda moment: moments.append(moment) or len(moments) < 20)
    assert len(moments) == 20
    last = moments[-1]
    np.testing.assert_allclose(last.asked, [leader.get_action()[name] for name in so101.FEATURE_NAMES], atol=1e-4)
    np.testing.assert_array_equal(last.sent, last.asked)
    assert abs(bus.memories[1]["Goal_Position"] - 1800) <= 1
    assert np.median(np.diff([moment.observed_s for moment in moments])) == pytest.approx(0.01, abs=0.004)


def test_what_the_hand_asks_for_is_clamped_before_it_is_sent(pair):
    follower, leader, _, leader_bus = pair
    leader_bus.memories[1]["Present_Position"] = 4000  # beyond the arm's range
    moments = []
    run_loop(follower, leader, 100, lambda moment: moments.append(moment) and False)
    assert moments[0].asked[1] > so101.ACTION_HIGH[1]
    assert moments[0].sent[1] == pytest.approx(so101.ACTION_HIGH[1])


def test_a_servo_that_dies_ends_the_loop_in_one_sentence(pair):
    follower, leader, bus, _ = pair

    def listen(moment) -> bool:
        bus.memories = bus.memories[:2] + bus.memories[3:]
        return True

    with pytest.raises(DeviceLostError, match=r"stopped answering .* look at plugs"):
        run_loop(follower, leader, 100, listen)


def test_letting_go_does_not_stop_at_a_dead_servo(pair):
    follower, _, bus, _ = pair
    assert torque(bus) == [1] * 6
    everyone = bus.memories
    bus.memories = everyone[:2] + everyone[3:]
    assert let_go(follower) == ["elbow_flex"]
    bus.memories = everyone
    assert torque(bus) == [0, 0, 1, 0, 0, 0]
    assert not follower.bus.is_connected
    assert let_go(follower) == []


def test_what_came_too_late_is_forgotten(pair):
    follower, _, bus, _ = pair
    line = follower.bus.port_handler.ser
    bus.memories[0]["Present_Position"] = 1500
    line.write(bytes([0xFF, 0xFF, 1, 4, 2, 56, 2, 190]))  # asks, and nobody fetches the answer
    bus.memories[0]["Present_Position"] = 2500
    assert line.in_waiting
    flush(follower)
    assert not line.in_waiting
    assert follower.bus.sync_read("Present_Position", normalize=False)["shoulder_pan"] == 2500


@pytest.mark.parametrize(
    ("cameras", "says"),
    [(None, "cannot be opened"), ("{front: {type: opncv}}", "write them as for LeRobot"), ("front", "write them as")],
)
def test_a_port_or_a_camera_that_is_not_there(tmp_path, cameras, says):
    began_s = time.monotonic()
    with pytest.raises(ArmchairError, match=says):
        open_follower(str(tmp_path / "ttyNONE"), cameras, "nobody")
    assert time.monotonic() - began_s < 30
