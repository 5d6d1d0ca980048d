"""A whole calibration on stock buses, beside stock LeRobot's own on the same hands."""

import json
from dataclasses import replace

import pytest
from lerobot.motors import motors_bus

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_robot.calibration import files, session
from armchair_robot.calibration.limp_arm import motors_on
from armchair_robot.calibration.session import CalibrationSession, read_servos
from armchair_sim.twin.servos.encoder import calibration


def calibrate(workshop, arm, joints=kinematics.JOINTS) -> CalibrationSession:
    done = CalibrationSession(arm, joints)
    workshop.to_middle()
    done.take_middle()
    workshop.sweep(joints[0] if len(joints) == 1 else None)
    while workshop.bench.guided:
        done.look()
    return done


def eproms(workshop, kind="follower") -> list[dict]:
    return [memory.eprom() for memory in workshop.memories(kind)]


def calibrate_by_stock(workshop, folder, monkeypatch) -> dict:
    """What stock `lerobot-calibrate` writes for the same hands, which do not wait for its pauses."""
    device = workshop.device("follower", folder, "stock")
    device.connect(calibrate=False)
    with monkeypatch.context() as patch:
        patch.setattr("builtins.input", lambda prompt: workshop.to_middle() or workshop.sweep() or "")
        patch.setattr(motors_bus, "enter_pressed", lambda: not workshop.bench.guided)
        patch.setattr(motors_bus.time, "sleep", lambda s: None)
        device.calibrate()
    return json.loads((folder / "stock.json").read_text())


@pytest.mark.parametrize("kind", ["follower", "leader"])
def test_stock_lerobot_takes_the_arm_without_asking(workshop, tmp_path, kind):
    for memory in workshop.memories(kind):
        memory["Homing_Offset"] = 300
    arm = workshop.arm(kind)
    done = calibrate(workshop, arm)
    assert done.unfinished() == []
    assert eproms(workshop, kind)[0]["Homing_Offset"] == 300, "nothing is written before `save`"
    done.save(tmp_path / "mine.json")
    assert motors_on(arm) == []
    arm.bus.disconnect(disable_torque=False)
    device = workshop.device(kind, tmp_path, "mine")
    device.connect()  # would ask, and find nobody, if the file and the servos differed
    assert device.is_calibrated
    where = device.get_observation() if kind == "follower" else device.get_action()
    assert max(abs(value) for name, value in where.items() if name != "gripper.pos") < 3, "it stands in the middle"
    assert where["gripper.pos"] == pytest.approx(50, abs=3)


def test_the_numbers_are_stock_lerobots(new_workshop, tmp_path, monkeypatch):
    by_stock = calibrate_by_stock(new_workshop(), tmp_path, monkeypatch)
    workshop = new_workshop()
    done = calibrate(workshop, workshop.arm())
    done.save(tmp_path / "ours.json")
    ours = json.loads((tmp_path / "ours.json").read_text())
    assert list(ours) == list(by_stock)
    for joint, entry in by_stock.items():
        assert list(ours[joint]) == list(entry)
        assert ours[joint] == {key: pytest.approx(value, abs=6) for key, value in entry.items()}
    assert ours["wrist_roll"]["range_max"] == by_stock["wrist_roll"]["range_max"] == 4095


def test_a_wrapped_joint_is_centred_anew(workshop, tmp_path):
    """The middle is taken with the elbow at a stop, of an arm whose readings jump on the way there (position-wrap)."""
    workshop.memories()[2]["Homing_Offset"] = 2047
    done = CalibrationSession(workshop.arm(), ["elbow_flex"])
    workshop.sweep("elbow_flex")
    while not 2950 < workshop.memories()[2]["Present_Position"] < 3050:  # 945 of the encoder is its lower stop
        workshop.step()
    done.take_middle()
    while workshop.bench.guided:
        done.look()
    assert done.sweeps["elbow_flex"].verdict().words == "centred anew: it passed 4095"
    done.save(tmp_path / "mine.json")
    entry = files.read(tmp_path / "mine.json")["elbow_flex"]
    assert entry.range_min == pytest.approx(kinematics.RANGE_MIN_TICKS[2], abs=30)
    assert entry.range_max == pytest.approx(kinematics.RANGE_MAX_TICKS[2], abs=30)


def test_one_joint_leaves_the_others_alone(workshop, tmp_path):
    before = eproms(workshop)
    done = calibrate(workshop, workshop.arm(), ["gripper"])
    done.save(tmp_path / "mine.json")
    after = eproms(workshop)
    assert after[:5] == before[:5] and after[5] != before[5]
    assert files.read(tmp_path / "mine.json")["shoulder_pan"].range_min == kinematics.RANGE_MIN_TICKS[0]


def test_what_was_there_is_kept(workshop, tmp_path):
    path, servos = tmp_path / "mine.json", read_servos(workshop.arm())
    other = {**servos, "gripper": replace(servos["gripper"], homing_offset=99)}
    files.write(path, other)
    done = calibrate(workshop, workshop.arm(), ["gripper"])
    copies = done.save(path)
    assert [files.read(copy) for copy in copies] == [other, servos]
    assert len({path, *copies}) == 3


@pytest.mark.parametrize("mishap", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_both_or_neither(workshop, tmp_path, monkeypatch, mishap):
    before = eproms(workshop)
    done = calibrate(workshop, workshop.arm(), ["gripper"])

    def fail(path, text):
        assert eproms(workshop) != before, "the servos have been written by now"
        raise mishap

    monkeypatch.setattr(session.files, "write", fail)
    with pytest.raises(type(mishap)):
        done.save(tmp_path / "mine.json")
    assert eproms(workshop) == before
    assert not (tmp_path / "mine.json").exists()


def test_a_servo_that_does_not_keep_its_offset_is_named(workshop, tmp_path):
    done = calibrate(workshop, workshop.arm(), ["gripper"])
    workshop.memories()[5]["Lock"] = 0
    write = workshop.memories()[5].write
    workshop.memories()[5].write = lambda address, data: None if address == 31 else write(address, data)
    with pytest.raises(ArmchairError, match="gripper did not keep"):
        done.save(tmp_path / "mine.json")
    assert not (tmp_path / "mine.json").exists()


def test_a_servo_that_dies_is_said_in_a_sentence(workshop):
    done = CalibrationSession(workshop.arm())
    done.take_middle()
    workshop.buses["follower"].memories.pop()
    with pytest.raises(ArmchairError, match=r"gripper \(id 6\) does not answer: .*nothing was written"):
        done.look()


def test_the_twins_own_calibration_is_what_servos_hold(workshop):
    held = read_servos(workshop.arm())
    assert files.text_of(held) == json.dumps(calibration(), indent=4)
