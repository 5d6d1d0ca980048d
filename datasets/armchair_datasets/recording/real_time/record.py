"""The real-time recording from a follower and a leader, simulated or real, into a LeRobotDataset v3.0.

station --run_loop--> session --takes--> episode folders (durable) --build--> dataset
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError, disk_is_full
from armchair_core.versions import versions
from armchair_core.words import number_of
from armchair_datasets.recording.build import begin, build
from armchair_datasets.recording.real_time.disk_space import DiskSpace
from armchair_datasets.recording.real_time.episode_saver import EpisodeSaver
from armchair_datasets.recording.real_time.session import NOBODY, RecordingSession, Rules, SessionOperator
from armchair_datasets.recording.real_time.station import Station
from armchair_datasets.recording.workspace import Workspace
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.real_time import run_loop
from armchair_robot.loop.reconnect import Reconnection, run_reconnecting
from armchair_robot.safety.torque_off import on_signals


@dataclass(frozen=True)
class RecordingRequest:
    """What is to be recorded: takes by these rules, into the dataset `out`.

    `strict` keeps no take with a bad verdict. `resume` goes on with a recording that was interrupted, by ``kill -9`` or
    a power cut too; `append` adds to a dataset that is there.
    """

    rules: Rules
    out: Path
    strict: bool = False
    resume: bool = False
    append: bool = False


@dataclass(frozen=True)
class RealTimeSummary:
    """What was recorded. `halted` says why it ended early, if it did; `silent` names motors that may still be on."""

    root: Path
    kept: int
    frames: int
    halted: str
    silent: tuple[str, ...]


@dataclass(frozen=True)
class MadeDataset:
    """Takes that are safe in the working folder, and why there are no more; see `RealTimeSummary`."""

    kept: int
    halted: str
    silent: tuple[str, ...]


def record_takes(station: Station, request: RecordingRequest, operator: SessionOperator = NOBODY) -> RealTimeSummary:
    """Record the takes that are asked for and build their dataset, or add them to the dataset `request.out`.

    SIGINT, SIGTERM and SIGHUP end it: the take in progress is not kept, the motors are switched off one by one,
    and the dataset is built of the takes that are safe. An arm that is unplugged may come back if the operator is
    there, whose command ``next`` lets it move again; the take in progress is not kept.

    Raises:
        ArmchairError: if `request.out` is taken, or no take was kept.
    """
    with _claimed(station, request) as work:
        operator.begun()
        made = _make(work, station, request, operator)
        if not made.kept:
            raise ArmchairError(made.halted or f"no take was kept, so nothing was written to {request.out}.")
        frames = _build(work, made.kept)
    return RealTimeSummary(work.out, made.kept, frames, made.halted, made.silent)


def make_takes(station: Station, request: RecordingRequest, operator: SessionOperator = NOBODY) -> MadeDataset:
    """Record as `record_takes` does, but leave the takes in the working folder; `build.finish` makes the dataset.

    For whoever goes on holding the arm and has no time for that.

    Raises:
        ArmchairError: if `request.out` is taken, or is a dataset that these takes cannot be added to.
    """
    with _claimed(station, request) as work:
        operator.begun()
        return _make(work, station, request, operator)


@contextlib.contextmanager
def _claimed(station: Station, request: RecordingRequest) -> Iterator[Workspace]:
    """Lock the working folder: a new one, or with `resume` the one of before."""
    work = Workspace(Path(request.out).resolve())
    form, asked = station.form(), {"arm": "real time"}
    if request.resume:
        work.resume({**asked, "form": asdict(form)})
    else:
        about = {**station.about, "recorded": time.strftime("%Y-%m-%d"), "versions": versions()}
        begin(work, asked, form, about, request.append)
    with work.locked():
        yield work


def _make(work: Workspace, station: Station, request: RecordingRequest, operator: SessionOperator) -> MadeDataset:
    """Record takes into `work`, which is dropped if none was kept."""
    keeper = EpisodeSaver(work.episodes, request.strict)
    disk = DiskSpace(work.root, station.cameras, station.fps, request.rules.episode_s)
    session = RecordingSession(request.rules, keeper, station.scenes, disk, station.cameras, station.fps, operator)
    with on_signals(lambda number, words: session.stop(words)):
        try:
            _run(station, session, operator)
        finally:
            silent = station.let_go()
    if not keeper.kept:
        work.drop()
    return MadeDataset(keeper.kept, session.halted, tuple(silent))


def _run(station: Station, session: RecordingSession, operator: SessionOperator) -> None:
    """Run until the session is over, a device is lost for good or the disk is full."""

    def listen(moment: Moment) -> bool:
        operator.watch(moment)
        return session(moment)

    def is_hurried() -> bool:
        return session.hurried or operator.is_hurried()

    def run() -> None:
        run_loop(station.robot, station.teleoperator, station.fps, listen, station.limits, station.home, is_hurried)

    rearm = Reconnection(operator.tell, session.may_go_on) if operator.is_there else None
    try:
        with _halting(session):
            run_reconnecting(run, [station.robot, station.teleoperator], rearm, session.interrupt)
    finally:
        with _halting(session):
            session.close()


@contextlib.contextmanager
def _halting(session: RecordingSession) -> Iterator[None]:
    """Make what ends a recording, but not what it has recorded, the session's last words."""
    try:
        yield
    except ArmchairError as error:
        session.halted = str(error)
    except OSError as error:
        if not disk_is_full(error):
            raise
        session.halted = "the disk is full and the last take was not kept: make room."


def _build(work: Workspace, kept: int) -> int:
    try:
        return build(work)
    except KeyboardInterrupt:
        raise ArmchairError(
            f"stopped by Ctrl-C while the dataset was built: {work.root} keeps {number_of(kept, 'take')}, and "
            f"`{typed('repair', work.out)}` builds it from them."
        ) from None
