"""The three jobs with their words and their bars, used by the commands and by the demo.

Each says before it starts what it will write and where, and afterwards what it found.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from armchair.terminal.progress import Meter, duration, meter

if TYPE_CHECKING:
    from armchair_core.processes.parallel import Workers
    from armchair_policies.evaluation.evaluate import EvalProgress, Listener
    from armchair_policies.evaluation.request import EvalRequest
    from armchair_policies.evaluation.results import EvalResult
    from armchair_policies.evaluation.suite import SuiteRow
    from armchair_policies.training.progress import Progress
    from armchair_policies.training.request import TrainRequest


def say(text: str = "") -> None:
    """A line as it is: never wrapped, so that commands and paths can be copied."""
    print(text, flush=True)


def record_step(
    task: str,
    hand: str,
    episodes: int,
    seed: int | None,
    image_size: int,
    out: Path,
    workers: "Workers" = None,
    resume: bool = False,
    append: bool = False,
    on_begun: Callable[[], None] = lambda: None,
) -> None:
    """Record a dataset of square images of `image_size` pixels."""
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record

    request = SimulatedRecordingRequest(
        task, hand, episodes, seed, out, image_size, image_size, workers, resume=resume, append=append
    )
    say(f"Recording {episodes} episodes of {task} by the {hand}.")
    say(f"Writes a LeRobotDataset with pictures of {image_size} pixels square to {out}")
    with meter("recording") as shown:
        summary = record(
            request,
            on_episode=lambda at: shown.show("recording", at.kept / at.wanted, f"{at.kept} of {at.wanted}"),
            on_begun=on_begun,
        )
    failed = sum(summary.skipped.values())
    left_out = f" ({failed} failed attempts were left out)" if failed else ""
    say(f"Recorded {summary.episodes} episodes, {summary.frames:,} frames{left_out}, in {duration(summary.wall_s)}.")


def train_step(request: "TrainRequest", on_row: Callable[[], None] = lambda: None) -> None:
    """Train the nano policy as it is asked for."""
    from armchair_policies.training.nano.train import train

    length = f"{request.minutes:g} minutes" if request.steps is None else f"{request.steps:,} steps"
    source = " and ".join(map(str, request.datasets))
    say(f"Training the nano policy on {source} for {length}, once the videos are decoded.")
    say(f"Writes checkpoints, loss.csv and loss.png to {request.out}")
    stages = {"decode": "decoding", "train": "training"}

    def tell(at: "Progress") -> None:
        on_row()
        note = "" if at.loss is None else f"step {at.step:,} · loss {at.loss:.4f}"
        shown.show(stages[at.stage], at.fraction, note, at.left_s)

    with meter("decoding") as shown:
        folder = train(request, tell)
    say(f"Trained {int(folder.parent.name):,} steps. The policy is in {folder}")


def eval_step(request: "EvalRequest", workers: "Workers" = None, resume: bool = False) -> "EvalResult":
    """Judge a policy or a hand."""
    from armchair_policies.evaluation.evaluate import run_plan
    from armchair_policies.evaluation.plan import prepare_plan

    exam = prepare_plan(request, resume)
    task, scenes = exam.contender.task, exam.seeds
    say(f"Judging {request.policy} at {task} in {len(scenes)} scenes, seeds {scenes[0]} to {scenes[-1]}.")
    if resume:
        say(f"{len(exam.judged)} of them were judged before.")
    say(f"Writes eval.json, episodes.jsonl, videos and report.html to {request.out}")
    with meter("judging") as shown:
        result = run_plan(exam, workers, _teller(shown))
    say_score(result)
    return result


def suite_step(request: "EvalRequest", workers: "Workers" = None, resume: bool = False) -> None:
    """Judge a policy or a hand in the world as it was recorded, and in others."""
    from armchair_policies.evaluation.suite import prepare_suite, run_suite

    exams = prepare_suite(request, resume)
    task, scenes = exams[0].contender.task, exams[0].seeds
    say(f"Judging {request.policy} at {task} {len(exams)} times, each in the scenes {scenes[0]} to {scenes[-1]}.")
    if resume:
        say(f"{sum(len(exam.judged) for exam in exams)} of these were judged before.")
    say(f"Writes robust.json, report.html and an evaluation for each variation to {request.out}")
    with meter("judging") as shown:
        rows = run_suite(exams, workers, _teller(shown))
    for row in rows:
        low, high = row.interval_95
        score = f"{row.successes:4d} of {row.episodes}: {row.success_rate:6.1%} ({low:.1%} to {high:.1%})"
        say(f"  {row.variation:<14} {score:<40} {_against_nominal(row)}".rstrip())
    say(
        "The intervals are 95 %; the verdicts pair the scenes with the nominal ones, corrected for their number (Holm)."
    )


def _against_nominal(row: "SuiteRow") -> str:
    if row.verdict is None:
        return ""
    return f"{row.words}: {100 * row.change:+.1f} points, p = {row.verdict.p_value:.2g}"


def _teller(shown: Meter) -> "Listener":
    """Shows on a meter how far an evaluation is."""
    stages = {"scenes": "judging", "videos": "filming"}

    def tell(at: "EvalProgress") -> None:
        successes = f" · {at.successes} successful" if at.stage == "scenes" else ""
        shown.show(stages[at.stage], at.done / at.total, f"{at.done} of {at.total}{successes}")

    return tell


def say_score(result: "EvalResult") -> None:
    """The score with its interval, and how the scenes ended."""
    low, high = result.interval_95
    say(
        f"{result.successes} of {result.episodes} scenes: {result.success_rate:.1%} "
        f"(95 % interval {low:.1%} to {high:.1%})"
    )
    for ending, count in result.endings.items():
        say(f"  {count:4d}  {ending}")
