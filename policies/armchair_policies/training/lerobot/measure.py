"""The measured speed of a training: twenty real steps on this machine, with the real data, before the start."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from armchair_policies.training.lerobot.job import TrainingJob, lerobot_train_words
from armchair_policies.training.lerobot.process import TrainingProcess, child_command, training_process

STEPS, FEWEST = 20, 4
WARM_UP = 2  # the first steps also allocate, compile kernels and fill the loaders' queues
LONGEST_S = 60.0


@dataclass(frozen=True)
class Speed:
    """The speed of a training. `step_s` is the mean of `steps` steps, the decoding of their pictures included."""

    step_s: float
    steps: int


def measure(job: TrainingJob, on_step: Callable[[int], None] = lambda done: None) -> Speed:
    """Train for `STEPS` steps into nowhere; fewer if they take more than `LONGEST_S`.

    Raises:
        ArmchairError: if stock `lerobot-train` fails, as it would have in the training.
    """
    log = log_beside(job.out)
    with tempfile.TemporaryDirectory(prefix="armchair-") as folder:
        nowhere, nothing = Path(folder) / "trial", Path(folder) / "provenance.json"
        nothing.write_text("{}")
        words = [*lerobot_train_words(replace(job, steps=STEPS, out=nowhere)), "--save_checkpoint=false"]
        try:
            with training_process(child_command(nothing, words, job.processes), log, job.downloads) as process:
                taken_s = _take_steps(process, on_step)
        except KeyboardInterrupt:
            log.unlink()
            raise
    log.unlink()
    return Speed(float(np.mean(taken_s[WARM_UP:])), len(taken_s) - WARM_UP)


def _take_steps(process: TrainingProcess, on_step: Callable[[int], None]) -> list[float]:
    """Return the seconds of each step, at least `FEWEST`."""
    taken_s: list[float] = []
    for row in process.rows():
        taken_s.append(row["seconds"])
        on_step(len(taken_s))
        if len(taken_s) >= FEWEST and sum(taken_s) > LONGEST_S:
            return taken_s
    process.finish()
    return taken_s


def log_beside(out: Path) -> Path:
    """Return where the log stands until `out` is there, which LeRobot wants to make itself."""
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.with_name(f"{out.name}.log")
