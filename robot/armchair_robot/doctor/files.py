"""Calibration files in LeRobot's place, and which of them an arm's servos were calibrated with. Reads only.

LeRobot 0.6.1 keeps them in `HF_LEROBOT_CALIBRATION`, as robots/so_follower/ID.json and teleoperators/so_leader/ID.json
(robots/robot.py, teleoperators/teleoperator.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.so101.joints import JOINTS
from armchair_core.sts3215.registers import CALIBRATION_REGISTERS
from armchair_robot.doctor.scan import Servo

PLACES = {"follower": Path("robots", "so_follower"), "leader": Path("teleoperators", "so_leader")}
Joints = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class CalibrationFile:
    """One file. `joints` is None if LeRobot could not load it."""

    name: str
    side: str  # follower or leader
    joints: Joints | None

    def agrees(self, servo: Servo) -> bool:
        """Return whether a servo holds what the file says of its joint."""
        said = (self.joints or {}).get(servo.joint)
        return said is not None and all(servo[name] == said[key] for key, name in CALIBRATION_REGISTERS.items())


def all_files() -> list[CalibrationFile]:
    """Return every calibration of an SO-101 that LeRobot has on this machine."""
    from lerobot.utils.constants import HF_LEROBOT_CALIBRATION

    return [
        CalibrationFile(str(path), side, _load(path))
        for side, place in PLACES.items()
        for path in sorted((HF_LEROBOT_CALIBRATION / place).glob("*.json"))
    ]


def _load(path: Path) -> Joints | None:
    try:
        joints = json.loads(path.read_text())
        return joints if _is_whole(joints) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _is_whole(joints: Any) -> bool:
    """Return whether it has a whole number for everything that LeRobot's `MotorCalibration` has."""
    keys = ("id", *CALIBRATION_REGISTERS)
    return set(joints) == set(JOINTS) and all(isinstance(joints[joint][key], int) for joint in JOINTS for key in keys)


def choose(files: Sequence[CalibrationFile], servos: Sequence[Servo], arm_id: str | None) -> CalibrationFile | None:
    """Return the file of the user's `arm_id`, or else the one that agrees with most servos, but with two at least.

    Raises:
        ArmchairError: if there is no file of this id; it names the nearest.
    """
    if arm_id is not None and not files:
        raise ArmchairError(f"there is no calibration file at all, so none called {arm_id!r}: leave --arm-id out.")
    if arm_id is not None:
        of_id = [file for file in files if Path(file.name).stem == arm_id]
        if not of_id:
            raise unknown_name("calibration file of the id", arm_id, {Path(file.name).stem for file in files})
        files = of_id
    agreeing = {file.name: sum(file.agrees(servo) for servo in servos) for file in files}
    best = max(files, key=lambda file: agreeing[file.name], default=None)
    return best if best and (arm_id is not None or agreeing[best.name] >= 2) else None
