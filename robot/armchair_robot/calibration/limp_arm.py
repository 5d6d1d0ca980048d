"""A limp arm: six servos on a line, without power in any of them, for a person to move.

LeRobot's follower switches its motors on when it is opened, and neither arm can be opened with a damaged
calibration file; a bus of its own has neither trouble.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from lerobot.motors import Motor, MotorNormMode
from lerobot.motors.feetech import FeetechMotorsBus

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS
from armchair_robot.bus import port_lock
from armchair_robot.bus.asking import read_register, write_register
from armchair_robot.bus.ports import why_unusable
from armchair_robot.bus.registers import DEVICE_ERRORS, model_of, vanished
from armchair_robot.bus.transports import use_tcp
from armchair_robot.devices.arms import let_go, port_of

MODEL = "sts3215"


@dataclass
class LimpArm:
    """An arm to calibrate. `kind` is follower or leader, `where` is what its owner calls its port."""

    kind: str
    where: str
    bus: FeetechMotorsBus


def make_bus(port: str) -> FeetechMotorsBus:
    """Return LeRobot's bus of an SO-101, not opened yet."""
    units = [MotorNormMode.DEGREES] * 5 + [MotorNormMode.RANGE_0_100]
    motors = {joint: Motor(id_, MODEL, unit) for id_, (joint, unit) in enumerate(zip(JOINTS, units, strict=True), 1)}
    bus = FeetechMotorsBus(port, motors)
    use_tcp(bus)
    return bus


@contextmanager
def opened(kind: str, where: str) -> Iterator[LimpArm]:
    """Open an arm whose six servos answer. Its motors are as they were; at the end they are off, come what may.

    `where` is ``twin``, a port, or ``serial:`` and a USB adapter's serial number.

    Raises:
        ArmchairError: if the port cannot be opened, another program has it, or a servo is missing; it says which.
    """
    with opened_line(kind, where) as bus:
        arm = LimpArm(kind, where, bus)
        _check_servos(arm)
        try:
            yield arm
        finally:
            let_go(arm)


@contextmanager
def opened_line(kind: str, where: str) -> Iterator[FeetechMotorsBus]:
    """Open the line alone, whatever answers on it. Nothing is written at the end.

    Raises:
        ArmchairError: if the port cannot be opened, or another program has it.
    """
    port = port_of(where, kind)
    if not port.startswith("tcp://") and (why := why_unusable(port)):
        raise ArmchairError(why)
    bus = make_bus(port)
    port_lock.take(port)
    try:
        _open(bus, where)
        yield bus
    except Exception as error:
        if not vanished(error):
            raise
        raise ArmchairError(
            f"the port of the arm at {where} went away: see to its USB cable and plug, then start again."
        ) from error
    finally:
        with suppress(Exception):  # it may be closed, or gone, by now
            bus.disconnect(disable_torque=False)
        port_lock.release(port)


def _open(bus: FeetechMotorsBus, where: str) -> None:
    try:
        bus.connect(handshake=False)
    except DEVICE_ERRORS as error:
        raise ArmchairError(
            f"the port of the arm at {where} cannot be opened ({error.__cause__ or error}): look at its USB plug."
        ) from error


def motors_on(arm: LimpArm) -> list[str]:
    """Return the joints that hold themselves now, and would fall if they were switched off."""
    return [joint for joint in JOINTS if read_register(arm.bus, "Torque_Enable", joint)]


def switch_off(arm: LimpArm) -> None:
    """Take the power out of every motor, and unlock their settings, as LeRobot does before it calibrates."""
    for joint in JOINTS:
        write_register(arm.bus, "Torque_Enable", joint, 0)
        write_register(arm.bus, "Lock", joint, 0)


def _which(arm: LimpArm) -> tuple[str, str]:
    return ("--leader" if arm.kind == "leader" else "--arm"), arm.where


def _check_servos(arm: LimpArm) -> None:
    expected = arm.bus.model_number_table[MODEL]
    found = {joint: model_of(arm.bus, id_) for id_, joint in enumerate(JOINTS, 1)}
    silent = [joint for joint, model in found.items() if model is None]
    if len(silent) == len(JOINTS):
        raise ArmchairError(
            f"no servo answers at {arm.where}: is the arm's power supply plugged in and switched on? The USB cable "
            f"feeds no motor. New motors have no ids yet: type `{typed('setup-motors', *_which(arm))}` first."
        )
    if silent:
        names = ", ".join(f"{joint} (id {JOINTS.index(joint) + 1})" for joint in silent)
        raise ArmchairError(
            f"{names} at {arm.where} cannot be heard: look at the cable, or, if the motor is new, "
            f"type `{typed('setup-motors', *_which(arm), '--joint', silent[0])}`."
        )
    if strange := [joint for joint, model in found.items() if model != expected]:
        raise ArmchairError(f"{', '.join(strange)} at {arm.where} is no STS3215: an SO-101 has six of them.")
