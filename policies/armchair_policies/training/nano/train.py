"""The training of a nano policy from datasets, in minutes, safe to interrupt.

What makes it fast is that nothing waits for a disk: frames are decoded once (`decoded_frames.py`) and batches are
indexed out of memory (`batches.py`). What makes it repeatable is that each step's randomness is a function of
the seed and the step, so that a resumed run is the run that was interrupted (`training_run.py`).
"""

import math
from pathlib import Path

from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.recording.workspace import refuse_used_folder
from armchair_policies.training.checkpoint import newest_checkpoint
from armchair_policies.training.nano.training_run import TrainingRun
from armchair_policies.training.progress import OnProgress
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.training_data import join_training_data, read_training_data


def train(request: TrainRequest, on_progress: OnProgress = lambda progress: None) -> Path:
    """Train a nano policy and return its folder, OUT/checkpoints/<step>/pretrained_model.

    It learns from one dataset, or from several together, whose tasks are told apart by their sentences.

    Trains for `minutes`, decoding not included, or for exactly `steps` if given, which is repeatable to the bit
    on one machine. Saves about once a minute and at the end, and writes OUT/loss.csv and OUT/loss.png. Ctrl-C
    ends the step under way, saves, and then raises KeyboardInterrupt; with `resume` the run goes on from its
    newest checkpoint, and returns at once if that one has used up the budget already.

    Raises:
        ArmchairError: for a dataset, output folder or checkpoint that cannot be used, and for a full disk.
    """
    _check_numbers(request)
    if not request.resume:
        refuse_used_folder(request.out)
    checkpoint = newest_checkpoint(request.out) if request.resume else None
    tables = join_training_data([read_training_data(root) for root in request.datasets])
    _make_folder(request.out)
    run = TrainingRun(tables, request, on_progress)
    if checkpoint is not None:
        run.resume(checkpoint)
    return run.go()


def _check_numbers(request: TrainRequest) -> None:
    minutes, steps = request.minutes, request.steps
    if steps is None and not (math.isfinite(minutes) and minutes > 0):
        raise ArmchairError(f"training for {number_of(minutes, 'minute')} teaches nothing: use --minutes 8.")
    if steps is not None and steps < 1:
        raise ArmchairError(f"training for {number_of(steps, 'step')} teaches nothing: use --steps 1000.")
    if not 0 <= request.seed < 2**31:
        raise ArmchairError(f"the seed is {request.seed}, but seeds lie in 0 to {2**31 - 1}: use --seed 0.")
    if request.batch_size < 1:
        raise ArmchairError(f"a batch of {request.batch_size} holds no example: use 32.")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArmchairError(f"{out} cannot be written ({error.strerror}): choose another --out.") from None
