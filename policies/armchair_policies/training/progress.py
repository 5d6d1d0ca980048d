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


@dataclass(frozen=True)
class Budget:
    """How long a run may train: a number of steps if given, or else seconds."""

    seconds: float
    steps: int | None

    def progress(self, step: int, spent_s: float) -> float:
        """Return the fraction of the budget that is used, 0 to 1."""
        return min(1.0, step / self.steps if self.steps else spent_s / self.seconds)

    def left_s(self, step: int, spent_s: float) -> float:
        """Return how much longer it takes, in seconds; an estimate if steps are counted."""
        return spent_s / max(step, 1) * (self.steps - step) if self.steps else max(0.0, self.seconds - spent_s)
