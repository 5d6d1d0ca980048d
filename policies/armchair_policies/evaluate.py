"""How often does it succeed, and how sure is that? Writes one folder:

episodes.jsonl   a row per scene, written as it ends: seed, outcome, success, steps
eval.json        the score with its interval, and all that is needed to repeat it
videos/          the first successes and the first of every kind of failure
report.html      the same for people, in one file that needs nothing else
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from armchair_datasets.workspace import free_name, is_taken
from armchair_policies.contender import Contender, open_contender
from armchair_policies.folders import refuse_used_folder
from armchair_policies.report import write_report
from armchair_policies.score import (
    EvalResult,
    append_outcome,
    eval_command,
    load_outcomes,
    save_result,
    seed_ranges,
    summarise,
)
from armchair_policies.stage import Job, close_stage, play
from armchair_robot.loop import Outcome
from armchair_sim.errors import ArmchairError, disk_is_full
from armchair_sim.parallel import map_in_order
from armchair_sim.seeds import FIRST_EVALUATION_SEED, evaluation_seeds

SUCCESSES_FILMED = 3


@dataclass(frozen=True)
class EvalProgress:
    """How far an evaluation is. `stage` is "scenes" or "videos"; `successes` counts scenes."""

    stage: str
    done: int
    total: int
    successes: int


Listener = Callable[[EvalProgress], None]


@dataclass(frozen=True)
class Exam:
    """An evaluation that can be held: everything about it has been checked."""

    contender: Contender
    provenance: dict[str, Any]
    seeds: range
    out: Path


def evaluate(
    policy: str,
    task: str | None,
    episodes: int,
    seed: int,
    out: Path,
    workers: int | None = None,
    on_progress: Listener = lambda _: None,
) -> EvalResult:
    """Judge `policy`, a folder or a hand's name, in the scenes of `episodes` seeds from `seed`.

    `task` None means the one that the policy was trained on. The rows do not depend on `workers`.
    Interrupted, it leaves the rows of the finished scenes in episodes.jsonl.

    Raises:
        ArmchairError: as `prepare_exam`, or if the evaluation is interrupted or the disk is full.
    """
    return hold_exam(prepare_exam(policy, task, episodes, seed, out), workers, on_progress)


def prepare_exam(policy: str, task: str | None, episodes: int, seed: int, out: Path) -> Exam:
    """Check what `evaluate` was asked for; writes nothing.

    Raises:
        ArmchairError: if there is no such contender or task, `out` is in use, or a seed was trained on.
    """
    seeds = evaluation_seeds(seed, episodes)
    contender, provenance = open_contender(policy, task)
    refuse_taught_seeds(seeds, provenance.get("training_seeds", ()))
    refuse_used_folder(out)
    return Exam(contender, provenance, seeds, out)


def hold_exam(exam: Exam, workers: int | None = None, on_progress: Listener = lambda _: None) -> EvalResult:
    """Judge, film and report, as `evaluate` does."""
    started_s, outcomes = time.monotonic(), []
    with _keeping(exam), closing(map_in_order(play, _jobs(exam, outcomes), workers)) as played:
        ended = (outcome for outcome in played if outcome is not None)
        _judge(exam, ended, outcomes, on_progress)
        result = summarise(exam.contender, exam.provenance, outcomes, time.monotonic() - started_s, exam.out)
        save_result(result, exam.out)
        _film(exam, ended, outcomes, on_progress)
        write_report(exam.out, loss_curve(exam.contender.folder))
    return result


def _jobs(exam: Exam, outcomes: list[Outcome]) -> Iterator[Job | None]:
    """The scenes, then the films, chosen from `outcomes`, which the caller fills meanwhile.

    One stream, so that the workers, who take seconds to import LeRobot, are started once. They get jobs
    ahead of the outcomes that the caller has seen: until it has seen all, the next job is None, nothing to do.
    """
    for seed in exam.seeds:
        yield Job(exam.contender, seed)
    while len(outcomes) < len(exam.seeds):
        yield None
    for outcome in worth_a_video(outcomes):
        yield Job(exam.contender, outcome.seed, exam.out / "videos" / video_name(outcome))


@contextmanager
def _keeping(exam: Exam) -> Iterator[None]:
    """Say in one sentence what stopped the evaluation, what is kept of it, and what to type."""
    out = exam.out
    try:
        yield
    except KeyboardInterrupt:
        raise ArmchairError(f"stopped by Ctrl-C: {_kept(out)}; start anew with `{_anew(exam)}`.") from None
    except BrokenProcessPool:
        raise ArmchairError(
            f"a worker process died, perhaps for want of memory: {_kept(out)}; "
            f"start anew with `{_anew(exam)} --workers 1`."
        ) from None
    except OSError as error:
        if not disk_is_full(error):
            raise
        raise ArmchairError(
            f"the disk of {out} is full: {_kept(out)}; make room, then start anew with `{_anew(exam)}`."
        ) from error
    finally:
        close_stage()


def _anew(exam: Exam) -> str:
    """The line that holds the exam again, beside what is kept of this one."""
    out = free_name(exam.out) if is_taken(exam.out) else exam.out
    return eval_command(exam.contender.name, exam.contender.task, len(exam.seeds), exam.seeds[0], out)


def _kept(out: Path) -> str:
    if (out / "eval.json").exists():
        return f"the score is in {out / 'eval.json'}, but the videos and the report are not finished"
    rows = out / "episodes.jsonl"
    if not rows.exists():
        return "no scene was judged"
    return f"the {len(load_outcomes(out))} scenes judged so far are in {rows}"


def refuse_taught_seeds(seeds: range, taught: Iterable[int]) -> None:
    """Raise ArmchairError if the policy was trained on one of `seeds`: it would be judged on what it saw."""
    both = set(seeds) & set(taught)
    if both:
        free = max(FIRST_EVALUATION_SEED, max(taught) + 1)
        raise ArmchairError(
            f"the policy was trained on {len(both)} of these scenes (seeds {seed_ranges(both)}), "
            f"and a score there would flatter it: use --seed {free}."
        )


def _judge(exam: Exam, ended: Iterator[Outcome], outcomes: list[Outcome], on_progress: Listener) -> None:
    """Take in every scene's outcome; its row is on disk before the next is waited for."""
    for outcome in islice(ended, len(exam.seeds)):
        outcomes.append(outcome)
        append_outcome(outcome, exam.out)
        on_progress(EvalProgress("scenes", len(outcomes), len(exam.seeds), _successes(outcomes)))


def _film(exam: Exam, ended: Iterator[Outcome], outcomes: list[Outcome], on_progress: Listener) -> None:
    """Wait for the films. Their scenes must end as they did, or the score means nothing."""
    chosen = worth_a_video(outcomes)
    for done, (again, first) in enumerate(zip(ended, chosen, strict=True), 1):
        if again != first:
            raise RuntimeError(f"played twice, a scene ended in two ways: {first} and {again}")
        on_progress(EvalProgress("videos", done, len(chosen), _successes(outcomes)))


def worth_a_video(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The first successes, then the first of every kind of failure."""
    successes: list[Outcome] = []
    failures: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.success:
            successes.append(outcome)
        else:
            failures.setdefault(outcome.ending, outcome)
    return successes[:SUCCESSES_FILMED] + list(failures.values())


def video_name(outcome: Outcome) -> str:
    """``seed-100003-timed-out.mp4``."""
    return f"seed-{outcome.seed}-{'-'.join(outcome.ending.lower().split())}.mp4"


def loss_curve(folder: Path | None) -> Path | None:
    """The loss.png that training left in OUT for OUT/checkpoints/<step>/pretrained_model, if it is there."""
    if folder is None or folder.parents[1].name != "checkpoints":
        return None
    picture = folder.parents[2] / "loss.png"
    return picture if picture.is_file() else None


def _successes(outcomes: list[Outcome]) -> int:
    return sum(outcome.success for outcome in outcomes)
