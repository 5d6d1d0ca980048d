"""From a dataset to a nano policy, in minutes, safe to interrupt. Light to import.

What makes it fast is that nothing waits for a disk: frames are decoded once (`frames.py`) and batches are
indexed out of memory (`batches.py`). What makes it repeatable is that each step's randomness is a function of
the seed and the step, so that a resumed run is the run that was interrupted (`run.py`).
"""

import math
from collections.abc import Sequence
from pathlib import Path

from armchair_core.errors import ArmchairError
from armchair_datasets.recording.workspace import refuse_used_folder
from armchair_policies.training.progress import Budget, OnProgress


def train(
    datasets: Path | Sequence[Path],
    out: Path,
    minutes: float,
    steps: int | None = None,
    seed: int = 0,
    batch_size: int = 32,
    resume: bool = False,
    on_progress: OnProgress | None = None,
) -> Path:
    """Train a nano policy and return its folder, OUT/checkpoints/<step>/pretrained_model.

    It learns from one dataset, or from several together, whose tasks are told apart by their sentences.

    Trains for `minutes`, decoding not included, or for exactly `steps` if given, which is repeatable to the bit
    on one machine. Saves about once a minute and at the end, and writes OUT/loss.csv and OUT/loss.png. Ctrl-C
    ends the step under way, saves, and then raises KeyboardInterrupt; with `resume` the run goes on from its
    newest checkpoint, and returns at once if that one has used up the budget already.

    Raises:
        ArmchairError: for a dataset, output folder or checkpoint that cannot be used, and for a full disk.
    """
    _check_numbers(minutes, steps, seed, batch_size)
    if not resume:
        refuse_used_folder(out)

    from armchair_policies.training.checkpoint import newest_checkpoint
    from armchair_policies.training.nano.training_run import TrainingRun
    from armchair_policies.training.training_data import join_training_data, read_training_data

    checkpoint = newest_checkpoint(out) if resume else None
    roots = [datasets] if isinstance(datasets, Path) else datasets
    tables = join_training_data([read_training_data(root) for root in roots])
    _make_folder(out)
    budget = Budget(minutes * 60, steps)
    run = TrainingRun(tables, out, budget, seed, batch_size, on_progress or (lambda progress: None))
    if checkpoint is not None:
        run.resume(checkpoint)
    return run.go()


def _check_numbers(minutes: float, steps: int | None, seed: int, batch_size: int) -> None:
    if steps is None and not (math.isfinite(minutes) and minutes > 0):
        raise ArmchairError(f"training for {minutes:g} minutes teaches nothing: use --minutes 8.")
    if steps is not None and steps < 1:
        raise ArmchairError(f"training for {steps} steps teaches nothing: use --steps 1000.")
    if not 0 <= seed < 2**31:
        raise ArmchairError(f"the seed is {seed}, but seeds lie in 0 to {2**31 - 1}: use --seed 0.")
    if batch_size < 1:
        raise ArmchairError(f"a batch of {batch_size} holds no example: use --batch-size 32.")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArmchairError(f"{out} cannot be written ({error.strerror}): choose another --out.") from None
