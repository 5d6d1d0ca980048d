"""Rules for demonstrations: episodes whose numbers are sound, and which still teach the wrong thing."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from armchair_datasets.quality.finding import Finding, Level, at, counted, longest
from armchair_datasets.quality.rules.motion import GRIPPER
from armchair_datasets.quality.signals import EpisodeSignals

SHORTEST_S = 0.5  # less is a key that was pressed twice, not a demonstration
FEWEST_OTHERS = 5  # to compare with; of fewer, only what all agree on is believed
FEWEST = 3
LENGTH_SPREADS = 4  # robust standard deviations of their logarithms
LENGTH_FACTOR = 3  # and this many times longer or shorter than the median
CUT_FACTOR = 5  # times shorter than each of a few others
_MAD_TO_SIGMA = 1.4826  # of a normal distribution
MOST_GRASP = 0.8  # of the other episodes

CLOSING = 15  # hundredths that the gripper was told to close by
SQUEEZE = 0.5  # hundredths between what is told and what is reached; the expert squeezes by 1
CLOSED = 3  # hundredths: nothing thicker than 3 mm is between the jaws
HOLD_SPEED = 1.0  # hundredths a frame: slower, the gripper rests on what it holds
HOLD_S = 0.3


@dataclass(frozen=True)
class Context:
    """What the other episodes are like: `lengths` in frames, `grasps` whether the gripper held something."""

    lengths: tuple[int, ...] = ()
    grasps: tuple[bool, ...] = ()


def no_rows(signals: EpisodeSignals, _context: Context) -> Iterator[Finding]:
    """Find an episode without a row."""
    if not signals.frames:
        yield Finding("no rows", "bad", "the episode is empty")


def marked_as_failure(signals: EpisodeSignals, _context: Context) -> Iterator[Finding]:
    """Find an episode that the operator marked as a failure."""
    if signals.success is False:
        yield Finding("failure", "odd", "it is marked as a failure")


def other_length(signals: EpisodeSignals, context: Context) -> Iterator[Finding]:
    """Find an episode much longer or shorter than the others: forgotten, or stopped at once. Never more than odd."""
    if not signals.frames:
        return
    if signals.frames < SHORTEST_S * signals.fps:
        yield Finding("length", "odd", f"it is only {counted(signals.frames, signals.fps)} long")
        return
    if len(context.lengths) < FEWEST_OTHERS:
        yield from _cut_short(signals, context)
        return
    median = np.median(context.lengths)
    # Of logarithms: lengths scatter by factors, and a spread in frames would let nothing be too short.
    spread = _MAD_TO_SIGMA * np.median(np.abs(np.log(np.array(context.lengths) / median)))
    factor = max(signals.frames / median, median / signals.frames)
    if factor >= LENGTH_FACTOR and np.log(factor) > LENGTH_SPREADS * spread:
        longer = "longer" if signals.frames > median else "shorter"
        words = f"it is {factor:.1f} times {longer} than the others: {counted(signals.frames, signals.fps)}, "
        yield Finding("length", "odd", words + f"not about {counted(round(median), signals.fps)}")


def _cut_short(signals: EpisodeSignals, context: Context) -> Iterator[Finding]:
    """Of a few episodes: one that is many times shorter than each of the others."""
    others = sorted(context.lengths)[1:] if signals.frames in context.lengths else sorted(context.lengths)
    if others and min(others) >= CUT_FACTOR * signals.frames:
        words = f"it is {min(others) / signals.frames:.1f} times shorter than all others: "
        yield Finding("length", "odd", words + counted(signals.frames, signals.fps))


def no_grasp(signals: EpisodeSignals, context: Context) -> Iterator[Finding]:
    """Find a gripper that closed on nothing, or held nothing where the others do; not where none of them does."""
    share = np.mean(context.grasps) if len(context.grasps) >= FEWEST_OTHERS else 0.5
    alone = FEWEST <= len(context.grasps) < FEWEST_OTHERS and sum(context.grasps) >= len(context.grasps) - 1
    if not signals.is_so101 or not signals.frames or grasped(signals) or share <= 1 - MOST_GRASP:
        return
    expected = share >= MOST_GRASP
    closing = np.maximum.accumulate(signals.action[:, GRIPPER]) - signals.action[:, GRIPPER] >= CLOSING
    if closing.any():
        first = int(closing.argmax())
        words = f"the gripper closed {at(first, signals.fps)} and held nothing"
        yield Finding("no grasp", "bad" if expected else "odd", words, (first, signals.frames))
    elif expected or alone:
        level: Level = "bad" if expected else "odd"
        yield Finding("no grasp", level, "the gripper never closed, and in the other episodes it holds something")


def grasped(signals: EpisodeSignals) -> bool:
    """Return whether the gripper came to rest on something: told to close farther, and not closed."""
    if not signals.is_so101 or not signals.frames:
        return False
    state, action = signals.state[:, GRIPPER], signals.action[:, GRIPPER]
    resting = np.abs(np.diff(state, prepend=state[:1])) <= HOLD_SPEED
    first, end = longest(resting & (state - action >= SQUEEZE) & (state > CLOSED))
    return end - first >= HOLD_S * signals.fps
