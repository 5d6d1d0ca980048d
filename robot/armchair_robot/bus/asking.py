"""Registers read and written by name while nobody is in a hurry: asked again and again, then given up in words."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from armchair_core.errors import ArmchairError
from armchair_robot.bus.reasons import why
from armchair_robot.bus.registers import DEVICE_ERRORS, flush_bus

if TYPE_CHECKING:
    from lerobot.motors.feetech import FeetechMotorsBus

_PATIENCE_S = 1.5  # nobody is in a hurry while an arm is limp


def read_register(bus: "FeetechMotorsBus", name: str, joint: str) -> int:
    """Return one register of one servo, decoded. Raises ArmchairError if the servo no longer answers."""
    return int(_insist(bus, lambda: bus.read(name, joint, normalize=False)))


def write_register(bus: "FeetechMotorsBus", name: str, joint: str, value: int) -> None:
    """Set one register of one servo. Raises ArmchairError if the servo no longer answers."""
    _insist(bus, lambda: bus.write(name, joint, value, normalize=False))


def read_positions(bus: "FeetechMotorsBus") -> dict[str, int]:
    """Return Present_Position of all six, as the servos give it. Raises ArmchairError if one no longer answers."""
    positions = _insist(bus, lambda: bus.sync_read("Present_Position", normalize=False))
    return {joint: int(ticks) for joint, ticks in positions.items()}


def _insist[Answer](bus: "FeetechMotorsBus", ask: Callable[[], Answer]) -> Answer:
    """Ask, and again if nothing comes or something else does: what came too late is thrown away before each try.

    LeRobot's own retries keep it, and then take the late answer to a write for that to a read: scservo_sdk falls over
    it with an IndexError.
    """
    end_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            flush_bus(bus)
            return ask()
        except DEVICE_ERRORS as error:
            if time.monotonic() > end_s:
                raise ArmchairError(f"the arm was given up, because {why(bus, error)}; nothing was written.") from error
