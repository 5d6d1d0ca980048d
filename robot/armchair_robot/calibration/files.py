"""LeRobot's calibration files: where they lie, what is wrong with one, older folders, and copies of what was.

No file is changed or moved without a dated copy beside it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path

from lerobot.motors import MotorCalibration
from lerobot.utils.constants import HF_LEROBOT_CALIBRATION

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_core.so101.joints import JOINTS
from armchair_core.so101.kinematics import LAST_TICK
from armchair_core.sts3215.registers import LARGEST_OFFSET_TICKS
from armchair_robot.calibration.ranges import doubt

Calibration = dict[str, MotorCalibration]  # by joint

# LeRobot 0.6.1, robots/robot.py and teleoperators/teleoperator.py; before 0.5 each model had a folder of its own.
_PLACES = {"follower": Path("robots", "so_follower"), "leader": Path("teleoperators", "so_leader")}
_OLDER = {
    "follower": [Path("robots", f"{model}_follower") for model in ("so101", "so100")],
    "leader": [Path("teleoperators", f"{model}_leader") for model in ("so101", "so100")],
}


def folder(kind: str) -> Path:
    """Return where LeRobot looks for the files of a `follower` or a `leader`."""
    return HF_LEROBOT_CALIBRATION / _PLACES[kind]


def path_of(kind: str, arm_id: str) -> Path:
    """Return the file of one arm.

    Raises:
        ArmchairError: if the id cannot be a file's name.
    """
    if not arm_id or Path(arm_id).name != arm_id:
        raise ArmchairError(f"{arm_id!r} cannot be an arm's id, it becomes a file's name: type --id my_arm.")
    return folder(kind) / f"{arm_id}.json"


def ids(kind: str) -> list[str]:
    """Return the ids under which arms of this kind have been calibrated."""
    return sorted(path.stem for path in folder(kind).glob("*.json"))


def read(path: Path) -> Calibration:
    """Return one file, as it stands: `faults` says what is wrong with its numbers.

    Raises:
        ArmchairError: if it is not a calibration file.
    """
    names = {field.name for field in fields(MotorCalibration)}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        numbers = {joint: {name: int(entry[name]) for name in names} for joint, entry in found.items()}
        return {joint: MotorCalibration(**entry) for joint, entry in numbers.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ArmchairError(f"{path} is damaged: remove it, then calibrate with `{typed('calibrate')}`.") from None


def faults(calibration: Calibration) -> list[str]:
    """Return what LeRobot would write into the servos without a word, though it cannot be right."""
    found = [f"{joint} is missing" for joint in JOINTS if joint not in calibration]
    for number, joint in enumerate(JOINTS, 1):
        if (entry := calibration.get(joint)) is None:
            continue
        if entry.id != number:
            found.append(f"{joint} has id {entry.id} instead of {number}")
        if entry.range_min > entry.range_max:
            found.append(f"{joint} has its minimum and maximum swapped ({entry.range_min}, {entry.range_max})")
        elif not 0 <= entry.range_min < entry.range_max <= LAST_TICK:
            found.append(f"{joint} has no possible range ({entry.range_min} to {entry.range_max})")
        if abs(entry.homing_offset) > LARGEST_OFFSET_TICKS:
            found.append(f"{joint} has an impossible offset ({entry.homing_offset})")
    return found


def doubts(calibration: Calibration) -> list[str]:
    """Return which joints did not see their range, in words; [] if all did. LeRobot takes them as they are."""
    words = {
        joint: doubt(joint, entry.range_min, entry.range_max) for joint, entry in calibration.items() if joint in JOINTS
    }
    return [f"{joint} {why}" for joint, why in words.items() if why]


def differences(calibration: Calibration, servos: Calibration) -> list[str]:
    """Return where a file and what the servos hold disagree, in words; [] if LeRobot takes one for the other's."""
    names = {"homing_offset": "offset", "range_min": "minimum", "range_max": "maximum"}
    return [
        f"{joint}: {word} {getattr(calibration[joint], name)} in the file, {getattr(held, name)} in the servo"
        for joint, held in servos.items()
        if joint in calibration
        for name, word in names.items()
        if getattr(calibration[joint], name) != getattr(held, name)
    ]


def ids_like(kind: str, servos: Calibration) -> list[str]:
    """Return the ids whose files hold exactly what these servos hold."""
    found = []
    for arm_id in ids(kind):
        try:
            calibration = read(path_of(kind, arm_id))
        except ArmchairError:
            continue
        if not faults(calibration) and not differences(calibration, servos):
            found.append(arm_id)
    return found


def text_of(calibration: Mapping[str, MotorCalibration]) -> str:
    """Return the file's text as LeRobot writes it."""
    return json.dumps({joint: asdict(entry) for joint, entry in calibration.items()}, indent=4)


def write(path: Path, calibration: Calibration) -> None:
    """Put a file in LeRobot's place, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text_of(calibration))


def keep(path: Path, text: str, what: str) -> Path:
    """Put `text` beside a calibration file, named after it, `what` it is and the time; LeRobot ignores it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    copy = path.with_name(f"{path.name}.{what}-{datetime.now():%Y%m%d-%H%M%S}")
    copy.write_text(text, encoding="utf-8")
    return copy


def older(kind: str, arm_id: str) -> Path | None:
    """Return the file of this id in a folder of an older LeRobot, the newest if there are several."""
    there = [HF_LEROBOT_CALIBRATION / place / f"{arm_id}.json" for place in _OLDER[kind]]
    return max((path for path in there if path.is_file()), key=lambda path: path.stat().st_mtime, default=None)
