"""Stock LeRobot drivers whose servos are objects in this process."""

import json

import pytest

from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.devices.armchair_so101 import ArmchairSO101, ArmchairSO101Leader
from armchair_robot.devices.arms import let_go
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.servos.encoder import calibration


@pytest.fixture
def pair(tmp_path):
    """(follower, leader, their buses): connected, the follower's motors on. Nothing moves unless a test moves it."""
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
        use_transport(
            device.bus, lambda bus=bus: FeedTransport(lambda data: b"".join(reply.data for reply in bus.feed(data)))
        )
        device.connect()
        devices.append(device)
        buses.append(bus)
    yield *devices, *buses
    for device in devices:
        let_go(device)
