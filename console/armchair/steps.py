"""The three jobs with their words and their bars, used by the commands and by the demo.

Each says before it starts what it will write and where, and afterwards what it found.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from armchair.progress import duration, meter

if TYPE_CHECKING:
    from armchair_policies.evaluate import EvalProgress
    from armchair_policies.progress import Progress
    from armchair_policies.score import EvalResult


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
    workers: int | None = None,
    resume: bool = False,
    append: bool = False,
    on_begun: Callable[[], None] = lambda: None,
) -> None:
    """Record a dataset of square images of `image_size` pixels."""
    from armchair_datasets.recorder import record

    say(f"Recording {episodes} episodes of {task} by the {hand}.")
    say(f"Writes a LeRobotDataset with pictures of {image_size} pixels square to {out}")
    with meter("recording") as shown:
        summary = record(
            task,
            hand,
            episodes,
            seed,
            out,
            height=image_size,
            width=image_size,
            workers=workers,
            resume=resume,
            append=append,
            on_episode=lambda at: shown.show("recording", at.kept / at.wanted, f"{at.kept} of {at.wanted}"),
            on_begun=on_begun,
        )
    failed = sum(summary.skipped.values())
    left_out = f" ({failed} failed attempts were left out)" if failed else ""
    say(f"Recorded {summary.episodes} episodes, {summary.frames:,} frames{left_out}, in {duration(summary.wall_s)}.")


def train_step(
    dataset: Path,
    minutes: float,
    seed: int,
    out: Path,
    resume: bool = False,
    steps: int | None = None,
    on_row: Callable[[], None] = lambda: None,
) -> None:
    """Train the nano policy on a dataset, for so many minutes or, if they are given, steps."""
    from armchair_policies.train import train

    length = f"{minutes:g} minutes" if steps is None else f"{steps:,} steps"
    say(f"Training the nano policy on {dataset} for {length}, once its videos are decoded.")
    say(f"Writes checkpoints, loss.csv and loss.png to {out}")
    stages = {"decode": "decoding", "train": "training"}

    def tell(at: "Progress") -> None:
        on_row()
        note = "" if at.loss is None else f"step {at.step:,} · loss {at.loss:.4f}"
        shown.show(stages[at.stage], at.fraction, note, at.left_s)

    with meter("decoding") as shown:
        folder = train(dataset, out, minutes, steps, seed=seed, resume=resume, on_progress=tell)
    say(f"Trained {int(folder.parent.name):,} steps. The policy is in {folder}")


def eval_step(
    policy: str, task: str | None, episodes: int, seed: int, out: Path, workers: int | None = None
) -> "EvalResult":
    """Judge a policy or a hand."""
    from armchair_policies.evaluate import hold_exam, prepare_exam

    exam = prepare_exam(policy, task, episodes, seed, out)
    say(f"Judging {policy} at {exam.contender.task} in {episodes} scenes, seeds {seed} to {exam.seeds[-1]}.")
    say(f"Writes eval.json, episodes.jsonl, videos and report.html to {out}")
    stages = {"scenes": "judging", "videos": "filming"}

    def tell(at: "EvalProgress") -> None:
        successes = f" · {at.successes} successful" if at.stage == "scenes" else ""
        shown.show(stages[at.stage], at.done / at.total, f"{at.done} of {at.total}{successes}")

    with meter("judging") as shown:
        result = hold_exam(exam, workers, tell)
    say_score(result)
    return result


def say_score(result: "EvalResult") -> None:
    """The score with its interval, and how the scenes ended."""
    low, high = result.interval_95
    say(
        f"{result.successes} of {result.episodes} scenes: {result.success_rate:.1%} "
        f"(95 % interval {low:.1%} to {high:.1%})"
    )
    for ending, count in result.endings.items():
        say(f"  {count:4d}  {ending}")
