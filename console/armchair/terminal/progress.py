"""Progress meters: bars on a terminal, a line now and then in a file or on CI, a small file for the page."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from armchair_core.files import write_atomically

PROGRESS_VARIABLE = "ARMCHAIR_PROGRESS"  # the file to write to
FILE_EVERY_S = 0.3
PLAIN_LINE_EVERY_S = 15  # and one at the end of each stage


class Meter(Protocol):
    """Shows a job that goes through stages."""

    def show(self, stage: str, fraction: float, note: str, left_s: float | None = None) -> None:
        """`fraction` of the stage is from 0 to 1; without `left_s` the time left is reckoned from it."""


@contextmanager
def meter(first_stage: str, note: str = "starting …") -> Iterator[Meter]:
    """A meter for one job: a file if $ARMCHAIR_PROGRESS names one, bars if the output is a terminal.

    `note` says what is done before there is anything to count.
    """
    if file := os.environ.get(PROGRESS_VARIABLE):
        yield FileMeter(Path(file), first_stage, note)
        return
    if not sys.stdout.isatty():
        with PlainMeter(first_stage) as plain:
            yield plain
        return
    columns = ("{task.description:<10}", BarColumn(), "{task.percentage:>3.0f} %", "{task.fields[note]}")
    shown = [TextColumn(column) if isinstance(column, str) else column for column in columns]
    with Progress(SpinnerColumn(finished_text="✓"), *shown, refresh_per_second=4) as bars:
        yield BarMeter(bars, first_stage, note)


class BarMeter:
    """A line for each stage that redraws itself. The first spins until there is news, which takes seconds."""

    def __init__(self, bars: Progress, first_stage: str, note: str = "starting …") -> None:
        self._bars, self._clock = bars, _Clock()
        self._ids = {first_stage: bars.add_task(first_stage, total=1.0, note=note)}

    def show(self, stage: str, fraction: float, note: str, left_s: float | None = None) -> None:
        """See `Meter`."""
        if stage not in self._ids:
            self._ids[stage] = self._bars.add_task(stage, total=1.0, note="")
        left = self._clock.left(stage, fraction, left_s)
        self._bars.update(self._ids[stage], completed=fraction, note=" · ".join(filter(None, (note, left))))


class PlainMeter:
    """Lines that a log can hold: one every so many seconds, whether there is news or not."""

    def __init__(self, first_stage: str = "working") -> None:
        self._clock, self._next_s, self._lock = _Clock(), 0.0, threading.Lock()
        self._line, self._told_s = f"{first_stage} …", time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def __enter__(self) -> "PlainMeter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def show(self, stage: str, fraction: float, note: str, left_s: float | None = None) -> None:
        """See `Meter`."""
        with self._lock:
            left = self._clock.left(stage, fraction, left_s)
            self._told_s = time.monotonic()
            self._line = ", ".join(filter(None, (f"{stage} {fraction:.0%}", note, left)))
            if self._told_s >= self._next_s or fraction >= 1:
                self._print(self._line)

    def _repeat(self) -> None:
        while not self._over.wait(PLAIN_LINE_EVERY_S):
            with self._lock:
                now_s = time.monotonic()
                if now_s >= self._next_s and not self._over.is_set():
                    silent_s = now_s - self._told_s
                    news = f", no news for {duration(silent_s)}" if silent_s >= PLAIN_LINE_EVERY_S else ""
                    self._print(self._line + news)

    def _print(self, line: str) -> None:
        self._next_s = time.monotonic() + PLAIN_LINE_EVERY_S
        print(line, flush=True)


class FileMeter:
    """A JSON file that is always whole: `stage`, `fraction`, `note`, and `left_s` or null. Prints nothing."""

    def __init__(self, file: Path, first_stage: str, note: str = "starting …") -> None:
        self._clock, self._file, self._written_s, self._stage = _Clock(), file, 0.0, first_stage
        self._write(first_stage, 0.0, note, None)

    def show(self, stage: str, fraction: float, note: str, left_s: float | None = None) -> None:
        """See `Meter`."""
        left_s = self._clock.left_s(stage, fraction, left_s)
        if stage != self._stage or fraction >= 1 or time.monotonic() - self._written_s > FILE_EVERY_S:
            self._write(stage, fraction, note, left_s)

    def _write(self, stage: str, fraction: float, note: str, left_s: float | None) -> None:
        self._stage, self._written_s = stage, time.monotonic()
        write_atomically(self._file, json.dumps({"stage": stage, "fraction": fraction, "note": note, "left_s": left_s}))


class _Clock:
    """Reckons the time left of a stage, if it goes on as it has gone since its first news."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[float, float]] = {}

    def left(self, stage: str, fraction: float, left_s: float | None) -> str:
        left_s = self.left_s(stage, fraction, left_s)
        return f"{duration(left_s)} left" if left_s is not None else ""

    def left_s(self, stage: str, fraction: float, left_s: float | None) -> float | None:
        """`left_s` if it is known; None at the end, and where nothing can be reckoned yet."""
        now_s = time.monotonic()
        began_s, began_at = self._first.setdefault(stage, (now_s, fraction))
        if left_s is None and fraction > began_at:
            left_s = (now_s - began_s) / (fraction - began_at) * (1 - fraction)
        return left_s if fraction < 1 else None


def duration(seconds: float) -> str:
    """Time for people: ``40 s``, ``2 min 05 s``, ``1 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
