"""Which process runs first where there is work for all: the arm's before pages and pictures.

Linux shares its cores out among sessions first (sched(7), autogroup), and only then among the processes of one, by
`nice`. So the arm's process has a session of its own: what the pages use in the terminal's is not taken from it.
"""

import os
from contextlib import suppress
from pathlib import Path

_FIRST, _LAST = -10, 5  # as `nice` counts


def own_session() -> None:
    """Leave the terminal's session, and its signals with it: whoever started this process tells it when to end."""
    with suppress(OSError, AttributeError):  # it leads one already; Windows
        os.setsid()


def go_first() -> None:
    """Run before other programs where that is permitted: LeRobot gives a servo 50 ms to answer."""
    with suppress(OSError, AttributeError):  # no root; Windows
        os.setpriority(os.PRIO_PROCESS, 0, _FIRST)
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(_FIRST))


def go_last() -> None:
    """Let the arm and its twin run first: they need a moment each. What was started before keeps its place."""
    with suppress(OSError, AttributeError):  # lower already; Windows
        os.setpriority(os.PRIO_PROCESS, 0, max(_LAST, os.getpriority(os.PRIO_PROCESS, 0)))
