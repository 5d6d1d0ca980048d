"""Process priorities: the arm's process first, pages and pictures after it.

Linux shares its cores out among sessions first (sched(7), autogroup), and only then among the processes of one, by
`nice`. So the arm's process has a session of its own: what the pages use in the terminal's is not taken from it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NICE = 10  # of 19: a tenth of what others get; with 19 an upload beside a training would take hours

_FIRST, _LAST = -10, 5  # as `nice` counts


def own_session() -> None:
    """Leave the terminal's session and its signals: whoever started this process tells it when to end."""
    with suppress(OSError, AttributeError):  # it leads one already; Windows
        os.setsid()


def go_first() -> None:
    """Run before other programs where that is permitted: LeRobot gives a servo 50 ms to answer."""
    with suppress(OSError, AttributeError):  # no root; Windows
        os.setpriority(os.PRIO_PROCESS, 0, _FIRST)
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(_FIRST))


@contextmanager
def at_once() -> Iterator[None]:
    """Run this thread the moment that it wakes, where that is permitted, for as long as it wants to.

    For a thread that mostly sleeps. Otherwise a program that computes is interrupted only at the system's next tick,
    up to 4 ms late.
    """
    try:
        before = os.sched_getscheduler(0), os.sched_getparam(0)
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except (OSError, AttributeError):  # no root; macOS, Windows
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def go_last() -> None:
    """Let the arm and its twin run first: they need a moment each. What was started before keeps its place.

    Linux counts the niceness of threads: all that run now stand back, and what they start does.
    """
    with suppress(OSError, AttributeError):  # lower already; Windows
        for thread in _threads():
            os.setpriority(os.PRIO_PROCESS, thread, max(_LAST, os.getpriority(os.PRIO_PROCESS, thread)))


def _threads() -> list[int]:
    """The threads of this process, as Linux numbers them; elsewhere 0, which is the process."""
    tasks = Path("/proc/self/task")
    return [int(each.name) for each in tasks.iterdir()] if tasks.is_dir() else [0]


def go_behind() -> None:
    """Let every other process go first, from now on; the children inherit it (see `keep_behind`)."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    os.nice(_NICE)
    keep_behind()


def keep_behind() -> None:
    """Let the session of a process that has inherited `go_behind` stand back as well.

    Linux compares the niceness of processes within a session only, and that of sessions by a file (sched(7),
    "The autogroup feature").
    """
    if sys.platform != "win32" and os.nice(0) == _NICE:
        with suppress(OSError):  # another system than Linux, or one without this
            Path("/proc/self/autogroup").write_text(str(_NICE))
