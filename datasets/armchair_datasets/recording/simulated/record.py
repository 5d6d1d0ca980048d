"""The recording of an expert's successful episodes, on all cores, into a LeRobotDataset v3.0.

seeds --workers--> episode folders (durable, one an attempt) --assemble--> dataset --check, rename--> out
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from armchair_core.command_line import quoted
from armchair_core.dataset_format.about import first_new_seed, used_seeds
from armchair_core.errors import ArmchairError, disk_is_full
from armchair_core.processes.parallel import default_workers, map_in_order
from armchair_core.so101.kinematics import CAMERAS, FEATURE_NAMES
from armchair_core.versions import versions
from armchair_core.words import number_of
from armchair_datasets.recording.build import begin, build
from armchair_datasets.recording.format import Format
from armchair_datasets.recording.simulated.plan import RecordingPlan, SimulatedRecordingRequest
from armchair_datasets.recording.simulated.preflight import check_plan
from armchair_datasets.recording.simulated.worker import close_rollout, record_attempt
from armchair_datasets.recording.workspace import Workspace
from armchair_robot.loop.episode import Outcome
from armchair_sim.scene.world import FPS
from armchair_sim.tasks import get_task

FAILURES_IN_A_ROW = 20  # an expert that fails this often in a row is broken, not unlucky


@dataclass(frozen=True)
class EpisodeReport:
    """What `on_episode` is told after each attempt, in order: `kept` of `wanted` episodes are on disk."""

    outcome: Outcome
    kept: int
    wanted: int


@dataclass(frozen=True)
class RecordSummary:
    """What was recorded. `skipped` counts the failed attempts by how they ended; `wall_s` in seconds."""

    root: Path
    episodes: int
    frames: int
    skipped: dict[str, int]
    wall_s: float


def record(
    request: SimulatedRecordingRequest,
    on_episode: Callable[[EpisodeReport], None] | None = None,
    on_begun: Callable[[], None] = lambda: None,
) -> RecordSummary:
    """Record exactly as many successful episodes as are asked for, in the scenes from `seed` on.

    A failed episode would teach the failure: it is left out, counted in `skipped`, and the next seed is used
    instead. The dataset does not depend on `workers`. Finished episodes survive Ctrl-C, `kill -9` and a full disk.
    `on_begun` is called when the recording has its working folder, `on_episode` after each attempt.

    Raises:
        ArmchairError: if the request is wrong, `out` is taken, the disk is full or nearly so, the recording
            was interrupted, or the teleoperator failed 20 times in a row.
    """
    started_s = time.monotonic()
    work = Workspace(Path(request.out).resolve())
    plan = request.plan(_first_seed(request, work))
    check_plan(plan, work.out)
    _open(work, plan, request)
    with work.locked(), _keeping(work):
        on_begun()
        outcomes = _collect(plan, work.episodes, request.workers or default_workers(), on_episode)
        frames = build(work)
    skipped = Counter(outcome.ending for outcome in outcomes if not outcome.success)
    return RecordSummary(work.out, request.episodes, frames, dict(skipped), time.monotonic() - started_s)


def _first_seed(request: SimulatedRecordingRequest, work: Workspace) -> int:
    """Return the scene to begin with; a scene that the dataset has already would teach nothing new."""
    if request.resume and work.note.exists():
        return work.begun.get("seed", 0) if request.seed is None else request.seed
    used = used_seeds(work.out) if request.append else set()
    free = first_new_seed(used)
    if request.seed is not None and request.seed in used:
        raise ArmchairError(f"the scene of seed {request.seed} is in {work.out} already: use {quoted('--seed', free)}.")
    return free if request.seed is None else request.seed


def _open(work: Workspace, plan: RecordingPlan, request: SimulatedRecordingRequest) -> None:
    """Claim the working folder, or take it up again."""
    told = {"arm": "sim", **plan.as_told(), "versions": versions()}
    about: dict[str, Any] = {
        name: told[name] for name in ("task", "hand", "disturbed", "desks", "versions") if name in told
    }
    if request.resume:
        work.resume(told)
    else:
        begin(work, told, _form(plan), about, request.append)


def _form(plan: RecordingPlan) -> Format:
    instruction = get_task(plan.task).instruction
    return Format(instruction, FEATURE_NAMES, CAMERAS, plan.height, plan.width, FPS, shoves=plan.disturbed)


def _collect(
    plan: RecordingPlan, folder: Path, workers: int | str, on_episode: Callable[[EpisodeReport], None] | None
) -> list[Outcome]:
    """Run attempts until enough have succeeded, and return how each ended, in order."""
    outcomes: list[Outcome] = []
    while (missing := plan.episodes - _kept(outcomes)) > 0:
        run, attempts = partial(record_attempt, plan, folder), _attempts(plan, outcomes)
        for outcome in map_in_order(run, attempts, workers if isinstance(workers, str) else min(workers, missing)):
            _check_here(folder, len(outcomes))
            outcomes.append(outcome)
            if on_episode is not None:
                on_episode(EpisodeReport(outcome, _kept(outcomes), plan.episodes))
            _stop_if_hopeless(plan, outcomes)
    return outcomes


def _check_here(folder: Path, number: int) -> None:
    """Raise ArmchairError unless an attempt that may have run on another machine has been written here."""
    if not (folder / f"{number:06d}").exists():
        raise ArmchairError(
            f"a machine of the cluster has recorded episode {number}, and {folder} does not have it: "
            "use an --out on a disk that all machines share."
        )


def _attempts(plan: RecordingPlan, outcomes: Sequence[Outcome]) -> Iterator[int]:
    """Yield the next attempts' numbers: no more than are needed if all that have not ended yet succeed.

    `outcomes` grows while this runs; failures seen too late are made up for by the caller's next round.
    """
    number = len(outcomes)
    while number < plan.episodes + len(outcomes) - _kept(outcomes):
        yield number
        number += 1


def _kept(outcomes: Sequence[Outcome]) -> int:
    return sum(outcome.success for outcome in outcomes)


def _stop_if_hopeless(plan: RecordingPlan, outcomes: Sequence[Outcome]) -> None:
    latest = outcomes[-FAILURES_IN_A_ROW:]
    if len(latest) == FAILURES_IN_A_ROW and not any(outcome.success for outcome in latest):
        raise ArmchairError(
            f"the {plan.hand} failed {plan.task} {FAILURES_IN_A_ROW} times in a row (the last time: "
            f"{latest[-1].ending}, in the scene of seed {latest[-1].seed}): use another --hand."
        )


@contextmanager
def _keeping(work: Workspace) -> Iterator[None]:
    """Say in one sentence what stopped the recording and how to go on; leave nothing if nothing is kept."""
    try:
        yield
    except KeyboardInterrupt:
        raise ArmchairError(f"stopped by Ctrl-C: {_how_to_go_on(work)}") from None
    except BrokenProcessPool:
        raise ArmchairError(f"a worker process died, perhaps for want of memory: {_how_to_go_on(work)}") from None
    except OSError as error:
        if not disk_is_full(error):
            raise
        raise ArmchairError(f"the disk of {work.root} is full: make room; {_how_to_go_on(work)}") from error
    finally:
        close_rollout()
        if not work.finished():
            work.drop()


def _how_to_go_on(work: Workspace) -> str:
    finished = work.finished()
    if not finished:
        return "no episode was finished, so type the same command again."
    kept = number_of(finished, "finished episode")
    return f"{work.root} keeps {kept}, so type the same command again with --resume."
