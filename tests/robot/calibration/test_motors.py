"""Ids for motors fresh from the factory, on a stock bus."""

import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.sts3215.packets import BAUDS
from armchair_robot.calibration.limp_arm import make_bus
from armchair_robot.calibration.motors import ORDER, Found, Progress, find_alone, give_id, missing


@pytest.fixture
def shop(new_workshop):
    return new_workshop(new=True)


@pytest.fixture
def bus(shop, monkeypatch):
    """Open; motors set to another speed do not hear it. It knows two speeds, and waits for 20 motors, not 252."""
    monkeypatch.setattr("scservo_sdk.MAX_ID", 20)
    monkeypatch.setattr("armchair_robot.bus.probe._ROLL_CALL_S", 0.05)
    bus = make_bus("in this process")
    shop.plug("follower", bus)
    bus.model_baudrate_table = {"sts3215": {1_000_000: 0, 500_000: 1}}
    feed = shop.buses["follower"].feed

    def at_its_speed(data):
        shop.buses["follower"].host_baud = bus.port_handler.baudrate
        return feed(data)

    shop.buses["follower"].feed = at_its_speed
    bus.connect(handshake=False)
    yield bus
    bus.disconnect(disable_torque=False)


def plug_in(shop, *joints: str) -> None:
    shop.buses["follower"].memories = [shop.memories()[kinematics.JOINTS.index(joint)] for joint in joints]


def test_one_motor_after_another_gets_its_id(shop, bus):
    for joint in ORDER[:2]:
        plug_in(shop, joint)
        found = find_alone(bus)
        assert found == Found(1_000_000, 1)
        give_id(bus, joint, found)
    ids = [memory["ID"] for memory in shop.memories()]
    assert ids == [1, 1, 1, 1, 5, 6]
    plug_in(shop, "wrist_roll", "gripper")
    assert missing(bus) == ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex"]


def test_a_motor_at_another_speed_is_found_and_brought_to_lerobots(shop, bus):
    memory = shop.memories()[2]
    memory["Baud_Rate"], memory["ID"] = BAUDS.index(500_000), 9
    plug_in(shop, "elbow_flex")
    found = find_alone(bus)
    assert found == Found(500_000, 9)
    give_id(bus, "elbow_flex", found)
    assert (memory["ID"], memory["Baud_Rate"]) == (3, 0)
    assert memory.eprom()["ID"] == 3, "it survives power-off"


def test_two_motors_with_one_id_are_refused_and_not_written(shop, bus):
    """LeRobot takes them for one and gives both the same id."""
    plug_in(shop, "gripper", "wrist_roll")
    assert bus.broadcast_ping() == {1: 777}
    with pytest.raises(ArmchairError, match="unplug all but one"):
        find_alone(bus)
    assert [memory["ID"] for memory in shop.memories()] == [1] * 6


def test_two_motors_with_two_ids_are_refused(shop, bus):
    shop.memories()[5]["ID"] = 6
    plug_in(shop, "gripper", "wrist_roll")
    with pytest.raises(ArmchairError, match=r"2 motors answer \(ids 1, 6\): unplug all but one"):
        find_alone(bus)


def test_another_model_is_refused(shop, bus):
    shop.memories()[5]["Model_Number"] = 1284
    plug_in(shop, "gripper")
    with pytest.raises(ArmchairError, match="no STS3215"):
        find_alone(bus)


def test_nobody_there(shop, bus):
    plug_in(shop)
    assert find_alone(bus) is None
    assert bus.get_baudrate() == 1_000_000


def test_a_motor_that_goes_away_is_named(shop, bus):
    plug_in(shop)
    with pytest.raises(ArmchairError, match="gripper did not take its id"):
        give_id(bus, "gripper", Found(1_000_000, 1))


def test_progress_is_kept_per_arm(tmp_path):
    file = tmp_path / "state" / "setup-motors.json"
    progress = Progress(file, "follower at /dev/ttyACM0")
    assert progress.done() == []
    progress.add("gripper")
    progress.add("wrist_roll")
    progress.add("gripper")
    assert Progress(file, "follower at /dev/ttyACM0").done() == ["wrist_roll", "gripper"]
    assert Progress(file, "leader at /dev/ttyACM0").done() == []
    progress.forget()
    assert progress.done() == []
    file.write_text("{")
    assert progress.done() == []
