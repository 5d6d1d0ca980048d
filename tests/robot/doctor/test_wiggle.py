"""A joint that is wiggled: through LeRobot's driver and the guard, on servos in this process that live by the clock."""

import json
import time

import pytest

from armchair_core.so101.kinematics import JOINTS
from armchair_robot.devices.armchair_so101 import ArmchairSO101
from armchair_robot.devices.arms import let_go
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config
from armchair_robot.doctor.wiggle import wiggle, wiggle_findings
from armchair_sim.twin.servos.encoder import calibration

pytestmark = pytest.mark.usefixtures("steady_driver")


@pytest.fixture
def follower(ward, tmp_path):
    (tmp_path / "twin.json").write_text(json.dumps(calibration()))
    robot = ArmchairSO101(ArmchairSO101Config(port="in this process", id="twin", calibration_dir=tmp_path))
    ward.connect(robot.bus)
    ward.lives_since_s = time.monotonic()
    robot.connect()
    yield robot
    let_go(robot)


@pytest.mark.parametrize(
    ("joint", "jammed"), [pytest.param("wrist_flex", False, marks=pytest.mark.slow), ("elbow_flex", True)]
)
def test_a_joint_moves_and_comes_back_unless_it_is_blocked(ward, follower, joint, jammed):
    if jammed:
        ward.breaker.set("overload", joint)
    before = {name: memory["Present_Position"] for name, memory in zip(JOINTS, ward.arm.memories, strict=True)}
    seen = wiggle(follower, joint)
    after = {name: memory["Present_Position"] for name, memory in zip(JOINTS, ward.arm.memories, strict=True)}
    assert max(abs(after[name] - before[name]) for name in JOINTS) < 40
    codes = [finding.code for finding in wiggle_findings(seen) if finding.code != "lag"]  # a busy computer's, too
    assert codes == (["blocked"] if jammed else [])
    assert jammed or seen.moved == pytest.approx(8, abs=2)
