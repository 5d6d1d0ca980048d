"""The number of threads of a training step, on a machine where other programs come and go."""

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import torch

from armchair_core.processes.parallel import default_workers

# Small convolutions gain little from more threads than this.
MOST_THREADS = 8
STEPS_TO_COMPARE = 6


class ThreadChoice:
    """A choice, by the clock and every minute anew, of all threads or one alone, whichever is faster.

    Threads that wait for one another stand still when another program holds a core: two are then slower than
    one by half, and on an idle machine faster by as much. A run of a fixed number of steps keeps its threads,
    because their number changes the last digits.
    """

    def __init__(self, most: int) -> None:
        self._choices = (1, most)
        self.compare_again()

    def compare_again(self) -> None:
        """Time the next steps, first with all threads and then with one."""
        self._times_s: dict[int, list[float]] = {count: [] for count in self._choices} if self._choices[1] > 1 else {}

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Time the step in the block."""
        trying = max((count for count, taken in self._times_s.items() if len(taken) < STEPS_TO_COMPARE), default=None)
        if trying is not None:
            torch.set_num_threads(trying)
        started_s = time.monotonic()
        yield
        if trying is not None:
            self._times_s[trying].append(time.monotonic() - started_s)
            if all(len(taken) == STEPS_TO_COMPARE for taken in self._times_s.values()):
                torch.set_num_threads(min(self._times_s, key=lambda count: median(self._times_s[count])))
                self._times_s = {}


def most_threads() -> int:
    """Return as many threads as this process has cores, within reason."""
    return min(default_workers(), MOST_THREADS)


def keep_freed_memory() -> None:
    """Let this process keep what it frees, for the next step to use again.

    glibc hands large blocks back to the system at once, and a step then waits for the same megabytes to be mapped and
    zeroed anew: a tenth of its time (median of 130 steps, 5 runs each way). Does nothing where there is no glibc.
    """
    mmap_threshold, trim_threshold, most_bytes = -3, -1, 2**31 - 1  # malloc.h's names for mallopt
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(mmap_threshold, 32 * 2**20)  # the most it takes
    mallopt(trim_threshold, most_bytes)
