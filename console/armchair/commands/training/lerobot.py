"""The training of LeRobot's own policies by `armchair train`, with its words and its progress bar."""

from collections.abc import Callable
from dataclasses import replace

from armchair.terminal.progress import meter
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.command_line import named, runnable
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_policies.training.lerobot.dataset_checks import read_dataset_facts
from armchair_policies.training.lerobot.estimate import estimate
from armchair_policies.training.lerobot.job import TrainingJob
from armchair_policies.training.lerobot.measure import STEPS, Speed, measure
from armchair_policies.training.lerobot.policy_types import find_policy_type
from armchair_policies.training.lerobot.presets import default_preset, presets
from armchair_policies.training.lerobot.process import torchrun_words
from armchair_policies.training.lerobot.targets import hf_plan, hf_words, read_target, submit
from armchair_policies.training.lerobot.train import TrainingPlan, prepare, run, steps_in
from armchair_policies.training.progress import Progress
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.tracking import tracking

STEPS_SHOWN = 10_000


def train_step(request: TrainRequest, yes: bool = False) -> bool:
    """Train, or send the training to HF Jobs; return whether there is a policy in OUT now.

    `yes` agrees beforehand to what HF Jobs are sent.

    Raises:
        ArmchairError: for whatever cannot be trained.
    """
    job, flavor = _job(request)
    if flavor is not None:
        _submit(job, flavor, request, yes)
        return False
    with tracking(request.track, request.out) as send:
        _train(_planned(job, request), request.minutes, send)
    return True


def tell_estimate(request: TrainRequest) -> None:
    """Say what the training would take, from steps measured now; begin nothing.

    Raises:
        ArmchairError: for whatever cannot be trained.
    """
    job, flavor = _job(request)
    if flavor is not None:
        raise ArmchairError("how fast HF Jobs are cannot be measured here: leave --estimate or --target away.")
    _measured(_planned(job, request), request.minutes)


def stock_lines(request: TrainRequest) -> list[str]:
    """Return LeRobot's own command for the training, without beginning it.

    Raises:
        ArmchairError: for whatever cannot be trained.
    """
    job, flavor = _job(request)
    if flavor is not None:
        return [runnable("lerobot-train", *_words_for_hf(job, flavor, request))]
    plan = prepare(replace(job, steps=job.steps or STEPS_SHOWN), request.resume, request.allow_download)
    measured = [] if request.steps else ["# Without --steps, armchair measures how many fit into its --minutes."]
    return [stock_line(plan), *measured]


def stock_line(plan: TrainingPlan) -> str:
    """Return the stock command that trains `plan`. LeRobot's own processes print and save less than ours."""
    if plan.job.processes == 1:
        return runnable("lerobot-train", *plan.words)
    return runnable("torchrun", *torchrun_words(plan.job.processes), "-m", "lerobot.scripts.lerobot_train", *plan.words)


def _job(request: TrainRequest) -> tuple[TrainingJob, str | None]:
    """The job for stock `lerobot-train`, and the flavor of HF Jobs if it shall run there."""
    processes, flavor = read_target(request.target)
    preset = presets()[request.preset or (default_preset() if flavor is None else "cuda")]
    job = TrainingJob(
        request.only_dataset, request.out, request.policy, preset, request.steps or 0, request.seed, request.base,
        processes=processes,
    )  # fmt: skip
    return job, flavor


def _planned(job: TrainingJob, request: TrainRequest) -> TrainingPlan:
    """The job checked, after saying what is doubtful about it."""
    plan = prepare(job, request.resume, request.allow_download)
    for warning in plan.warnings:
        say(f"Note: {warning}")
    return plan


def _train(plan: TrainingPlan, minutes: float, on_row: Callable[[], None]) -> None:
    """Measure, say how long it takes, and train. `minutes` count if the job has no number of steps."""
    if not plan.done:
        plan = _measured(plan, minutes)
    job = plan.job
    say(f"Training {job.policy} on {job.dataset}, to step {job.steps:,}{f' from {plan.done:,}' if plan.done else ''}.")
    say(f"Writes checkpoints, loss.csv, loss.png and lerobot-train.log to {job.out}")

    def tell(at: Progress) -> None:
        on_row()
        shown.show("training", at.fraction, f"step {at.step:,} · loss {at.loss:.4f}", at.left_s)

    with meter("training") as shown:
        folder = run(plan, tell)
    say(f"Trained {number_of(int(folder.parent.name), 'step')}. The policy is in {folder}")


def _measured(plan: TrainingPlan, minutes: float) -> TrainingPlan:
    """The plan with its number of steps, after saying how long they take."""
    speed = _measure(plan.job)
    job = replace(plan.job, steps=plan.job.steps or steps_in(minutes, speed))
    for sentence in estimate(job, find_policy_type(job.policy), speed):
        say(sentence)
    return replace(plan, job=job)


def _measure(job: TrainingJob) -> Speed:
    with meter("measuring") as shown:
        return measure(job, lambda done: shown.show("measuring", done / STEPS, f"{done} of {number_of(STEPS, 'step')}"))


def _submit(job: TrainingJob, flavor: str, request: TrainRequest, yes: bool) -> None:
    """Say what HF Jobs would get, ask, and hand over to stock `lerobot-train`."""
    words, repo_id = _words_for_hf(job, flavor, request), _repo_of(request)
    for sentence in hf_plan(job, flavor, repo_id, request.track == "wandb"):
        say(sentence)
    say(runnable("lerobot-train", *words))
    if not Questions(yes).sure("Send this?", default=False):
        raise ArmchairError("nothing was sent.")
    submit(words)


def _words_for_hf(job: TrainingJob, flavor: str, request: TrainRequest) -> list[str]:
    """What follows `lerobot-train` to send the job to HF Jobs.

    Raises:
        ArmchairError: if it cannot run there, or the dataset cannot be used.
    """
    repo_id = _repo_of(request)
    if (track := request.track) not in (None, "wandb"):
        raise ArmchairError(f"{track} watches a training on this machine, not on HF Jobs: use --track wandb, or none.")
    read_dataset_facts(job.dataset)
    return hf_words(job, flavor, repo_id, track == "wandb")


def _repo_of(request: TrainRequest) -> str:
    if request.repo_id is None:
        raise ArmchairError(
            f"HF Jobs read the dataset from the Hub: add --repo-id, the name that `{named('push')}` gave it."
        )
    return request.repo_id
