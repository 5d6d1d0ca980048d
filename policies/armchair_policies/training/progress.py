"""The progress of a training run, and its budget: how far it is, and how far it may go. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a run is, for a progress bar. `loss` is the mean of the last few steps, None before there are any."""

    stage: str  # "decode", then "train"
    fraction: float  # of the stage, 0 to 1
    step: int = 0
    loss: float | None = None
    elapsed_s: float = 0.0
    left_s: float | None = None


OnProgress = Callable[[Progress], None]

# Two cores of a laptop take 1,100 of nano's steps a minute. A slower computer gets more time rather than a policy that
# fails.
_LEAST_STEPS_A_MINUTE = 600


def least_steps(minutes: float) -> int:
    """Return the steps that a training of so many minutes takes however slow the computer is."""
    return round(minutes * _LEAST_STEPS_A_MINUTE)


@dataclass(frozen=True)
class Budget:
    """How long a run may train: a number of steps if given, or else seconds, and on a slow computer `least_steps`."""

    seconds: float
    steps: int | None
    least_steps: int = 0

    def progress(self, step: int, spent_s: float) -> float:
        """Return the fraction of the budget that is used, 0 to 1."""
        if self.steps:
            return min(1.0, step / self.steps)
        return min(1.0, spent_s / self.seconds, step / self.least_steps if self.least_steps else 1.0)

    def left_s(self, step: int, spent_s: float) -> float:
        """Return how much longer it takes, in seconds; an estimate if steps are counted."""
        by_steps_s = spent_s / max(step, 1) * ((self.steps or self.least_steps) - step)
        return max(0.0, by_steps_s if self.steps else max(by_steps_s, self.seconds - spent_s))
