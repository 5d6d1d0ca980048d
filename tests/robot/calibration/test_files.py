"""LeRobot's calibration files: read, judged, compared, and never lost."""

import json
from dataclasses import replace

import pytest
from lerobot.motors import MotorCalibration

from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS
from armchair_robot.calibration import files
from armchair_sim.twin.servos.encoder import calibration


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "HF_LEROBOT_CALIBRATION", tmp_path)
    return tmp_path


def good() -> files.Calibration:
    return {joint: MotorCalibration(**values) for joint, values in calibration().items()}


def test_places_are_lerobots(place):
    from lerobot.robots.so_follower import SO101Follower
    from lerobot.teleoperators.so_leader import SO101Leader

    assert files.path_of("follower", "mine") == place / "robots" / SO101Follower.name / "mine.json"
    assert files.path_of("leader", "mine") == place / "teleoperators" / SO101Leader.name / "mine.json"


@pytest.mark.parametrize("arm_id", ["", "../other", "a/b"])
def test_an_id_is_a_files_name(arm_id):
    with pytest.raises(ArmchairError, match="--id my_arm"):
        files.path_of("follower", arm_id)


def test_written_as_lerobot_writes_and_read_back(place):
    path = files.path_of("follower", "mine")
    files.write(path, good())
    assert json.loads(path.read_text()) == calibration()
    assert files.read(path) == good()
    assert files.ids("follower") == ["mine"] and files.ids("leader") == []
    assert files.faults(good()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"gripper": 5}', '{"gripper": {"id": 6}}'])
def test_a_damaged_file_is_named(place, text):
    path = place / "mine.json"
    path.write_text(text)
    if text == "[]":
        path.write_text("[1]")
    with pytest.raises(ArmchairError, match=r"mine\.json is damaged"):
        files.read(path)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"range_min": 3149, "range_max": 945}, "elbow_flex has its minimum and maximum swapped"),
        ({"id": 4}, "elbow_flex has id 4 instead of 3"),
        ({"range_max": 9000}, "no possible range"),
        ({"range_min": 945, "range_max": 945}, "no possible range"),
        ({"homing_offset": 99999}, "impossible offset"),
    ],
)
def test_what_lerobot_would_write_without_a_word(wrong, says):
    bad = good()
    bad["elbow_flex"] = replace(bad["elbow_flex"], **wrong)
    assert len(files.faults(bad)) == 1 and says in files.faults(bad)[0]


def test_a_missing_joint_is_a_fault():
    assert files.faults({"gripper": good()["gripper"]})[0] == "shoulder_pan is missing"


def test_another_arms_file_is_told_and_the_right_one_found():
    other = good()
    other["gripper"] = replace(other["gripper"], homing_offset=77)
    files.write(files.path_of("follower", "other"), other)
    files.write(files.path_of("follower", "mine"), good())
    assert files.differences(other, good()) == ["gripper: offset 77 in the file, 0 in the servo"]
    assert files.ids_like("follower", good()) == ["mine"]
    files.path_of("follower", "mine").write_text("{")
    assert files.ids_like("follower", good()) == []


def test_a_copy_is_no_id(place):
    path = files.path_of("leader", "mine")
    files.write(path, good())
    copy = files.keep(path, path.read_text(), "old")
    assert copy.parent == path.parent and copy.read_text() == path.read_text()
    assert files.ids("leader") == ["mine"]


def test_older_folders_are_looked_into(place):
    assert files.older("follower", "mine") is None
    path = place / "robots" / "so100_follower" / "mine.json"
    path.parent.mkdir(parents=True)
    path.write_text(files.text_of(good()))
    assert files.older("follower", "mine") == path
    assert files.older("leader", "mine") is None


def test_a_joint_that_saw_three_quarters_of_its_range_is_doubtful():
    """Of ranges as real arms have them, in ticks: 2725 of a pan, 2350, 2222, 2329, a whole turn, 1475 of a gripper."""
    real = dict(zip(JOINTS, (2725, 2350, 2222, 2329, 4095, 1475), strict=True))
    for joint, span in real.items():
        whole = {joint: MotorCalibration(1, 0, 0, 2047 - span // 2, 2047 - span // 2 + span)}
        half = 3 * span // 8
        assert files.doubts(whole) == []
        short = {joint: MotorCalibration(1, 0, 0, 2047 - half, 2047 + half)}
        assert [words.split()[0] for words in files.doubts(short)] == [joint] * (joint != "wrist_roll")


def test_a_range_that_ends_where_the_count_begins_anew_is_doubtful():
    (words,) = files.doubts({"elbow_flex": MotorCalibration(3, 0, 0, 0, 2200)})
    assert words == "elbow_flex ends at 0, where the count begins anew"
