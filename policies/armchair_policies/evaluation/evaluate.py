"""How often does it succeed, and how sure is that? Writes one folder:

exam.json        what was asked for, so that an interrupted evaluation can go on
episodes.jsonl   a row per scene, written as it ends: seed, outcome, success, steps
eval.json        the score with its interval, and all that is needed to repeat it
videos/          the first successes and the first failures of every kind
report.html      the same for people, in one file that needs nothing else
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from armchair_core.errors import ArmchairError, disk_is_full
from armchair_core.processes.parallel import Workers, map_in_order
from armchair_policies.evaluation.plan import EvalPlan, prepare_plan
from armchair_policies.evaluation.report.report import write_report
from armchair_policies.evaluation.report.video_choice import most_telling, video_name, worth_a_video
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.results import (
    EvalResult,
    append_outcome,
    load_outcomes,
    load_result,
    save_result,
    summarise,
)
from armchair_policies.evaluation.simulated.episode import EpisodeJob
from armchair_policies.evaluation.simulated.worker import close_rollout, play
from armchair_policies.training.loss_curve import loss_curve
from armchair_robot.loop.episode import Outcome


@dataclass(frozen=True)
class EvalProgress:
    """How far an evaluation is. `stage` is "scenes" or "videos"; `successes` counts scenes."""

    stage: str
    done: int
    total: int
    successes: int


Listener = Callable[[EvalProgress], None]


def evaluate(
    request: EvalRequest, workers: Workers = None, on_progress: Listener = lambda _: None, resume: bool = False
) -> EvalResult:
    """Judge a policy or a hand as it is asked for.

    The rows do not depend on `workers`, nor on whether the evaluation was interrupted and went on with `resume`.

    Raises:
        ArmchairError: as `prepare_plan`, or if the evaluation is interrupted or the disk is full.
    """
    return run_plan(prepare_plan(request, resume), workers, on_progress)


def run_plan(exam: EvalPlan, workers: Workers = None, on_progress: Listener = lambda _: None) -> EvalResult:
    """Judge, film and report, as `evaluate` does; a finished evaluation is left as it is."""
    return run_plans([exam], workers, on_progress)[0]


def run_plans(
    exams: Sequence[EvalPlan], workers: Workers = None, on_progress: Listener = lambda _: None
) -> list[EvalResult]:
    """Judge one after the other with the same workers, then film and report; who differs in one respect only."""
    sittings = [EvalState(exam) for exam in exams]
    with _keeping(exams), closing(map_in_order(play, _jobs(sittings), workers)) as played:
        ended = (outcome for outcome in played if outcome is not None)
        for sitting in sittings:
            sitting.judge(ended, lambda: on_progress(_scenes(sittings)))
        _film(sittings, ended, on_progress)
        for exam in exams:
            if not exam.is_finished:
                write_report(exam.out, loss_curve(exam.contender.folder))
    return [load_result(exam.out) for exam in exams]


class EvalState:
    """An exam while it is held: the outcomes so far."""

    def __init__(self, exam: EvalPlan) -> None:
        self.exam, self.outcomes = exam, list(exam.judged)

    @property
    def is_judged(self) -> bool:
        return len(self.outcomes) == len(self.exam.seeds)

    def judge(self, ended: Iterator[Outcome], on_row: Callable[[], None]) -> None:
        """Take in every scene's outcome; its row is on disk before the next is waited for. Then write the score."""
        started_s, exam = time.monotonic(), self.exam
        exam.begin()
        for outcome in islice(ended, len(exam.seeds) - len(self.outcomes)):
            self.outcomes.append(outcome)
            append_outcome(outcome, exam.out)
            on_row()
        if not (exam.out / "eval.json").exists():
            # How long it took is not known of one that was killed in between.
            seconds = None if exam.judged else time.monotonic() - started_s
            save_result(summarise(exam.contender, exam.provenance, self.outcomes, seconds, exam.command), exam.out)

    def unfilmed(self) -> list[tuple[Outcome, Path]]:
        """What is worth a video and has none, and where it belongs; a video that is there is whole."""
        chosen = [most_telling(self.outcomes)] if self.exam.suite else worth_a_video(self.outcomes)
        films = ((outcome, self.exam.out / "videos" / video_name(outcome)) for outcome in chosen)
        return [(outcome, film) for outcome, film in films if not film.exists()]


def _jobs(sittings: Sequence[EvalState]) -> Iterator[EpisodeJob | None]:
    """The scenes, then the films, chosen from the outcomes, which the caller takes in meanwhile.

    One stream, so that the workers, who take seconds to import LeRobot, are started once. They get jobs
    ahead of the outcomes that the caller has seen: until it has seen all, the next job is None, nothing to do.
    """
    for sitting in sittings:
        for seed in sitting.exam.seeds[len(sitting.exam.judged) :]:
            yield EpisodeJob(sitting.exam.contender, seed)
    while not all(sitting.is_judged for sitting in sittings):
        yield None
    for sitting in sittings:
        for outcome, film in sitting.unfilmed():
            yield EpisodeJob(
                sitting.exam.contender, outcome.seed, film.absolute()
            )  # a cluster's workers stand elsewhere


@contextmanager
def _keeping(exams: Sequence[EvalPlan]) -> Iterator[None]:
    """Say in one sentence what stopped the evaluation, what is kept of it, and what to type."""
    first = exams[0]
    try:
        yield
    except KeyboardInterrupt:
        raise ArmchairError(f"stopped by Ctrl-C: {_kept(exams)}; go on with `{first.how_to_go_on()}`.") from None
    except BrokenProcessPool:
        raise ArmchairError(
            f"a worker process died, perhaps for want of memory: {_kept(exams)}; "
            f"go on with `{first.how_to_go_on()} --workers 1`."
        ) from None
    except OSError as error:
        if not disk_is_full(error):
            raise
        raise ArmchairError(
            f"the disk of {first.out} is full: {_kept(exams)}; make room, then go on with `{first.how_to_go_on()}`."
        ) from error
    finally:
        close_rollout()


def _kept(exams: Sequence[EvalPlan]) -> str:
    if all((exam.out / "eval.json").exists() for exam in exams):
        return "all scenes are judged, but the videos and the report are not finished"
    judged = sum(len(load_outcomes(exam.out)) for exam in exams)
    return f"the {judged} scenes judged so far are kept" if judged else "no scene was judged"


def _scenes(sittings: Sequence[EvalState]) -> EvalProgress:
    outcomes = [outcome for sitting in sittings for outcome in sitting.outcomes]
    total = sum(len(sitting.exam.seeds) for sitting in sittings)
    return EvalProgress("scenes", len(outcomes), total, _successes(outcomes))


def _film(sittings: Sequence[EvalState], ended: Iterator[Outcome], on_progress: Listener) -> None:
    """Wait for the films. Their scenes must end as they did, or the score means nothing."""
    chosen = [outcome for sitting in sittings for outcome, _ in sitting.unfilmed()]
    successes = _scenes(sittings).successes
    for done, (again, first) in enumerate(zip(ended, chosen, strict=True), 1):
        if again != first:
            raise RuntimeError(f"played twice, a scene ended in two ways: {first} and {again}")
        on_progress(EvalProgress("videos", done, len(chosen), successes))


def _successes(outcomes: list[Outcome]) -> int:
    return sum(outcome.success for outcome in outcomes)
