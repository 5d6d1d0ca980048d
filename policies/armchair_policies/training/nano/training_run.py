"""The training run of a nano policy, from its dataset to its last checkpoint."""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch

from armchair_core.dataset_format.columns import ACTION, STATE
from armchair_core.errors import ArmchairError
from armchair_policies.training.checkpoint import (
    POLICY_FOLDER,
    damage_explained,
    full_disk_explained,
    read_facts,
    save_checkpoint,
)
from armchair_policies.training.identity import check_same_data
from armchair_policies.training.loss_curve import LossTable, draw_curves
from armchair_policies.training.nano.base import Base
from armchair_policies.training.nano.batches import (
    Examples,
    chunk_ends,
    draw_rows,
    episode_ends,
    hold_out,
    odds,
    step_seed,
)
from armchair_policies.training.nano.decoded_frames import decode_frames
from armchair_policies.training.nano.learner import Learner
from armchair_policies.training.nano.threads import ThreadChoice, keep_freed_memory, most_threads
from armchair_policies.training.progress import Budget, OnProgress, Progress, least_steps
from armchair_policies.training.provenance import training_provenance
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.training_data import TrainingData

CHECKPOINT_EVERY_S = 60
ROW_EVERY_STEPS = 20
VALIDATIONS = 40
VALIDATION_FRAMES, VALIDATION_BATCH = 512, 128


class TrainingRun:
    """What changes while training goes on: learner, time spent, losses, last checkpoint."""

    def __init__(self, tables: TrainingData, request: TrainRequest, report: OnProgress, base: Base | None) -> None:
        self.tables, self.out, self.report = tables, request.out, report
        self.base_sha256 = base and base.sha256
        self.seed, self.batch_size = request.seed, request.batch_size
        self.budget = Budget(request.minutes * 60, request.steps, least_steps(request.minutes))
        self.rows, self.held_out_rows, self.held_out = hold_out(tables, self.seed)
        episode = np.repeat(np.arange(len(tables.episodes)), tables.lengths)
        self.odds = odds(*(column[self.rows.numpy()] for column in (tables.intervention, tables.sentence, episode)))
        torch.set_num_threads(most_threads())
        keep_freed_memory()
        self.learner = Learner(tables, self.seed, base)
        self.losses = LossTable(self.out / "loss.csv", until_step=0)
        self.recent: list[float] = []  # losses since the last row of the table
        self.spent_s = 0.0
        self.newest: Path | None = None

    def resume(self, checkpoint: Path) -> None:
        """Go on from a checkpoint of this run.

        Raises:
            ArmchairError: if it is damaged, or was made with another dataset, seed or batch size.
        """
        with damage_explained(checkpoint):
            check_same_data(self.out, checkpoint / POLICY_FOLDER, self.tables)
        facts = read_facts(checkpoint)
        for name, value in self._identity().items():
            if facts.get(name) != value:
                raise ArmchairError(
                    f"{checkpoint} was trained with {name.replace('_', ' ')} {facts.get(name)}, not {value}: "
                    "resume with the dataset and the settings that it was started with."
                )
        self.learner.read(checkpoint, facts["step"])
        self.losses = LossTable(self.out / "loss.csv", until_step=facts["step"])
        self.spent_s, self.newest = facts["spent_s"], checkpoint

    def go(self) -> Path:
        """Decode, train and save; return the folder of the policy."""
        if self._progress() < 1:
            examples = self._examples()
            with full_disk_explained(self.out), closing(self.losses), _ctrl_c_waits() as interrupted:
                try:
                    self._train(examples, interrupted)
                except KeyboardInterrupt:
                    if interrupted.is_set():
                        raise  # the second Ctrl-C, perhaps in the middle of a step
                    interrupted.set()  # from whoever is told of progress, which is between steps
                self._save()
            if interrupted.is_set():
                raise KeyboardInterrupt
        assert self.newest is not None, "a run without a checkpoint has a step to take"
        return self.newest / POLICY_FOLDER

    def _progress(self) -> float:
        return self.budget.progress(self.learner.step, self.spent_s)

    def _examples(self) -> Examples:
        config = self.learner.config
        pictures = decode_frames(
            self.tables, config.image_size, lambda fraction: self.report(Progress("decode", fraction))
        )
        raw = {STATE: torch.from_numpy(self.tables.state), ACTION: torch.from_numpy(self.tables.action)}
        scaled = self.learner.preprocess(raw)
        ends = episode_ends(self.tables.lengths)
        return Examples(
            pictures, scaled[STATE], scaled[ACTION], ends, chunk_ends(ends, self.tables.shoved), config.chunk_size,
            torch.tensor(config.foresight_ticks, dtype=torch.int64),
            self.tables.sentences, torch.from_numpy(self.tables.sentence),
        )  # fmt: skip

    def _train(self, examples: Examples, interrupted: threading.Event) -> None:
        validation = self._validation(examples)
        started = time.monotonic() - self.spent_s
        save_at_s = self.spent_s + CHECKPOINT_EVERY_S
        pace = ThreadChoice(most_threads() if self.budget.steps is None else 1)
        while self._progress() < 1 and not interrupted.is_set():
            with pace.timed():
                self._step(examples)
            self.spent_s = time.monotonic() - started
            if self.learner.step % ROW_EVERY_STEPS == 0:
                self._add_row(validation)
            if self.spent_s >= save_at_s:
                self._save()
                save_at_s = self.spent_s + CHECKPOINT_EVERY_S
                pace.compare_again()
        if self.recent:
            self._add_row(validation)

    def _step(self, examples: Examples) -> None:
        step = self.learner.step
        batch = examples.batch(draw_rows(self.rows, self.odds, self.batch_size, self.seed, step))
        torch.manual_seed(step_seed(self.seed, step))  # for the augmentation
        loss = self.learner.update(batch, self._progress())
        if not math.isfinite(loss):
            saved = f"the checkpoint {self.newest} is safe" if self.newest else "nothing was saved yet"
            raise ArmchairError(
                f"training broke down at step {step}, where the loss was not finite; {saved}: "
                "look for impossible numbers in the dataset, or train anew with another --seed."
            )
        self.recent.append(loss)

    def _validation(self, examples: Examples) -> list[dict[str, Any]]:
        """Return evenly spaced frames of the held-out episodes, in batches; [] if none are held out."""
        if not len(self.held_out_rows):
            return []
        count = min(VALIDATION_FRAMES, len(self.held_out_rows))
        rows = self.held_out_rows[torch.linspace(0, len(self.held_out_rows) - 1, count).long()]
        return [examples.batch(part) for part in rows.split(VALIDATION_BATCH)]

    def _add_row(self, validation: list[dict[str, Any]]) -> None:
        """Add a row to the table, with the held-out loss at every fortieth of the run; tell the watcher."""
        progress, step = self._progress(), self.learner.step
        measured = sum(row["val_loss"] is not None for row in self.losses.rows)
        due = validation and (progress >= 1 or progress * VALIDATIONS >= measured + 1)
        val_loss = self.learner.validate(validation) if due else None
        loss = sum(self.recent) / len(self.recent)
        self.recent.clear()
        self.losses.add(step, self.spent_s, loss, self.learner.learning_rate, val_loss)
        left_s = self.budget.left_s(step, self.spent_s)
        self.report(Progress("train", progress, step, loss, self.spent_s, left_s))

    def _save(self) -> None:
        """Save a checkpoint and the picture of the losses, unless nothing was learnt since the last one."""
        step = self.learner.step
        if step == 0 or (self.newest and int(self.newest.name) == step):
            return
        self.newest = save_checkpoint(self.out, step, self._write)
        if self.losses.rows:
            title = f"nano learns from {self.tables.name}"
            draw_curves(self.losses.rows, self.out / "loss.png", title)

    def _write(self, folder: Path) -> None:
        facts = {**self._identity(), "step": self.learner.step, "spent_s": self.spent_s}
        run = {
            "steps": self.learner.step,
            "minutes": round(self.spent_s / 60, 2),
            "seed": self.seed,
            "batch_size": self.batch_size,
            "base_sha256": self.base_sha256,
        }
        self.learner.write(folder, facts, training_provenance(self.tables, self.held_out, run))

    def _identity(self) -> dict[str, Any]:
        """Return what must be the same for a run to be the same run."""
        frames, episodes = len(self.tables.state), len(self.tables.episodes)
        settings = {"seed": self.seed, "batch_size": self.batch_size}
        network = {"foresight": self.learner.config.foresight_ticks, "base": self.base_sha256}
        return {"episodes": episodes, "frames": frames, **settings, **network}


@contextmanager
def _ctrl_c_waits() -> Iterator[threading.Event]:
    """Let Ctrl-C set the event, so that no step and no checkpoint is cut in two; a second one stops at once.

    Python lets only the main thread handle signals; in any other thread the event is simply never set.
    """
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def note(number: int, frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
