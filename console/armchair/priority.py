"""Which process runs first where there is work for all: the arm's before pages and pictures."""

import os
from contextlib import suppress

_FIRST, _LAST = -10, 5  # as `nice` counts


def go_first() -> None:
    """Run before other programs where that is permitted: LeRobot gives a servo 50 ms to answer."""
    with suppress(OSError, AttributeError):  # no root; Windows
        os.setpriority(os.PRIO_PROCESS, 0, _FIRST)


def go_last() -> None:
    """Let the arm and its twin run first: they need a moment each. What was started before keeps its place."""
    with suppress(OSError, AttributeError):  # lower already; Windows
        os.setpriority(os.PRIO_PROCESS, 0, max(_LAST, os.getpriority(os.PRIO_PROCESS, 0)))
