"""Rules for demonstrations: episodes whose numbers are sound, and which still teach the wrong thing."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from armchair_datasets.quality.finding import Finding, at, counted, longest
from armchair_datasets.quality.rules.motion import GRIPPER
from armchair_datasets.quality.signals import EpisodeSignals

FEWEST_OTHERS = 5  # to compare with
LENGTH_SPREADS = 4  # robust standard deviations of their logarithms
LENGTH_FACTOR = 3  # and this many times longer or shorter than the median
_MAD_TO_SIGMA = 1.4826  # of a normal distribution
MOST_GRASP = 0.8  # of the other episodes

CLOSING = 15  # hundredths that the gripper was told to close by
SQUEEZE = 0.5  # hundredths between what is told and what is reached; the expert squeezes by 1
CLOSED = 3  # hundredths: nothing thicker than 3 mm is between the jaws
HOLD_SPEED = 1.0  # hundredths a frame: slower, the gripper rests on what it holds
HOLD_S = 0.3

LAG_S = 0.3  # the arm follows the expert by 0.03 to 0.1 s
LAG_RANGE_S = (0.5, 1.0)  # how far ahead of the action, and behind it, the state is looked for
LAG_GAIN = 0.5  # of the mismatch must go at the best lag
LAG_FIT = 0.3  # of the action's variance may be left there: else the state does not follow the action at all
COPIED_S = 0.5


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
    if len(context.lengths) < FEWEST_OTHERS or not signals.frames:
        return
    median = np.median(context.lengths)
    # Of logarithms: lengths scatter by factors, and a spread in frames would let nothing be too short.
    spread = _MAD_TO_SIGMA * np.median(np.abs(np.log(np.array(context.lengths) / median)))
    factor = max(signals.frames / median, median / signals.frames)
    if factor >= LENGTH_FACTOR and np.log(factor) > LENGTH_SPREADS * spread:
        longer = "longer" if signals.frames > median else "shorter"
        words = f"it is {factor:.1f} times {longer} than the others: {counted(signals.frames, signals.fps)}, "
        yield Finding("length", "odd", words + f"not about {counted(round(median), signals.fps)}")


def no_grasp(signals: EpisodeSignals, context: Context) -> Iterator[Finding]:
    """Find a gripper that closed on nothing, or held nothing where the others do; not where none of them does."""
    share = np.mean(context.grasps) if len(context.grasps) >= FEWEST_OTHERS else 0.5
    if not signals.is_so101 or not signals.frames or grasped(signals) or share <= 1 - MOST_GRASP:
        return
    expected = share >= MOST_GRASP
    closing = np.maximum.accumulate(signals.action[:, GRIPPER]) - signals.action[:, GRIPPER] >= CLOSING
    if closing.any():
        first = int(closing.argmax())
        words = f"the gripper closed {at(first, signals.fps)} and held nothing"
        yield Finding("no grasp", "bad" if expected else "odd", words, (first, signals.frames))
    elif expected:
        yield Finding("no grasp", "bad", "the gripper never closed, and in the other episodes it holds something")


def grasped(signals: EpisodeSignals) -> bool:
    """Return whether the gripper came to rest on something: told to close farther, and not closed."""
    if not signals.is_so101 or not signals.frames:
        return False
    state, action = signals.state[:, GRIPPER], signals.action[:, GRIPPER]
    resting = np.abs(np.diff(state, prepend=state[:1])) <= HOLD_SPEED
    first, end = longest(resting & (state - action >= SQUEEZE) & (state > CLOSED))
    return end - first >= HOLD_S * signals.fps


def copied_action(signals: EpisodeSignals, _context: Context) -> Iterator[Finding]:
    """Find an action that only repeats the state: what is learnt from it is to stay where one is."""
    long_enough = signals.action.size and signals.frames >= COPIED_S * signals.fps
    if long_enough and np.array_equal(signals.action, signals.state):
        yield Finding("copied action", "bad", "the action is a copy of the state", (0, signals.frames))


def out_of_step(signals: EpisodeSignals, _context: Context) -> Iterator[Finding]:
    """Find a state that follows the action much too late, or comes before it."""
    lag = _lag(signals)
    if lag is None or -2 < lag <= LAG_S * signals.fps:
        return
    side = "after" if lag > 0 else "before"
    words = f"the state comes {abs(lag) / signals.fps:.1f} s {side} the action that it should follow"
    yield Finding("out of step", "odd", words, (0, signals.frames))


def _lag(signals: EpisodeSignals) -> int | None:
    """Return by how many frames the state follows the action; None where it cannot be told.

    The lag at which the least is left of the difference between the two, each joint's measured by what the
    action varies. Joints that are hardly told to move say nothing.
    """
    if signals.action.shape != signals.state.shape or not signals.finite:
        return None
    variance = signals.action.astype(np.float64).var(axis=0)
    moving = variance > 1e-4 * max(variance.max(initial=0), 1e-9)
    ahead, behind = (min(round(reach * signals.fps), signals.frames // 3) for reach in LAG_RANGE_S)
    if signals.frames < signals.fps or not variance.any():
        return None
    lags = range(-ahead, behind + 1)
    left = [(_left(signals, lag)[moving] / variance[moving]).mean() for lag in lags]
    best = int(np.argmin(left))
    clear = left[best] < LAG_FIT and left[best] < LAG_GAIN * left[ahead]
    return lags[best] if clear else None


def _left(signals: EpisodeSignals, lag: int) -> np.ndarray:
    """Return what each joint's action leaves unexplained of the state `lag` frames later: float64[joints]."""
    action = signals.action[max(0, -lag) : signals.frames - max(0, lag)]
    state = signals.state[max(0, lag) : signals.frames + min(0, lag)]
    return (action.astype(np.float64) - state).var(axis=0)
