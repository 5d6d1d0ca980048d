"""The serial ports that an arm may be behind: of USB adapters, and of the twin that runs. No port is opened."""

import getpass
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from armchair_core.command_line import quoted, typed
from armchair_core.errors import ArmchairError
from armchair_sim.twin import runtime

SERIAL_PREFIX = "serial:"


@dataclass(frozen=True)
class Port:
    """A port that is there now. `serial_number` is the USB adapter's own, which outlives a change of plugs."""

    path: str
    description: str
    serial_number: str | None = None


def find_ports() -> list[Port]:
    """Return every port that may lead to an arm: USB adapters first, then the twin's two. Milliseconds."""
    from serial.tools import list_ports

    usb = [
        Port(found.device, found.description or "USB adapter", found.serial_number)
        for found in sorted(list_ports.comports())
        if found.vid is not None  # the ttyS* of a PC's mainboard never carry 1 Mbit/s
    ]
    note = runtime.read_note(runtime.runtime_dir())
    return usb + [Port(path, f"the twin's {arm}") for arm, path in (note["ports"] if note else {}).items()]


def resolve_port(where: str) -> str:
    """Return the path of a port that was named as a path, or as ``serial:`` and the adapter's serial number.

    Raises:
        ArmchairError: if no adapter with that number is plugged in; it names those that are.
    """
    if not where.startswith(SERIAL_PREFIX):
        return where
    number = where.removeprefix(SERIAL_PREFIX)
    ports = [port for port in find_ports() if port.serial_number]
    for port in ports:
        if port.serial_number == number:
            return port.path
    there = ", ".join(f"{SERIAL_PREFIX}{port.serial_number} at {port.path}" for port in ports) or "none"
    raise ArmchairError(f"no USB adapter with the serial number {number} is plugged in (there is {there}): plug it in.")


def why_unusable(path: str) -> str | None:
    """Return what keeps this user from opening the port, and what to do about it; None if nothing does."""
    port = Path(path)
    if not port.exists():
        return f"there is no port {path}: plug the arm in, then look with `{typed('doctor')}`."
    if not stat.S_ISCHR(port.stat().st_mode):
        return f"{path} is not a serial port: look for one with `{typed('doctor')}`."
    if os.access(path, os.R_OK | os.W_OK):
        return None
    joining = quoted("sudo", "usermod", "-aG", port.group(), getpass.getuser())
    return f"you may not use {path}: type `{joining}`, then log out and in again."
