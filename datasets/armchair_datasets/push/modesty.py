"""A process that lets others have the processor first: a recorder's arm must not wait for an upload."""

import os
import sys
from contextlib import suppress
from pathlib import Path

_NICE = 10  # of 19: a tenth of what others get; with 19 an upload beside a training would take hours


def stand_back() -> None:
    """Let everybody else go first, from now on; what this process starts stands back too (see `keep_behind`)."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    os.nice(_NICE)
    keep_behind()


def keep_behind() -> None:
    """Let the session of a process that has inherited `stand_back` stand back as well.

    Linux compares the niceness of processes within a session only, and that of sessions by a file (sched(7),
    "The autogroup feature").
    """
    if sys.platform != "win32" and os.nice(0) == _NICE:
        with suppress(OSError):  # another system than Linux, or one without this
            Path("/proc/self/autogroup").write_text(str(_NICE))
