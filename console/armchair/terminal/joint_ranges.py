"""The joint ranges on the screen while a person sweeps them, and what is still missing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from armchair.terminal.say import say
from armchair_core.so101.joints import FULL_TURN_JOINT
from armchair_robot.calibration.ranges import DEG_PER_TICK, expected_deg
from armchair_robot.calibration.session import CalibrationSession
from armchair_robot.calibration.sweep import HOME_TICKS, Sweep

_CELLS = 22
_DRAWS_HZ = 12


class JointRanges(Protocol):
    """Shows a session's sweeps."""

    def show(self, session: CalibrationSession, hint: str) -> None:
        """Show them as they are now; `hint` says what to do next."""


@contextmanager
def joint_ranges(numbers: dict[str, int]) -> Iterator[JointRanges]:
    """Yield bars on a terminal, elsewhere a line for each change. `numbers` are the keys that redo a joint."""
    if not sys.stdout.isatty():
        yield _Lines()
        return

    with Live(refresh_per_second=_DRAWS_HZ) as live:
        yield _Bars(live, numbers)


class _Lines:
    """For logs: what to do, and each joint whenever its verdict changes."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def show(self, session: CalibrationSession, hint: str) -> None:
        if hint and not self._said:
            say(hint)
        for joint, sweep in session.sweeps.items():
            words = sweep.verdict().words
            if self._said.get(joint) != words:
                self._said[joint] = words
                say(f"{joint:<14} {in_numbers(sweep)}  {words}")


class _Bars:
    """Fits 80 columns; what is wrong with a joint stands below, in the hint."""

    def __init__(self, live: Live, numbers: dict[str, int]) -> None:
        self._live, self._numbers = live, numbers

    def show(self, session: CalibrationSession, hint: str) -> None:
        table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", pad_edge=False)
        for name in ("", "joint", "from stop to stop"):
            table.add_column(name, no_wrap=True)
        for name in ("least", "now", "most", "deg", ""):
            table.add_column(name, justify="right", no_wrap=True)
        for joint, sweep in session.sweeps.items():
            table.add_row(str(self._numbers[joint]), joint, Text.from_markup(bar(sweep)), *_cells(sweep), _mark(sweep))
        self._live.update(Group(table, Text(hint)))


def bar(sweep: Sweep) -> str:
    """Return the swept share of the range that an SO-101 has, as rich markup; the present place stands out."""
    if sweep.joint == FULL_TURN_JOINT:
        return f"[dim]{'─' * _CELLS}[/]"
    span = max(sweep.swept_deg, 1e-9)
    filled = min(_CELLS, round(span / expected_deg(sweep.joint) * _CELLS))
    at = min(max(round((sweep.place - sweep.low) / max(sweep.high - sweep.low, 1) * (filled - 1)), 0), _CELLS - 1)
    colour = "green" if sweep.verdict().good else "yellow"
    cells = [f"[{colour}]━[/]" if cell < filled else "[dim]─[/]" for cell in range(_CELLS)]
    cells[at] = "[bold]●[/]"
    return "".join(cells)


def in_numbers(sweep: Sweep) -> str:
    """Return the range in ticks, as it will be calibrated, and how much of the usual range it is."""
    entry = sweep.calibration()
    return (
        f"{entry.range_min:>5} to {entry.range_max:<5} {sweep.swept_deg:3.0f} of {expected_deg(sweep.joint):3.0f} deg"
    )


def _cells(sweep: Sweep) -> list[str]:
    """Least, now and most, in ticks as they will be and degrees from the middle; and the range in degrees."""
    least, now, most = (
        f"{HOME_TICKS + place} {place * DEG_PER_TICK:+4.0f}°" for place in (sweep.low, sweep.place, sweep.high)
    )
    if sweep.joint == FULL_TURN_JOINT:
        return ["", now, "", ""]
    return [least, now, most, f"{sweep.swept_deg:.0f}/{expected_deg(sweep.joint):.0f}"]


def _mark(sweep: Sweep) -> str:
    verdict = sweep.verdict()
    return "[green]✓[/]" if verdict.good else "[yellow]?[/]" if verdict.doubtful else ""
