"""The evaluation of a policy: how often does it succeed, and how sure is that? Writes one folder:

exam.json        what was asked for, so that an interrupted evaluation can go on
episodes.jsonl   a row per scene, written as it ends: seed, outcome, success, steps, where the object lay
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
from armchair_core.words import number_of
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
    """Judge a policy or a teleoperator as it is asked for.

    The rows do not depend on `workers`, nor on whether the evaluation was interrupted and went on with `resume`.

    Raises:
        ArmchairError: as `prepare_plan`, or if the evaluation is interrupted or the disk is full.
    """
    return run_plans([prepare_plan(request, resume)], workers, on_progress)[0]


def run_plans(
    plans: Sequence[EvalPlan], workers: Workers = None, on_progress: Listener = lambda _: None
) -> list[EvalResult]:
    """Judge one plan after the other with the same workers, then film and report; a finished one is left as it is.

    Raises:
        ArmchairError: if it is interrupted or the disk is full.
    """
    states = [EvalState(plan) for plan in plans]
    with _interruption_explained(plans), closing(map_in_order(play, _jobs(states), workers)) as played:
        ended = (outcome for outcome in played if outcome is not None)
        for state in states:
            state.judge(ended, lambda: on_progress(_scenes(states)))
        _film(states, ended, on_progress)
        for plan in plans:
            if not plan.is_finished:
                write_report(plan.out, loss_curve(plan.candidate.folder))
    return [load_result(plan.out) for plan in plans]


class EvalState:
    """An evaluation while it is held: its plan and the outcomes so far."""

    def __init__(self, plan: EvalPlan) -> None:
        self.plan, self.outcomes = plan, list(plan.judged)

    @property
    def is_judged(self) -> bool:
        """Whether every scene has ended."""
        return len(self.outcomes) == len(self.plan.seeds)

    def judge(self, ended: Iterator[Outcome], on_row: Callable[[], None]) -> None:
        """Take in every scene's outcome; its row is on disk before the next is waited for. Then write the score."""
        started_s, plan = time.monotonic(), self.plan
        plan.begin()
        for outcome in islice(ended, len(plan.seeds) - len(self.outcomes)):
            self.outcomes.append(outcome)
            append_outcome(outcome, plan.out)
            on_row()
        if not (plan.out / "eval.json").exists():
            # How long it took is not known of one that was killed in between.
            seconds = None if plan.judged else time.monotonic() - started_s
            result = summarise(plan.candidate, plan.provenance, self.outcomes, seconds, plan.request.command)
            save_result(result, plan.out)

    def unfilmed(self) -> list[tuple[Outcome, Path]]:
        """Return what is worth a video and has none, and where it belongs; a video that is there is whole."""
        chosen = [most_telling(self.outcomes)] if self.plan.request.suite else worth_a_video(self.outcomes)
        videos = ((outcome, self.plan.out / "videos" / video_name(outcome)) for outcome in chosen)
        return [(outcome, video) for outcome, video in videos if not video.exists()]


def _jobs(states: Sequence[EvalState]) -> Iterator[EpisodeJob | None]:
    """Yield the scenes, then the videos, chosen from the outcomes, which the caller takes in meanwhile.

    One stream, so that the workers, who take seconds to import LeRobot, are started once. They get jobs
    ahead of the outcomes that the caller has seen: until it has seen all, the next job is None, nothing to do.
    """
    for state in states:
        for seed in state.plan.seeds[len(state.plan.judged) :]:
            yield EpisodeJob(state.plan.candidate, seed)
    while not all(state.is_judged for state in states):
        yield None
    for state in states:
        for outcome, video in state.unfilmed():
            # Absolute, for a cluster's workers stand elsewhere.
            yield EpisodeJob(state.plan.candidate, outcome.seed, video.absolute())


@contextmanager
def _interruption_explained(plans: Sequence[EvalPlan]) -> Iterator[None]:
    """Say in one sentence what stopped the evaluation, what is kept of it, and what to type."""
    first = plans[0]
    try:
        yield
    except KeyboardInterrupt:
        raise ArmchairError(f"stopped by Ctrl-C: {_kept(plans)}; go on with `{first.how_to_go_on()}`.") from None
    except BrokenProcessPool:
        raise ArmchairError(
            f"a worker process died, perhaps for want of memory: {_kept(plans)}; "
            f"go on with `{first.how_to_go_on()} --workers 1`."
        ) from None
    except OSError as error:
        if not disk_is_full(error):
            raise
        raise ArmchairError(
            f"the disk of {first.out} is full: {_kept(plans)}; make room, then go on with `{first.how_to_go_on()}`."
        ) from error
    except ArmchairError:  # a policy that could not be loaded, say
        for plan in plans:
            _take_back(plan)
        raise
    finally:
        close_rollout()


def _take_back(plan: EvalPlan) -> None:
    """Remove what `begin` wrote for an evaluation that came no further, so that its folder is free again."""
    if plan.out.is_dir() and [file.name for file in plan.out.iterdir()] == ["exam.json"]:
        (plan.out / "exam.json").unlink()
        plan.out.rmdir()


def _kept(plans: Sequence[EvalPlan]) -> str:
    if all((plan.out / "eval.json").exists() for plan in plans):
        return "all scenes are judged, but the videos and the report are not finished"
    judged = sum(len(load_outcomes(plan.out)) for plan in plans)
    return f"what was judged so far, {number_of(judged, 'scene')}, is kept" if judged else "no scene was judged"


def _scenes(states: Sequence[EvalState]) -> EvalProgress:
    outcomes = [outcome for state in states for outcome in state.outcomes]
    total = sum(len(state.plan.seeds) for state in states)
    return EvalProgress("scenes", len(outcomes), total, sum(outcome.success for outcome in outcomes))


def _film(states: Sequence[EvalState], ended: Iterator[Outcome], on_progress: Listener) -> None:
    """Wait for the videos. Their scenes must end as they did, or the score means nothing."""
    chosen = [outcome for state in states for outcome, _ in state.unfilmed()]
    successes = _scenes(states).successes
    for done, (again, first) in enumerate(zip(ended, chosen, strict=True), 1):
        if again != first:
            raise RuntimeError(f"played twice, a scene ended in two ways: {first} and {again}")
        on_progress(EvalProgress("videos", done, len(chosen), successes))
