"""The calibration session, from the first reading to LeRobot's file. Before `save` nothing is written anywhere.

Stock LeRobot empties the servos' settings first and writes new ones in between, so that Ctrl-C leaves an arm that
fits no file (lerobot 0.6.1, robots/so_follower/so_follower.py, `calibrate`). The encoder can be known without:
it is Present_Position plus the Homing_Offset that the servo has now.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lerobot.motors import MotorCalibration

from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import FULL_TURN_JOINT, JOINTS
from armchair_core.so101.kinematics import TICKS_PER_TURN
from armchair_core.sts3215.registers import CALIBRATION_REGISTERS
from armchair_robot.bus.asking import read_positions, read_register, write_register
from armchair_robot.bus.registers import flush_bus
from armchair_robot.calibration import files
from armchair_robot.calibration.files import Calibration
from armchair_robot.calibration.limp_arm import LimpArm
from armchair_robot.calibration.sweep import Sweep

_MAY_MOVE_TICKS = 200  # in a hand, while one servo is written


def read_servos(arm: LimpArm) -> Calibration:
    """Return what the servos hold, as LeRobot compares it with its file when it connects."""
    held = {joint: [read_register(arm.bus, name, joint) for name in CALIBRATION_REGISTERS.values()] for joint in JOINTS}
    return {joint: MotorCalibration(id_, 0, *held[joint]) for id_, joint in enumerate(JOINTS, 1)}


class CalibrationSession:
    """The calibration of `joints`; the others keep what their servos hold. The motors must be off."""

    def __init__(self, arm: LimpArm, joints: Sequence[str] = JOINTS) -> None:
        self.arm, self.joints = arm, tuple(joints)
        self.before = read_servos(arm)
        self.sweeps: dict[str, Sweep] = {}

    def take_middle(self) -> None:
        """Take in that the arm is in the middle of its ranges now; sweeps begin."""
        self.sweeps = {joint: Sweep(joint, ticks) for joint, ticks in self._encoders().items() if joint in self.joints}

    def look(self) -> None:
        """Let every sweep take in where its joint is now."""
        encoders = self._encoders()
        for joint, sweep in self.sweeps.items():
            sweep.see(encoders[joint])

    def unfinished(self, accept_doubtful: bool = False) -> list[str]:
        """Return the joints that cannot be kept as they are."""
        verdicts = {joint: sweep.verdict() for joint, sweep in self.sweeps.items()}
        return [joint for joint, at in verdicts.items() if not (at.good or (accept_doubtful and at.doubtful))]

    @property
    def to_sweep(self) -> list[str]:
        """The joints that have to be moved; a full turn has no stops."""
        return [joint for joint in self.joints if joint != FULL_TURN_JOINT]

    def result(self) -> Calibration:
        """Return what `save` would write."""
        return {**self.before, **{joint: sweep.calibration() for joint, sweep in self.sweeps.items()}}

    def save(self, path: Path) -> list[Path]:
        """Write the servos and LeRobot's file, both or neither; return the copies of what was there before.

        Raises:
            ArmchairError: if a servo does not keep what is written.
        """
        return save(self.arm, self.before, self.result(), path)

    def _encoders(self) -> dict[str, int]:
        present = read_positions(self.arm.bus)
        return {joint: (present[joint] + self.before[joint].homing_offset) % TICKS_PER_TURN for joint in JOINTS}


def save(arm: LimpArm, before: Calibration, after: Calibration, path: Path) -> list[Path]:
    """Write `after` into the servos and into `path`, both or neither; return the copies of what was there before.

    Raises:
        ArmchairError: if a servo does not keep what is written.
    """
    copies = [files.keep(path, path.read_text(encoding="utf-8"), "old")] if path.exists() else []
    if not path.exists() or copies[0].read_text(encoding="utf-8") != files.text_of(before):
        copies.append(files.keep(path, files.text_of(before), "servos"))
    with _or_back(arm, before):
        for joint in JOINTS:
            _write_servo(arm, joint, before[joint], after[joint])
        files.write(path, after)
    return copies


@contextmanager
def _or_back(arm: LimpArm, before: Calibration) -> Iterator[None]:
    """Whatever goes wrong, Ctrl-C too: every servo that answers gets its old settings again."""
    try:
        yield
    except BaseException:
        flush_bus(arm.bus)
        for joint, held in before.items():
            try:
                _write_settings(arm, joint, held)
            except ArmchairError:
                continue  # this one is dead; the others still matter
        raise


def _write_servo(arm: LimpArm, joint: str, old: MotorCalibration, new: MotorCalibration) -> None:
    stood = read_register(arm.bus, "Present_Position", joint)
    write_register(arm.bus, "Operating_Mode", joint, 0)  # position, as LeRobot's calibrate does
    _write_settings(arm, joint, new)
    moved = read_register(arm.bus, "Present_Position", joint) - stood - (old.homing_offset - new.homing_offset)
    moved = (moved + TICKS_PER_TURN // 2) % TICKS_PER_TURN - TICKS_PER_TURN // 2
    held = {name: read_register(arm.bus, name, joint) for name in CALIBRATION_REGISTERS.values()}
    if held != {name: getattr(new, key) for key, name in CALIBRATION_REGISTERS.items()} or abs(moved) > _MAY_MOVE_TICKS:
        raise ArmchairError(
            f"{joint} did not keep what was written (asked {new}, holds {held}, {moved} ticks off): its old settings "
            "are back; hold the arm still and start again."
        )


def _write_settings(arm: LimpArm, joint: str, values: MotorCalibration) -> None:
    for key, name in CALIBRATION_REGISTERS.items():
        write_register(arm.bus, name, joint, getattr(values, key))
