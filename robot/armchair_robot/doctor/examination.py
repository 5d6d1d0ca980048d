"""The examination of an arm: all that can be learnt without moving it or writing to it."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_robot.bus.probe import GONE, ProbeLine, ReplyTally
from armchair_robot.doctor.camera_checks import CameraExamination
from armchair_robot.doctor.files import CalibrationFile, all_files, choose
from armchair_robot.doctor.scan import Servo, find_servos, measure_line, read_servo

if TYPE_CHECKING:
    from lerobot.motors.feetech import FeetechMotorsBus

READS = 300  # of the line's quality
_TROUBLE: tuple[type[Exception], ...] = (*GONE, ArmchairError)
_PLUG_IN = "look at its plug and cable (some USB cables only charge), then ask again."


@dataclass(frozen=True)
class Examination:
    """What was found. `obstacle` says why the port did not open ("what: what to do"); then nothing else is known.

    `vanished` is a port that went away on the way; `holder` another program that has it; `busy` says how this computer
    itself was too slow to judge the line's pace. `line` counts the questions to the servos that answer, together;
    `tallies` each servo's. `side` is follower, leader or unknown, and `told_by` says by what.
    """

    port: str
    obstacle: str | None = None
    holder: str | None = None
    vanished: bool = False
    busy: str = ""
    servos: Sequence[Servo] = ()
    tallies: dict[int, ReplyTally] = field(default_factory=dict)
    file: CalibrationFile | None = None
    side: str = "unknown"
    told_by: str = ""
    cameras: Sequence[CameraExamination] = ()
    took_s: float = 0.0

    @property
    def line(self) -> ReplyTally:
        """The tallies of the servos that answer, added up."""
        return sum((self.tallies[servo.id] for servo in self.servos), ReplyTally())

    @property
    def readable(self) -> list[Servo]:
        """The servos whose registers could be read."""
        return [servo for servo in self.servos if servo.readable]


def open_bus(port: str) -> "FeetechMotorsBus":
    """Return LeRobot's bus for a path or tcp://, without motors and not connected yet."""
    from lerobot.motors.feetech import FeetechMotorsBus

    from armchair_robot.bus.transports import use_tcp

    bus = FeetechMotorsBus(port, {})
    use_tcp(bus)
    return bus


def examine(
    bus: "FeetechMotorsBus", arm_id: str | None = None, twin: dict[str, Any] | None = None, reads: int = READS
) -> Examination:
    """Examine the arm behind `bus` (see `open_bus`). Some seconds; a silent bus takes longest.

    `arm_id` names its calibration, as LeRobot's `--robot.id`; `twin` is the note of the twin whose port this is.

    Raises:
        ArmchairError: if there is no calibration of this id.
    """
    began_s = time.monotonic()
    servos: list[Servo] = []
    line = ProbeLine(bus)
    try:
        with line:
            found = find_servos(line)
            servos += [read_servo(line, id_, baud) for id_, baud in sorted(found.items())]
            measure_line(line, servos, reads)
        vanished = False
    except _TROUBLE as error:
        if not line.tallies:
            return Examination(bus.port, obstacle=f"{bus.port} cannot be opened ({_why(error)}): {_PLUG_IN}")
        vanished = True
    examination = Examination(bus.port, vanished=vanished, busy=_busy(line), servos=servos, tallies=line.tallies)
    return replace(_with_calibration(examination, arm_id, twin), took_s=time.monotonic() - began_s)


def _why(error: BaseException) -> str:
    return " ".join(str(error.__cause__ or error).split())[:200]


def _busy(line: ProbeLine) -> str:
    load, cores = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0, os.cpu_count() or 1
    if load > cores:
        return f"this computer is busy (load {load:.1f} on {cores} cores)"
    return f"this computer stood still {number_of(line.standstills, 'time')} meanwhile" if line.standstills else ""


def _with_calibration(examination: Examination, arm_id: str | None, twin: dict[str, Any] | None) -> Examination:
    if twin is not None and arm_id is None:
        side = next(side for side, port in twin["ports"].items() if port == examination.port)
        return replace(
            examination,
            file=CalibrationFile("the twin's own calibration", side, twin["calibration"][side]),
            side=side,
            told_by="the twin says so",
        )
    file = choose(all_files(), examination.readable, arm_id)
    if file is not None and any(file.agrees(servo) for servo in examination.readable):
        return replace(examination, file=file, side=file.side, told_by="its calibration file")
    if _has_followers_gripper(examination.readable):
        return replace(
            examination, file=file, side="follower", told_by="its gripper has LeRobot's limits for a follower"
        )
    return replace(examination, file=file)


def _has_followers_gripper(servos: Sequence[Servo]) -> bool:
    """LeRobot writes these on a follower's gripper alone (lerobot 0.6.1, robots/so_follower/so_follower.py)."""
    wanted = {"Max_Torque_Limit": 500, "Protection_Current": 250, "Overload_Torque": 25}
    return any(servo.joint == "gripper" and wanted.items() <= servo.registers.items() for servo in servos)
