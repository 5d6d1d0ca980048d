"""`armchair train` of LeRobot's own policies: what it says before, while and after it trains."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from armchair.terminal import lerobot_command
from armchair.terminal.next_command import beside, runnable, typed
from armchair.terminal.progress import meter
from armchair.terminal.questions import Questions
from armchair.terminal.steps import say, train_step
from armchair_core.errors import ArmchairError
from armchair_policies.training.request import TrainRequest

if TYPE_CHECKING:
    from armchair_policies.training.lerobot.job import TrainingJob
    from armchair_policies.training.lerobot.measure import Speed
    from armchair_policies.training.lerobot.train import TrainingPlan
    from armchair_policies.training.progress import Progress

STEPS_SHOWN = 10_000


def shown_options(wish: TrainRequest) -> dict[str, object]:
    """The options that tell this training from others, as they are typed again to go on."""
    policy = wish.policy if wish.policy != "nano" else None
    return {"--policy": policy, "--from": wish.base, "--preset": wish.preset, "--track": wish.track,
            "--target": wish.target, "--allow-download": wish.allow_download}  # fmt: skip


def fulfil(wish: TrainRequest, yes: bool = False) -> bool:
    """Train; whether there is a policy in OUT now. `yes` agrees beforehand to what HF Jobs are sent.

    Raises:
        ArmchairError: for whatever cannot be trained.
    """
    from armchair_policies.training.tracking import how_to_look, tracking

    if wish.for_lerobot:
        job, flavor = _job(wish)
        if flavor is not None:
            submit_step(job, flavor, wish.repo_id, wish.track, yes)
            return False
    elif wish.preset or wish.target:
        raise ArmchairError(
            "nano trains alike on every machine: leave --preset and --target away, or use --policy act."
        )
    with tracking(wish.track, wish.out) as send:
        if wish.for_lerobot:
            train_lerobot_step(job, wish.minutes, wish.resume, wish.allow_download, send)
        else:
            train_step(wish, send)
    if wish.track:
        say(f"Look at the curves with {runnable(*how_to_look(wish.track, wish.out))}")
    return True


def judge_line(wish: TrainRequest) -> str:
    """`armchair eval …` of what was trained; of several tasks it has to be told one."""
    from armchair_core.dataset_format.about import read_about

    tasks = list(dict.fromkeys(filter(None, (read_about(root).get("task") for root in wish.datasets))))
    return typed("eval", wish.out, *(["--task", tasks[0]] if tasks[1:] else []), "--out", beside(wish.out, "report"))


def _job(wish: TrainRequest) -> tuple["TrainingJob", str | None]:
    """For stock `lerobot-train`, and the flavor of HF Jobs if it shall run there."""
    from armchair_policies.training.lerobot.job import TrainingJob
    from armchair_policies.training.lerobot.presets import default_preset, presets
    from armchair_policies.training.lerobot.targets import read_target

    processes, flavor = read_target(wish.target)
    preset = presets()[wish.preset or (default_preset() if flavor is None else "cuda")]
    dataset, steps = _only(wish.datasets), wish.steps or 0
    job = TrainingJob(dataset, wish.out, wish.policy, preset, steps, wish.seed, wish.base, processes=processes)
    return job, flavor


def _only(datasets: tuple[Path, ...]) -> Path:
    """The one dataset that LeRobot's policies learn from."""
    if len(datasets) > 1:
        raise ArmchairError(
            "LeRobot trains on one dataset: join these with `lerobot-edit-dataset --operation.type merge`, or "
            "use --policy nano."
        )
    return datasets[0]


def tell_estimate(wish: TrainRequest) -> None:
    """Say what the training would take, LeRobot's policies from steps measured now; begin nothing.

    Raises:
        ArmchairError: for whatever cannot be trained.
    """
    from armchair_policies.training.lerobot.train import prepare
    from armchair_policies.training.training_data import join_training_data, read_training_data

    if wish.for_lerobot:
        job, flavor = _job(wish)
        if flavor is not None:
            raise ArmchairError("how fast HF Jobs are cannot be measured here: leave --estimate or --target away.")
        plan = prepare(job, wish.resume, wish.allow_download)
        for warning in plan.warnings:
            say(f"Note: {warning}")
        _measured(plan, wish.minutes)
        return
    tables = join_training_data([read_training_data(root) for root in wish.datasets])
    length = f"{wish.minutes:g} minutes on any machine" if wish.steps is None else f"{wish.steps:,} steps"
    say(f"nano trains for {length}, once {len(tables.state):,} frames of {len(tables.episodes)} episodes are decoded.")


def stock_lines(wish: TrainRequest) -> list[str]:
    """LeRobot's own command for the training, without beginning it.

    Raises:
        ArmchairError: for whatever cannot be trained.
    """
    from armchair_policies.training.lerobot.train import prepare

    if not wish.for_lerobot:
        return lerobot_command.train(_only(wish.datasets), wish.out, wish.seed, wish.resume, wish.steps)
    job, flavor = _job(wish)
    if flavor is not None:
        return [runnable("lerobot-train", *_words_for_hf(job, flavor, wish.repo_id, wish.track))]
    plan = prepare(replace(job, steps=job.steps or STEPS_SHOWN), wish.resume, wish.allow_download)
    measured = [] if wish.steps else ["# Without --steps, armchair measures how many fit into its --minutes."]
    return [stock_line(plan), *measured]


def stock_line(plan: "TrainingPlan") -> str:
    """The stock command that trains what `plan` says. LeRobot's own processes print and save less than ours."""
    from armchair_policies.training.lerobot.process import torchrun_words

    if plan.job.processes == 1:
        return runnable("lerobot-train", *plan.words)
    return runnable("torchrun", *torchrun_words(plan.job.processes), "-m", "lerobot.scripts.lerobot_train", *plan.words)


def train_lerobot_step(
    job: "TrainingJob", minutes: float, resume: bool, allow_download: bool, on_row: Callable[[], None] = lambda: None
) -> None:
    """Check, measure, say how long it takes, and train. `minutes` counts if the job has no number of steps."""
    from armchair_policies.training.lerobot.train import prepare, run

    plan = prepare(job, resume, allow_download)
    for warning in plan.warnings:
        say(f"Note: {warning}")
    if not plan.done:
        plan = _measured(plan, minutes)
    job = plan.job
    say(f"Training {job.policy} on {job.dataset}, to step {job.steps:,}{f' from {plan.done:,}' if plan.done else ''}.")
    say(f"Writes checkpoints, loss.csv, loss.png and lerobot-train.log to {job.out}")

    def tell(at: "Progress") -> None:
        on_row()
        shown.show("training", at.fraction, f"step {at.step:,} · loss {at.loss:.4f}", at.left_s)

    with meter("training") as shown:
        folder = run(plan, tell)
    say(f"Trained {int(folder.parent.name):,} steps. The policy is in {folder}")


def _measured(plan: "TrainingPlan", minutes: float) -> "TrainingPlan":
    """The plan with its number of steps, after saying how long they take."""
    from armchair_policies.training.lerobot.estimate import estimate
    from armchair_policies.training.lerobot.policy_types import find_policy_type
    from armchair_policies.training.lerobot.train import steps_in

    speed = _measure(plan.job)
    job = replace(plan.job, steps=plan.job.steps or steps_in(minutes, speed))
    for sentence in estimate(job, find_policy_type(job.policy), speed):
        say(sentence)
    return replace(plan, job=job)


def _measure(job: "TrainingJob") -> "Speed":
    from armchair_policies.training.lerobot.measure import STEPS, measure

    with meter("measuring") as shown:
        return measure(job, lambda done: shown.show("measuring", done / STEPS, f"{done} of {STEPS} steps"))


def submit_step(job: "TrainingJob", flavor: str, repo_id: str | None, track: str | None, yes: bool) -> None:
    """Say what HF Jobs would get, ask, and hand over to stock `lerobot-train`."""
    from armchair_policies.training.lerobot.targets import hf_plan, submit

    words = _words_for_hf(job, flavor, repo_id, track)
    for sentence in hf_plan(job, flavor, repo_id, track == "wandb"):
        say(sentence)
    say(runnable("lerobot-train", *words))
    if not Questions(yes).sure("Send this?", default=False):
        raise ArmchairError("nothing was sent.")
    submit(words)


def _words_for_hf(job: "TrainingJob", flavor: str, repo_id: str | None, track: str | None) -> list[str]:
    """What follows `lerobot-train` to send the job to HF Jobs.

    Raises:
        ArmchairError: if it cannot run there, or the dataset cannot be used.
    """
    from armchair_policies.training.lerobot.dataset_checks import read_dataset_facts
    from armchair_policies.training.lerobot.targets import hf_words

    if repo_id is None:
        raise ArmchairError(
            "HF Jobs read the dataset from the Hub: add --repo-id, the name that `armchair push` gave it."
        )
    if track not in (None, "wandb"):
        raise ArmchairError(f"{track} watches a training on this machine, not on HF Jobs: use --track wandb, or none.")
    read_dataset_facts(job.dataset)
    return hf_words(job, flavor, repo_id, track == "wandb")
