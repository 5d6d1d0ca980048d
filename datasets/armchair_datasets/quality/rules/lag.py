"""The lag between action and state: by how many frames the arm follows what it was told."""

from collections.abc import Iterator

import numpy as np

from armchair_datasets.quality.finding import Finding
from armchair_datasets.quality.signals import EpisodeSignals

LAG_S = 0.3  # the arm follows the expert by 0.03 to 0.1 s
LAG_RANGE_S = (0.5, 3.0)  # how far ahead of the action, and behind it, the state is looked for
FINE_LAGS = 30  # frames; what follows later than that need not be known to the frame
LAG_GAIN = 0.5  # of the mismatch must go at the best lag
LAG_FIT = 0.3  # of the action's variance may be left there: else the state does not follow the action at all
COPIED_S = 0.5


def copied_action(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find an action that only repeats the state: what is learnt from it is to stay where one is."""
    long_enough = signals.action.size and signals.frames >= COPIED_S * signals.fps
    if long_enough and np.array_equal(signals.action, signals.state):
        yield Finding("copied action", "bad", "the action is a copy of the state", (0, signals.frames))


def out_of_step(signals: EpisodeSignals, lag: int | None) -> Iterator[Finding]:
    """Yield that the state follows the action much too late, or comes before it."""
    if lag is None or -2 < lag <= LAG_S * signals.fps:
        return
    side = "after" if lag > 0 else "before"
    words = f"the state comes {abs(lag) / signals.fps:.1f} s {side} the action that it should follow"
    yield Finding("out of step", "odd", words, (0, signals.frames))


def lag_of(signals: EpisodeSignals) -> int | None:
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
    lags = [*range(-ahead, min(behind, FINE_LAGS)), *range(FINE_LAGS, behind + 1, 3)]
    scale = np.sqrt(variance[moving])
    told, stood = (each[:, moving].astype(np.float64) / scale for each in (signals.action, signals.state))
    left = [_left(told, stood, lag) for lag in lags]
    best = int(np.argmin(left))
    clear = left[best] < LAG_FIT and left[best] < LAG_GAIN * left[ahead]
    return lags[best] if clear else None


def _left(told: np.ndarray, stood: np.ndarray, lag: int) -> float:
    """Return what the action leaves unexplained of the state `lag` frames later: the mean variance of the two's gap."""
    frames = len(told)
    gap = told[max(0, -lag) : frames - max(0, lag)] - stood[max(0, lag) : frames + min(0, lag)]
    gap -= gap.mean(axis=0)
    return float(np.einsum("ij,ij->", gap, gap) / gap.size)
