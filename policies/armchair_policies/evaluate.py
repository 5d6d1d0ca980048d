"""How often does it succeed, and how sure is that? Writes one folder:

exam.json        what was asked for, so that an interrupted evaluation can go on
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

from armchair_policies.exam import Exam, prepare_exam
from armchair_policies.report import write_report
from armchair_policies.score import EvalResult, append_outcome, load_outcomes, load_result, save_result, summarise
from armchair_policies.stage import Job, close_stage, play
from armchair_robot.loop import Outcome
from armchair_sim.errors import ArmchairError, disk_is_full
from armchair_sim.parallel import map_in_order

SUCCESSES_FILMED = 3


@dataclass(frozen=True)
class EvalProgress:
    """How far an evaluation is. `stage` is "scenes" or "videos"; `successes` counts scenes."""

    stage: str
    done: int
    total: int
    successes: int


Listener = Callable[[EvalProgress], None]


def evaluate(
    policy: str,
    task: str | None,
    episodes: int,
    seed: int,
    out: Path,
    workers: int | None = None,
    on_progress: Listener = lambda _: None,
    resume: bool = False,
) -> EvalResult:
    """Judge `policy`, a folder or a hand's name, in the scenes of `episodes` seeds from `seed`.

    `task` None means the one that the policy was trained on. The rows do not depend on `workers`, nor on whether the
    evaluation was interrupted and went on with `resume`.

    Raises:
        ArmchairError: as `prepare_exam`, or if the evaluation is interrupted or the disk is full.
    """
    return hold_exam(prepare_exam(policy, task, episodes, seed, out, resume), workers, on_progress)


def hold_exam(exam: Exam, workers: int | None = None, on_progress: Listener = lambda _: None) -> EvalResult:
    """Judge, film and report, as `evaluate` does; a finished evaluation is left as it is."""
    if exam.is_finished:
        return load_result(exam.out)
    started_s, outcomes = time.monotonic(), list(exam.judged)
    with _keeping(exam), closing(map_in_order(play, _jobs(exam, outcomes), workers)) as played:
        ended = (outcome for outcome in played if outcome is not None)
        _judge(exam, ended, outcomes, on_progress)
        if not (exam.out / "eval.json").exists():
            # How long it took is not known of one that was killed in between.
            seconds = None if exam.judged else time.monotonic() - started_s
            save_result(summarise(exam.contender, exam.provenance, outcomes, seconds, exam.out), exam.out)
        _film(exam, ended, outcomes, on_progress)
        write_report(exam.out, loss_curve(exam.contender.folder))
    return load_result(exam.out)


def _jobs(exam: Exam, outcomes: list[Outcome]) -> Iterator[Job | None]:
    """The scenes, then the films, chosen from `outcomes`, which the caller fills meanwhile.

    One stream, so that the workers, who take seconds to import LeRobot, are started once. They get jobs
    ahead of the outcomes that the caller has seen: until it has seen all, the next job is None, nothing to do.
    """
    for seed in exam.seeds[len(exam.judged) :]:
        yield Job(exam.contender, seed)
    while len(outcomes) < len(exam.seeds):
        yield None
    for outcome in _unfilmed(exam, outcomes):
        yield Job(exam.contender, outcome.seed, _film_of(exam, outcome))


def _unfilmed(exam: Exam, outcomes: list[Outcome]) -> list[Outcome]:
    """What is worth a video and has none; a video that is there is whole."""
    return [outcome for outcome in worth_a_video(outcomes) if not _film_of(exam, outcome).exists()]


def _film_of(exam: Exam, outcome: Outcome) -> Path:
    return exam.out / "videos" / video_name(outcome)


@contextmanager
def _keeping(exam: Exam) -> Iterator[None]:
    """Say in one sentence what stopped the evaluation, what is kept of it, and what to type."""
    out = exam.out
    try:
        yield
    except KeyboardInterrupt:
        raise ArmchairError(f"stopped by Ctrl-C: {_kept(out)}; go on with `{exam.how_to_go_on()}`.") from None
    except BrokenProcessPool:
        raise ArmchairError(
            f"a worker process died, perhaps for want of memory: {_kept(out)}; "
            f"go on with `{exam.how_to_go_on()} --workers 1`."
        ) from None
    except OSError as error:
        if not disk_is_full(error):
            raise
        raise ArmchairError(
            f"the disk of {out} is full: {_kept(out)}; make room, then go on with `{exam.how_to_go_on()}`."
        ) from error
    finally:
        close_stage()


def _kept(out: Path) -> str:
    if (out / "eval.json").exists():
        return f"the score is in {out / 'eval.json'}, but the videos and the report are not finished"
    judged = len(load_outcomes(out))
    return f"the {judged} scenes judged so far are in {out / 'episodes.jsonl'}" if judged else "no scene was judged"


def _judge(exam: Exam, ended: Iterator[Outcome], outcomes: list[Outcome], on_progress: Listener) -> None:
    """Take in every scene's outcome; its row is on disk before the next is waited for."""
    exam.begin()
    for outcome in islice(ended, len(exam.seeds) - len(outcomes)):
        outcomes.append(outcome)
        append_outcome(outcome, exam.out)
        on_progress(EvalProgress("scenes", len(outcomes), len(exam.seeds), _successes(outcomes)))


def _film(exam: Exam, ended: Iterator[Outcome], outcomes: list[Outcome], on_progress: Listener) -> None:
    """Wait for the films. Their scenes must end as they did, or the score means nothing."""
    chosen = _unfilmed(exam, outcomes)
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
