"""An arm's six servos on a line, without power in any of them: what a person moves by hand.

LeRobot's follower switches its motors on when it is opened, and neither arm can be opened with a damaged
calibration file; a bus of its own has neither trouble.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from lerobot.motors import Motor, MotorNormMode
from lerobot.motors.feetech import FeetechMotorsBus

from armchair_robot import port_lock
from armchair_robot.arms import DEVICE_ERRORS, flush_bus, let_go, port_of
from armchair_robot.ports import why_unusable
from armchair_robot.servo_port import use_tcp
from armchair_sim.errors import ArmchairError
from armchair_sim.so101 import JOINTS

MODEL = "sts3215"
_PATIENCE_S = 1.5  # nobody is in a hurry while an arm is limp
TRIES = 6  # a busy machine can miss the 50 ms that LeRobot gives a servo


@dataclass
class Arm:
    """`kind` is follower or leader, `where` is what its owner calls its port."""

    kind: str
    where: str
    bus: FeetechMotorsBus


def make_bus(port: str) -> FeetechMotorsBus:
    """LeRobot's bus of an SO-101, not opened yet."""
    units = [MotorNormMode.DEGREES] * 5 + [MotorNormMode.RANGE_0_100]
    motors = {joint: Motor(id_, MODEL, unit) for id_, (joint, unit) in enumerate(zip(JOINTS, units, strict=True), 1)}
    bus = FeetechMotorsBus(port, motors)
    use_tcp(bus)
    return bus


@contextmanager
def opened(kind: str, where: str) -> Iterator[Arm]:
    """An arm whose six servos answer. Its motors are as they were; at the end they are off, come what may.

    `where` is ``twin``, a port, or ``serial:`` and a USB adapter's serial number.

    Raises:
        ArmchairError: if the port cannot be opened, another program has it, or a servo is missing; it says which.
    """
    with opened_line(kind, where) as bus:
        arm = Arm(kind, where, bus)
        _check_servos(arm)
        try:
            yield arm
        finally:
            let_go(arm)


@contextmanager
def opened_line(kind: str, where: str) -> Iterator[FeetechMotorsBus]:
    """The line alone, whatever answers on it. Nothing is written at the end.

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


def motors_on(arm: Arm) -> list[str]:
    """The joints that hold themselves now, and would fall if they were switched off."""
    return [joint for joint in JOINTS if read_register(arm.bus, "Torque_Enable", joint)]


def switch_off(arm: Arm) -> None:
    """Take the power out of every motor, and unlock their settings, as LeRobot does before it calibrates."""
    for joint in JOINTS:
        write_register(arm.bus, "Torque_Enable", joint, 0)
        write_register(arm.bus, "Lock", joint, 0)


def read_register(bus: FeetechMotorsBus, name: str, joint: str) -> int:
    """One register of one servo, decoded. Raises ArmchairError if the servo no longer answers."""
    return int(_insist(bus, joint, lambda: bus.read(name, joint, normalize=False)))


def write_register(bus: FeetechMotorsBus, name: str, joint: str, value: int) -> None:
    """Set one register of one servo. Raises ArmchairError if the servo no longer answers."""
    _insist(bus, joint, lambda: bus.write(name, joint, value, normalize=False))


def read_positions(bus: FeetechMotorsBus) -> dict[str, int]:
    """Present_Position of all six, as the servos give it. Raises ArmchairError if one no longer answers."""
    positions = _insist(bus, "a servo", lambda: bus.sync_read("Present_Position", normalize=False))
    return {joint: int(ticks) for joint, ticks in positions.items()}


def _insist[Answer](bus: FeetechMotorsBus, who: str, ask: Callable[[], Answer]) -> Answer:
    """Ask, and again if nothing comes or something else does: what came too late is thrown away before each try.

    LeRobot's own retries keep it, and then take the late answer to a write for that to a read: scservo_sdk falls over
    it with an IndexError.
    """
    end_s = time.monotonic() + _PATIENCE_S
    while True:
        flush_bus(bus)
        try:
            return ask()
        except (*DEVICE_ERRORS, IndexError) as error:
            if time.monotonic() > end_s:
                said = " ".join(str(error).split())[:120]
                break
    raise ArmchairError(
        f"{who} stopped answering ({said}): look at plugs and power, then start again; nothing was written."
    )


def model_of(bus: FeetechMotorsBus, id_: int) -> int | None:
    """The model of the motor with this id, None if none answers. One that complains of a fault answers, too."""
    for _ in range(TRIES):
        flush_bus(bus)
        with suppress(IndexError):  # as in `_insist`
            model, result, _ = bus.packet_handler.ping(bus.port_handler, id_)
            if result == 0:
                return model
    return None


def _check_servos(arm: Arm) -> None:
    expected = arm.bus.model_number_table[MODEL]
    found = {joint: model_of(arm.bus, id_) for id_, joint in enumerate(JOINTS, 1)}
    silent = [joint for joint, model in found.items() if model is None]
    if len(silent) == len(JOINTS):
        raise ArmchairError(
            f"no servo answers at {arm.where}: is the arm's power supply plugged in and switched on? The USB cable "
            "feeds no motor. New motors have no ids yet: type `armchair setup-motors` first."
        )
    if silent:
        names = ", ".join(f"{joint} (id {JOINTS.index(joint) + 1})" for joint in silent)
        raise ArmchairError(
            f"{names} at {arm.where} cannot be heard: look at the cable, or, if the motor is new, "
            f"type `armchair setup-motors --joint {silent[0]}`."
        )
    if strange := [joint for joint, model in found.items() if model != expected]:
        raise ArmchairError(f"{', '.join(strange)} at {arm.where} is no STS3215: an SO-101 has six of them.")
