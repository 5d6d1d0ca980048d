"""The training of LeRobot's own policies by its own `lerobot-train`: check, run, and keep books."""

import json
import math
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError
from armchair_core.files import not_a_link
from armchair_core.words import number_of
from armchair_datasets.recording.workspace import refuse_used_folder
from armchair_policies.training.checkpoint import STATE_FOLDER, damage_explained
from armchair_policies.training.identity import check_same_data
from armchair_policies.training.lerobot.base_policy import check_base
from armchair_policies.training.lerobot.dataset_checks import DatasetFacts, read_dataset_facts, warnings_about
from armchair_policies.training.lerobot.job import TrainingJob, lerobot_train_words, resume_words
from armchair_policies.training.lerobot.measure import Speed, log_beside
from armchair_policies.training.lerobot.policy_types import check_policy_type
from armchair_policies.training.lerobot.process import TrainingProcess, child_command, training_process
from armchair_policies.training.loss_curve import LossTable, draw_curves
from armchair_policies.training.progress import OnProgress, Progress
from armchair_policies.training.provenance import training_provenance
from armchair_robot.rollout.policy_folder import open_policy_folder

LOG = "lerobot-train.log"
LOSS_LABEL = "LeRobot's loss of {policy}"


@dataclass(frozen=True)
class TrainingPlan:
    """A training that can begin: everything about it has been checked. `warnings` need not be wrong."""

    job: TrainingJob
    provenance: dict[str, Any]
    warnings: tuple[str, ...]
    done: int = 0  # steps of the checkpoint to go on from; 0 starts anew

    @property
    def words(self) -> list[str]:
        """What follows `lerobot-train`."""
        return resume_words(self.job) if self.done else lerobot_train_words(self.job)


def prepare(job: TrainingJob, resume: bool = False, allow_download: bool = False) -> TrainingPlan:
    """Check what was asked for. Reads the dataset's numbers, no picture; writes nothing.

    `job.steps` 0 stands for: still to be found from minutes, or with `resume`, as many as the run was begun with.

    Raises:
        ArmchairError: if the policy, the dataset, the checkpoint or the folder to write cannot be used.
    """
    if not resume:
        refuse_used_folder(job.out)
    facts = read_dataset_facts(job.dataset)
    done = 0
    if resume:
        job, done = _resumed(job, facts)
    elif job.base:
        base = check_base(job.base, facts)
        job = replace(job, policy=_same_type(job, base.config["type"]), base=base.path)
    kind = check_policy_type(job.policy, allow_download)
    job = replace(job, downloads=bool(kind.downloads))
    run = {"policy": job.policy, "preset": job.preset.name, "seed": job.seed, "batch_size": job.preset.batch_size,
           "processes": job.processes, "base": job.base and str(job.base)}  # fmt: skip
    provenance = training_provenance(facts.tables(), [], run)
    return TrainingPlan(job, provenance, tuple(warnings_about(facts, job.preset.name)), done)


def _same_type(job: TrainingJob, found: str) -> str:
    if job.policy not in ("nano", found):  # nano is what is trained when nothing is said
        raise ArmchairError(
            f"the policy in {job.base} is of the type {found}, not {job.policy}: use {quoted('--policy', found)}."
        )
    return found


def _resumed(job: TrainingJob, facts: DatasetFacts) -> tuple[TrainingJob, int]:
    """Return the job as it was begun, and the steps of its newest checkpoint, which is opened safely."""
    if not job.last.exists():
        raise ArmchairError(f"{job.out} holds no checkpoint to resume from: train anew, into another --out.")
    found = open_policy_folder(job.last)
    if not (found.path / "train_config.json").exists():
        kind = found.config["type"]
        raise ArmchairError(f"{job.out} was not trained by lerobot-train: resume it with {quoted('--policy', kind)}.")
    with damage_explained(found.path.parent):
        done = int(json.loads((found.path.parent / STATE_FOLDER / "training_step.json").read_text())["step"])
        begun = json.loads((found.path / "train_config.json").read_text())
        batch_size, seed, steps = (int(begun[name]) for name in ("batch_size", "seed", "steps"))
        check_same_data(job.out, found.path, facts.tables())
    if job.seed not in (0, seed):  # 0 is what nobody asked for
        raise ArmchairError(f"{job.out} was begun with {quoted('--seed', seed)}, not {job.seed}: leave --seed away.")
    policy = _same_type(replace(job, base=job.last), found.config["type"])
    preset = replace(job.preset, name=found.provenance.get("preset", job.preset.name), batch_size=batch_size)
    return replace(job, policy=policy, preset=preset, seed=seed, steps=job.steps or steps), done


def steps_in(minutes: float, speed: Speed) -> int:
    """Return how many steps fit into so many minutes.

    Raises:
        ArmchairError: if not even one does.
    """
    if not (math.isfinite(minutes) and minutes > 0):
        raise ArmchairError(f"training for {number_of(minutes, 'minute')} teaches nothing: use --minutes 8.")
    steps = int(minutes * 60 / speed.step_s)
    if not steps:
        raise ArmchairError(
            f"one step takes {speed.step_s:.0f} s, more than {number_of(minutes, 'minute')}: use --steps 1000."
        )
    return steps


def run(plan: TrainingPlan, on_progress: OnProgress = lambda progress: None) -> Path:
    """Train, and return the policy's folder, OUT/checkpoints/<step>/pretrained_model.

    Writes OUT/loss.csv, OUT/loss.png, OUT/lerobot-train.log and a checkpoint at every fifth of the way. Ctrl-C ends
    the step under way, saves after it, and then raises KeyboardInterrupt (on several processes: ends, and what was
    saved before is kept).

    Raises:
        ArmchairError: if stock `lerobot-train` fails.
    """
    job, log = plan.job, plan.job.out / LOG if plan.done else log_beside(plan.job.out)
    if plan.done >= job.steps:
        return job.last.resolve()
    note = job.out.with_name(f".{job.out.name}.provenance.json")
    not_a_link(note).write_text(json.dumps(plan.provenance))
    try:
        with training_process(child_command(note, plan.words, job.processes), log, job.downloads) as process:
            _keep_books(plan, process, on_progress)
            process.finish()
    finally:
        note.unlink()
    return job.last.resolve()


def _keep_books(plan: TrainingPlan, process: TrainingProcess, on_progress: OnProgress) -> None:
    """Write down every row that comes; draw them at every checkpoint and at the end."""
    job, table = plan.job, LossTable(plan.job.out / "loss.csv", until_step=plan.done)
    begun_s = spent_s = table.rows[-1]["elapsed_s"] if table.rows else 0.0
    with closing(table):
        try:
            for row in process.rows():
                _settle(process, job.out)
                step, spent_s = row["step"], spent_s + row["seconds"]
                table.add(step, spent_s, row["loss"], row["learning_rate"], None)
                left_s = (spent_s - begun_s) / max(1, step - plan.done) * (job.steps - step)
                on_progress(Progress("train", step / job.steps, step, row["loss"], spent_s, left_s))
                if step % job.save_every == 0:
                    _draw(job, table)
        finally:
            if table.rows:
                _draw(job, table)


def _settle(process: TrainingProcess, out: Path) -> None:
    """Move its log into the folder, with which the process has found no fault once its first row is there."""
    if process.log.parent != out:
        out.mkdir(exist_ok=True)
        process.log = process.log.replace(out / LOG)


def _draw(job: TrainingJob, table: LossTable) -> None:
    title = f"{job.policy} learns from {job.dataset.name}"
    draw_curves(table.rows, job.out / "loss.png", title, LOSS_LABEL.format(policy=job.policy))
