"""Record in real time from a follower and a leader, simulated or real, into a LeRobotDataset v3.0.

station --run_loop--> session --takes--> episode folders (durable) --build--> dataset
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from armchair_core.errors import ArmchairError, disk_is_full
from armchair_core.versions import versions
from armchair_datasets.recording.build import begin, build
from armchair_datasets.recording.real_time.disk_space import DiskSpace
from armchair_datasets.recording.real_time.episode_saver import EpisodeSaver, SavedEpisode
from armchair_datasets.recording.real_time.session import Now, RecordingSession, Rules
from armchair_datasets.recording.real_time.station import Station
from armchair_datasets.recording.workspace import Workspace
from armchair_robot.loop.real_time import Moment, run_loop
from armchair_robot.loop.reconnect import Reconnection, run_reconnecting
from armchair_robot.safety.torque_off import on_signals


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


def record_takes(
    station: Station,
    rules: Rules,
    out: Path,
    strict: bool = False,
    resume: bool = False,
    append: bool = False,
    wishes: Callable[[], Iterable[str]] = tuple,
    on_saved: Callable[[SavedEpisode, int], None] = lambda saved, kept: None,
    on_moment: Callable[[Now, int], None] = lambda now, kept: None,
    on_begun: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] | None = None,
) -> RealTimeSummary:
    """Record `rules.episodes` takes and build their dataset, or add them to the dataset `out`.

    SIGINT, SIGTERM and SIGHUP end it: the take in progress is not kept, the motors are switched off one by one,
    and the dataset is built of the takes that are safe. After `kill -9` or a power cut `resume` goes on. `on_begun`
    is called when the recording has its working folder, before the first moment. An arm that is unplugged may come
    back if there is somebody to `tell`, whose wish ``next`` lets it move again; the take in progress is not kept.

    Raises:
        ArmchairError: if `out` is taken, or no take was kept.
    """
    with _claimed(out, station, resume, append) as work:
        on_begun()
        made = _make(work, station, rules, strict, wishes, on_saved, on_moment, tell)
        if not made.kept:
            raise ArmchairError(made.halted or f"no take was kept, so nothing was written to {out}.")
        frames = _build(work, made.kept)
    return RealTimeSummary(work.out, made.kept, frames, made.halted, made.silent)


def make_takes(
    station: Station,
    rules: Rules,
    out: Path,
    resume: bool = False,
    append: bool = False,
    wishes: Callable[[], Iterable[str]] = tuple,
    on_saved: Callable[[SavedEpisode, int], None] = lambda saved, kept: None,
    on_moment: Callable[[Now, int], None] = lambda now, kept: None,
) -> MadeDataset:
    """As `record_takes`, but the takes stay in the working folder, of which `build.finish` makes the dataset.

    For whoever goes on holding the arm and has no time for that.

    Raises:
        ArmchairError: if `out` is taken, or is a dataset that these takes cannot be added to.
    """
    with _claimed(out, station, resume, append) as work:
        return _make(work, station, rules, False, wishes, on_saved, on_moment, None)


@contextlib.contextmanager
def _claimed(out: Path, station: Station, resume: bool, append: bool) -> Iterator[Workspace]:
    """The working folder, locked."""
    work = Workspace(Path(out).resolve())
    _open(work, station, resume, append)
    with work.locked():
        yield work


def _make(
    work: Workspace,
    station: Station,
    rules: Rules,
    strict: bool,
    wishes: Callable[[], Iterable[str]],
    on_saved: Callable[[SavedEpisode, int], None],
    on_moment: Callable[[Now, int], None],
    tell: Callable[[str], None] | None,
) -> MadeDataset:
    """Record takes into `work`, which is dropped if none was kept."""
    takes = EpisodeSaver(work.episodes, strict)
    disk = DiskSpace(work.root, station.cameras, station.fps, rules.episode_s)
    session = RecordingSession(
        rules, takes, station.scenes, disk, station.cameras, station.fps, wishes,
        lambda saved: on_saved(saved, takes.kept),
    )  # fmt: skip

    def listen(moment: Moment) -> bool:
        going_on = session(moment)
        on_moment(session.now, takes.kept)
        return going_on

    with on_signals(lambda number, words: session.stop(words)):
        try:
            _run(station, listen, session, tell)
        finally:
            silent = station.let_go()
    if not takes.kept:
        work.drop()
    return MadeDataset(takes.kept, session.halted, tuple(silent))


def _open(work: Workspace, station: Station, resume: bool, append: bool) -> None:
    """Claim the working folder, or take it up again."""
    form, asked = station.form(), {"arm": "real time"}
    if resume:
        work.resume({**asked, "form": asdict(form)})
    else:
        about = {**station.about, "recorded": time.strftime("%Y-%m-%d"), "versions": versions()}
        begin(work, asked, form, about, append)


def _run(
    station: Station, listen: Callable[[Moment], bool], session: RecordingSession, tell: Callable[[str], None] | None
) -> None:
    """Run until the session is over, a device is lost for good or the disk is full."""

    def run() -> None:
        run_loop(
            station.robot, station.leader, station.fps, listen, station.limits, station.home, lambda: session.hurried
        )

    rearm = Reconnection(tell, session.may_go_on) if tell else None
    try:
        with _halting(session):
            run_reconnecting(run, [station.robot, station.leader], rearm, session.interrupt)
    finally:
        with _halting(session):
            session.close()


@contextlib.contextmanager
def _halting(session: RecordingSession) -> Iterator[None]:
    """What ends a recording but not what it has recorded becomes the session's last words."""
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
            f"stopped by Ctrl-C while the dataset was built: {kept} takes are kept in {work.root}, and "
            f"`armchair repair {work.out}` builds it from them."
        ) from None
