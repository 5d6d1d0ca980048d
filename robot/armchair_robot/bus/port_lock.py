"""The lock of a port, one process each: two programs on one servo bus answer each other's questions, and the arm jerks.

The lock is the operating system's own, on the device itself: it ends with the process, however that ends, and
programs that open their port with pyserial's `exclusive` keep to it as well. Stock LeRobot takes none, so whoever
has the device open is looked for, too (Linux alone; Windows lets only one program open a port anyway).
"""

import os
from pathlib import Path

from armchair_core.errors import ArmchairError

_taken: dict[str, int] = {}  # by port: the file number that carries the lock


def take(port: str) -> None:
    """Keep other programs off the device behind `port` until `release`. A TCP port takes one caller anyway.

    Raises:
        ArmchairError: if another program uses it; it names the process where that can be seen.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return
    if not Path(port).exists() or port in _taken:
        return
    number = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        others = holders(port)
    except BlockingIOError:
        others = holders(port) or ["another program"]
    if others:
        os.close(number)
        raise ArmchairError(f"{port} is in use by {' and '.join(others)}: end that first, then try again.")
    _taken[port] = number


def release(port: str) -> None:
    """Let others have it. Safe to call twice."""
    if port in _taken:
        os.close(_taken.pop(port))


def holders(port: str) -> list[str]:
    """Return the other processes seen to have the device open, as ``process 123 (lerobot-record …)``."""
    device = os.path.realpath(port)
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*") if int(path.name) != os.getpid()]
    return [_named(pid) for pid in pids if _has_open(pid, device)]


def _has_open(pid: int, device: str) -> bool:
    """Return whether a process has the driver's side open; who made a pseudo-terminal holds both of its ends."""
    opened = set()
    try:
        for path in Path("/proc", str(pid), "fd").iterdir():
            opened.add(str(path.readlink()))
    except OSError:  # it ended, or is somebody else's
        pass
    return device in opened and not opened & {"/dev/ptmx", "/dev/pts/ptmx"}


def _named(pid: int) -> str:
    import psutil

    try:
        command = " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        command = ""
    return f"process {pid}" + (f" ({command[:100]})" if command else "")
