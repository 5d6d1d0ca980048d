"""What can be wrong beside the twin's own faults: power, cables, new motors, settings, supplies, calibration files."""

import json

import pytest
from lerobot.utils import constants

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import JOINTS
from armchair_robot.doctor import scan
from armchair_robot.doctor.verdict import diagnose
from armchair_robot.doctor.wiggle import Wiggle, wiggle_findings
from armchair_sim.twin.servos.control_table import ControlTable
from armchair_sim.twin.servos.encoder import calibration


@pytest.fixture(autouse=True)
def few_speeds(monkeypatch):
    """Two are enough to see that the others are tried."""
    monkeypatch.setattr(scan, "BAUDS", scan.BAUDS[:2])


def codes(ward, **how) -> list[str]:
    return [finding.code for finding in diagnose(ward.examine(reads=12, **how)).findings]


def put(ward, joint: str, **registers: int) -> None:
    """Change what stands in a servo, or with `every` in all of them."""
    chosen = ward.arm.memories if joint == "every" else [ward.arm.memories[JOINTS.index(joint)]]
    for memory in chosen:
        for name, value in registers.items():
            memory[name] = value


# --- who is there -------------------------------------------------------------------------------------------------
def test_no_power(ward):
    ward.wire.bus.memories = []
    assert codes(ward) == ["no-answer"]


def test_a_cable_that_is_off_silences_all_behind_it(ward):
    ward.wire.bus.memories = ward.arm.memories[:3]
    (finding,) = diagnose(ward.examine(reads=12)).findings
    assert (finding.code, finding.at) == ("servo-missing", "wrist_flex")
    assert "the cable behind elbow_flex" in finding.what


def test_motors_fresh_from_the_factory(ward):
    put(ward, "every", ID=1)
    assert codes(ward) == ["new-motors"]
    ward.wire.bus.memories = [ControlTable({"ID": 1})]
    assert codes(ward, note=False) == ["new-motors"]


def test_a_servo_at_another_speed(ward):
    put(ward, "gripper", Baud_Rate=1)
    (finding,) = diagnose(ward.examine(reads=12)).findings
    assert (finding.code, finding.at) == ("wrong-baud", "gripper")
    assert "500,000" in finding.what


def test_a_port_that_vanishes_on_the_way(ward):
    ward.wire.port.vanishes_after = 20
    assert codes(ward) == ["port-lost"]


# --- what the servos say --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("joint", "registers", "code"),
    [
        ("gripper", {"Model_Number": 2825}, "wrong-model"),
        ("wrist_flex", {"Response_Status_Level": 0}, "silent-writes"),
        ("wrist_flex", {"Operating_Mode": 1}, "wrong-mode"),
        ("gripper", {"Max_Torque_Limit": 100}, "weak-limit"),
        ("elbow_flex", {"Min_Position_Limit": 3149, "Max_Position_Limit": 945}, "limits-swapped"),
        ("elbow_flex", {"Present_Temperature": 60}, "hot"),
        ("elbow_flex", {"Status": 8}, "over-current"),
        ("elbow_flex", {"Status": 2}, "bad-encoder"),
        ("elbow_flex", {"Status": 1}, "voltage-limits"),
        ("gripper", {"Present_Voltage": 100}, "voltage-drop"),
        ("gripper", {"Max_Voltage_Limit": 80}, "mixed-voltages"),
        ("every", {"Max_Voltage_Limit": 80}, "supply-high"),
        ("every", {"Present_Voltage": 50}, "supply-low"),
        ("gripper", {"Torque_Enable": 1}, "motors-on"),
        ("gripper", {"CW_Dead_Zone": 5}, "odd-one-out"),
    ],
)
def test_what_stands_in_a_servo_has_a_meaning(ward, joint, registers, code):
    put(ward, joint, **registers)
    assert code in codes(ward)


@pytest.mark.parametrize("registers", [{"Present_Voltage": 50, "Max_Voltage_Limit": 80}, {"Present_Voltage": 74}])
def test_five_volts_are_right_for_the_small_servos(ward, registers):
    put(ward, "every", **registers)
    assert codes(ward) == ([] if registers["Present_Voltage"] == 50 else ["supply-low"])


def test_servos_that_push_against_something(ward):
    put(ward, "gripper", Torque_Enable=1, Present_Load=-600, Moving=0)
    assert codes(ward) == ["pushing", "motors-on"]


# --- calibration --------------------------------------------------------------------------------------------------
@pytest.fixture
def place(ward, tmp_path, monkeypatch):
    """LeRobot's place for calibration files; call it to put one there."""
    monkeypatch.setattr(constants, "HF_LEROBOT_CALIBRATION", tmp_path)

    def put_file(joints: object, kind: str = "robots/so_follower", name: str = "mine") -> str:
        path = tmp_path / kind / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(joints if isinstance(joints, str) else json.dumps(joints))
        return str(path)

    return put_file


def with_elbow(**changes: int) -> dict:
    joints = calibration()
    return {**joints, "elbow_flex": {**joints["elbow_flex"], **changes}}


@pytest.mark.parametrize(("kind", "side"), [("robots/so_follower", "follower"), ("teleoperators/so_leader", "leader")])
def test_the_file_that_fits_tells_which_arm_it_is(ward, place, kind, side):
    place(with_elbow(range_min=0), name="another")
    path = place(calibration(), kind)
    verdict = diagnose(ward.examine(reads=12, note=False))
    assert verdict.findings == []
    assert (verdict.examination.file.name, verdict.examination.side) == (path, side)


def test_a_followers_gripper_tells_it(ward, place):
    put(ward, "gripper", Max_Torque_Limit=500, Protection_Current=250, Overload_Torque=25)
    exam = ward.examine(reads=12, note=False)
    assert exam.side == "follower"
    assert [finding.code for finding in diagnose(exam).findings] == ["no-calibration-file"]


@pytest.mark.parametrize(
    ("joints", "expected"),
    [
        (with_elbow(range_min=3149, range_max=945), ["file-swapped"]),
        (with_elbow(homing_offset=99999), ["file-offset"]),
        (with_elbow(id=4), ["file-ids"]),
        (with_elbow(range_max=3000), ["calibration-differs"]),
        (with_elbow(homing_offset=1000), ["position-wraps"]),
        ({joint: {**said, "homing_offset": 77} for joint, said in calibration().items()}, ["foreign-file"]),
        ({"elbow_flex": {}}, ["broken-file"]),
        ("{", ["broken-file"]),
    ],
)
def test_files_that_do_not_fit(ward, place, joints, expected):
    place(joints)
    assert codes(ward, note=False, arm_id="mine") == expected


@pytest.mark.parametrize(
    ("registers", "expected"),
    [
        ({"Homing_Offset": 2047}, "position-wraps"),
        ({"Min_Position_Limit": 0, "Max_Position_Limit": 4095}, "position-wraps"),
        ({"Min_Position_Limit": 2000, "Max_Position_Limit": 2500}, "range-too-small"),
        ({"Present_Position": 100}, "outside-range"),
    ],
)
def test_what_the_servos_give_away_without_a_file(ward, place, registers, expected):
    put(ward, "elbow_flex", **registers)
    assert codes(ward, note=False) == [expected, "no-calibration-file"]


def test_an_arm_that_was_never_calibrated(ward, place):
    put(ward, "every", Min_Position_Limit=0, Max_Position_Limit=4095)
    assert codes(ward, note=False) == ["not-calibrated"]


def test_a_calibration_id_that_is_not_there(ward, place):
    with pytest.raises(ArmchairError, match="leave --arm-id out"):
        ward.examine(note=False, arm_id="mine")
    place(calibration())
    with pytest.raises(ArmchairError, match="did you mean 'mine'"):
        ward.examine(note=False, arm_id="mina")


# --- the wiggle -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moved", "play", "lag_s", "expected"),
    [
        (7.5, 0.5, 0.1, []),
        (0.3, 0.0, None, ["blocked"]),
        (5.0, 4.0, 1.0, ["blocked"]),
        (4.0, 0.5, 0.1, ["moves-short"]),
        (7.5, 4.0, 0.4, ["play", "lag"]),
    ],
)
def test_what_a_wiggle_means(moved, play, lag_s, expected):
    seen = Wiggle("elbow_flex", 8.0, moved, play, lag_s)
    assert [finding.code for finding in wiggle_findings(seen)] == expected
