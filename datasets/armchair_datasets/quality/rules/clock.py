"""Rules for time: rows that came late, pictures that were old. Only where real clocks were recorded."""

from collections.abc import Iterator

import numpy as np

from armchair_datasets.quality.finding import Finding, at, counted, longest
from armchair_datasets.quality.signals import EpisodeSignals

LATE_PERIODS = 1.5  # between two observations; a policy takes every step for one period
LATE_ODD = 0.02  # of the frames
GAP_ODD_S = 0.1  # three periods at 30 fps
GAP_BAD_S = 0.25  # the arm covers 70 degrees in that time
RATE_BAD = 0.9  # of the rate that the dataset claims
OLD_S = 0.1  # three frames at 30 fps: the arm has moved on by then
OLD_BAD = 0.1  # of the frames


def late_rows(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find observations that came later than the dataset's even timestamps claim."""
    if signals.observed_s is None or signals.frames < 2:
        return
    gaps_s = np.diff(signals.observed_s)
    late = gaps_s > LATE_PERIODS / signals.fps
    rate, longest_s = 1 / max(gaps_s.mean(), 1e-9), gaps_s.max()
    bad = rate < RATE_BAD * signals.fps or longest_s >= GAP_BAD_S
    if bad or late.mean() >= LATE_ODD or longest_s >= GAP_ODD_S:
        frame = int(gaps_s.argmax()) + 1
        slow = f"it ran at {rate:.1f} frames a second instead of {signals.fps:g}; "
        words = slow if rate < 0.99 * signals.fps else ""
        words += f"{late.sum()} of {signals.frames} frames came late, the worst by "
        words += f"{longest_s - 1 / signals.fps:.2f} s {at(frame, signals.fps)}"
        yield Finding("late rows", "bad" if bad else "odd", words, (frame, frame + 1))


def backward_clock(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find measured times that do not rise."""
    if signals.observed_s is not None and (np.diff(signals.observed_s) <= 0).any():
        frame = int((np.diff(signals.observed_s) <= 0).argmax()) + 1
        words = f"the measured time stands still or runs backwards {at(frame, signals.fps)}"
        yield Finding("backward clock", "bad", words, (frame, frame + 1))


def old_pictures(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find pictures that were old when somebody acted on them."""
    for name, camera in signals.cameras.items():
        if camera.age_s is None or not (old := camera.age_s > OLD_S).any():
            continue
        first, end = longest(old)
        words = f"{counted(int(old.sum()), signals.fps)} of the {name} camera were older than {OLD_S * 1000:.0f} ms, "
        words += f"the oldest {camera.age_s.max() * 1000:.0f} ms"
        yield Finding("old pictures", "bad" if old.mean() >= OLD_BAD else "odd", words, (first, end))
