"""The checks of the calibration: what the servos say of it, beside the file that LeRobot will load."""

from collections.abc import Iterator, Mapping, Sequence

from armchair_core.command_line import named, typed
from armchair_core.so101.joints import FULL_TURN_JOINT, JOINTS
from armchair_core.so101.kinematics import LAST_TICK, RANGE_MAX_TICKS, RANGE_MIN_TICKS
from armchair_core.sts3215.registers import CALIBRATION_REGISTERS, LARGEST_OFFSET_TICKS
from armchair_robot.calibration.ranges import LEAST
from armchair_robot.doctor.examination import Examination
from armchair_robot.doctor.files import CalibrationFile, Joints
from armchair_robot.doctor.finding import Finding, broken, listed, notice, wrong
from armchair_robot.doctor.scan import IDS, Servo

_SPANS = dict(zip(JOINTS, (RANGE_MAX_TICKS - RANGE_MIN_TICKS).tolist(), strict=True))
_TOO_LITTLE, _TOO_MUCH = 0.6, 1.25  # of the range that the arm's drawings give; less than LEAST is a hasty sweep
_OUTSIDE_TICKS = 100
_FACTORY = (0, 0, LAST_TICK)
_AGAIN = f"Calibrate it again: `{typed('calibrate')}` (or LeRobot's own)"


def calibration_findings(examination: Examination) -> Iterator[Finding]:
    """Yield every finding about offsets, ranges and the file."""
    servos = [servo for servo in examination.readable if servo.id in IDS]
    if not servos:
        return
    if all(_kept(servo) == _FACTORY for servo in servos):
        if len(servos) > 1:  # one alone is a motor that is being set up
            yield wrong(
                "not-calibrated", "certain", "The servos hold no calibration: they are as the factory or "
                f"`{named('setup-motors')}` left them.", f"{_AGAIN}.",
            )  # fmt: skip
        return
    limits = list(_limits(servos))
    yield from limits
    file = examination.file
    if file is None:
        yield notice(
            "no-calibration-file", "certain", "No file in LeRobot's place belongs to this arm: LeRobot will ask to "
            "calibrate it under the id that you give.",
            f"{_AGAIN}, or put the file that was written with it into LeRobot's folder.",
        )  # fmt: skip
        yield from _without_file(servos, {finding.at for finding in limits})
    elif file.joints is None:
        yield broken(
            "broken-file", "certain", f"LeRobot cannot load {file.name}: it is no calibration, or only half of one.",
            f"Move the file away. {_AGAIN}.",
        )  # fmt: skip
    else:
        own = list(_file(file, file.joints))
        yield from own
        yield from _beside(servos, file, file.joints, {finding.at for finding in own})


def _kept(servo: Servo) -> tuple[int, ...]:
    return tuple(servo[name] for name in CALIBRATION_REGISTERS.values())


def _limits(servos: Sequence[Servo]) -> Iterator[Finding]:
    for servo in servos:
        low, high = servo["Min_Position_Limit"], servo["Max_Position_Limit"]
        if low >= high:
            yield broken(
                "limits-swapped", "certain", f"{servo.joint} may go from {low} to {high}: its limits are swapped or "
                "empty, so it cannot follow any goal.", f"{_AGAIN}.", servo.joint,
            )  # fmt: skip


def _without_file(servos: Sequence[Servo], known: set[str]) -> Iterator[Finding]:
    """Yield what the servos' own numbers give away."""
    for servo in servos:
        low, high, present = servo["Min_Position_Limit"], servo["Max_Position_Limit"], servo["Present_Position"]
        share = (high - low) / _SPANS[servo.joint]
        if servo.joint in (*known, FULL_TURN_JOINT):
            continue
        if share > _TOO_MUCH:
            yield wrong(
                "position-wraps", "likely", f"{servo.joint} was calibrated over {high - low} ticks and can turn "
                f"{_SPANS[servo.joint]}: its position jumped from {LAST_TICK} to 0 on the way.",
                f"{_AGAIN}, with this joint in its middle at the start.", servo.joint,
            )  # fmt: skip
        elif share < LEAST:
            yield wrong(
                "range-too-small", "likely" if share < _TOO_LITTLE else "possible",
                f"{servo.joint} was calibrated over {share:.0%} of its range: it was not "
                "moved from stop to stop.", f"{_AGAIN}.", servo.joint,
            )  # fmt: skip
        elif not low - _OUTSIDE_TICKS <= present <= high + _OUTSIDE_TICKS:
            yield wrong(
                "outside-range", "likely", f"{servo.joint} stands at {present}, outside its range of {low} to {high}: "
                f"its middle was set wrong{_furthest(servo)}, or its horn has slipped.", f"{_AGAIN}.", servo.joint,
            )  # fmt: skip
        elif abs(servo["Homing_Offset"]) == LARGEST_OFFSET_TICKS:
            yield wrong(
                "position-wraps", "possible", f"{servo.joint} has the largest offset there is, "
                f"{servo['Homing_Offset']}: its position may jump from {LAST_TICK} to 0 on the way.",
                f"Move the joint by hand and watch its position; if it jumps, {_AGAIN[0].lower()}{_AGAIN[1:]}.",
                servo.joint,
            )  # fmt: skip


def _furthest(servo: Servo) -> str:
    return " (the offset is the largest there is)" if abs(servo["Homing_Offset"]) == LARGEST_OFFSET_TICKS else ""


# --- the file by itself -------------------------------------------------------------------------------------------
def _file(file: CalibrationFile, joints: Joints) -> Iterator[Finding]:
    """Yield what LeRobot would take from the file without a word (lerobot 0.6.1, motors/feetech/feetech.py)."""
    for id_, joint in enumerate(JOINTS, 1):
        said = joints[joint]
        if said["id"] != id_:
            yield wrong(
                "file-ids", "certain", f"{file.name} gives {joint} the id {said['id']}; it is {id_} on every SO-101.",
                f"Put the right id into the file, or calibrate again: it may be another arm's. {_AGAIN}.", joint,
            )  # fmt: skip
        if said["range_min"] >= said["range_max"]:
            yield broken(
                "file-swapped", "certain", f"{file.name} lets {joint} go from {said['range_min']} to "
                f"{said['range_max']}: the two are swapped, and LeRobot would write them into the servo.",
                f"Swap them in the file, or calibrate again. {_AGAIN}.", joint,
            )  # fmt: skip
        if abs(said["homing_offset"]) > LARGEST_OFFSET_TICKS:
            yield broken(
                "file-offset", "certain", f"{file.name} has an offset of {said['homing_offset']} for {joint}; a servo "
                f"takes up to {LARGEST_OFFSET_TICKS}, so LeRobot stops with an error.", f"{_AGAIN}.", joint,
            )  # fmt: skip


# --- the file beside the servos -----------------------------------------------------------------------------------
def _beside(servos: Sequence[Servo], file: CalibrationFile, joints: Joints, known: set[str]) -> Iterator[Finding]:
    """Return the joints whose numbers differ, but for those that are known to be wrong in the file."""
    different = [servo for servo in servos if not file.agrees(servo) and servo.joint not in known]
    if len(different) > len(servos) // 2:
        yield wrong(
            "foreign-file", "likely", f"{len(different)} of {len(servos)} servos hold other numbers than {file.name}: "
            "it is another arm's, or this arm was calibrated again since.",
            "Use the id that this arm was calibrated under (leave --arm-id out, and the doctor looks for it). "
            f"If there is none: {_AGAIN[0].lower()}{_AGAIN[1:]}.",
        )  # fmt: skip
        return
    for servo in different:
        yield _wraps(servo, joints[servo.joint], file.name) or wrong(
            "calibration-differs", "certain", f"{servo.joint} holds {_numbers(servo)}, and {file.name} says other: the "
            "servo was replaced or reset, or calibrated by another program. LeRobot will ask which is right.",
            f"{_AGAIN}; or, if the servo is the same as then, press ENTER when LeRobot asks.", servo.joint,
        )  # fmt: skip


def _wraps(servo: Servo, said: Mapping[str, int], name: str) -> Finding | None:
    """Return where the file's range lies with the servo's own offset: Present_Position = encoder - Homing_Offset."""
    moved = said["homing_offset"] - servo["Homing_Offset"]
    low, high = said["range_min"] + moved, said["range_max"] + moved
    if servo.joint == FULL_TURN_JOINT or (low >= 0 and high <= LAST_TICK):
        return None
    return wrong(
        "position-wraps", "likely", f"{servo.joint} has its middle in the wrong place: its offset is "
        f"{servo['Homing_Offset']}, and {said['homing_offset']} in {name}. On its way its position jumps from "
        f"{LAST_TICK} to 0.",
        f"{_AGAIN}; or, if nothing was taken apart, press ENTER when LeRobot asks for the file's values.", servo.joint,
    )  # fmt: skip


def _numbers(servo: Servo) -> str:
    return listed([f"{key} {servo[name]}" for key, name in CALIBRATION_REGISTERS.items()])
