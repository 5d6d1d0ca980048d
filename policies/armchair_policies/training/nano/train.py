"""The training of a nano policy from datasets, in minutes, safe to interrupt.

What makes it fast is that nothing waits for a disk: frames are decoded once (`decoded_frames.py`) and batches are
indexed out of memory (`batches.py`). What makes it repeatable is that each step's randomness is a function of
the seed and the step, so that a resumed run is the run that was interrupted (`training_run.py`).
"""

import math
from dataclasses import replace
from pathlib import Path

import torch

from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.recording.workspace import refuse_used_folder
from armchair_policies.training.checkpoint import POLICY_FOLDER, newest_checkpoint, read_facts
from armchair_policies.training.nano.base import Base, open_base
from armchair_policies.training.nano.training_run import TrainingRun
from armchair_policies.training.progress import OnProgress
from armchair_policies.training.provenance import policy_sha256
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.training_data import TrainingData, join_training_data, read_training_data
from armchair_robot.rollout.policy_folder import find_policy_folder


def train(request: TrainRequest, on_progress: OnProgress = lambda progress: None) -> Path:
    """Train a nano policy and return its folder, OUT/checkpoints/<step>/pretrained_model.

    It learns from one dataset, or from several together, whose tasks are told apart by their sentences. It begins
    with the weights of `base`, if one is given, and keeps that one's statistics.

    Trains for `minutes`, decoding not included and on a slow computer longer, or for exactly `steps` if given, which
    is repeatable to the bit on one machine. Saves about once a minute and at the end, and writes OUT/loss.csv and
    OUT/loss.png. Ctrl-C ends the step under way, saves, and then raises KeyboardInterrupt; with `resume` the run goes
    on from its newest checkpoint, and returns at once if that one has used up the budget already.

    Raises:
        ArmchairError: for a dataset, output folder or checkpoint that cannot be used, and for a full disk.
    """
    _check_numbers(request)
    if not request.resume:
        refuse_used_folder(request.out)
    checkpoint = newest_checkpoint(request.out) if request.resume else None
    tables = join_training_data([read_training_data(root) for root in request.datasets])
    _make_folder(request.out)
    run = TrainingRun(tables, request, on_progress, _base(request, checkpoint, tables))
    if checkpoint is not None:
        run.resume(checkpoint)
    return run.go()


def _base(request: TrainRequest, checkpoint: Path | None, tables: TrainingData) -> Base | None:
    """Return what the run begins with, or began with: a checkpoint has that one's statistics and words itself."""
    torch.manual_seed(request.seed)  # new words begin at random
    if checkpoint is None:
        return open_base(request.base, tables) if request.base else None
    begun = read_facts(checkpoint).get("base")
    if request.base and policy_sha256(find_policy_folder(request.base)) != begun:
        raise ArmchairError(f"{checkpoint} did not begin with {request.base}: resume without --from.")
    return replace(open_base(checkpoint / POLICY_FOLDER, tables), sha256=begun) if begun else None


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
