"""Takes, recorded in the arm's process by the recorder of `armchair record`, moved by the page's driver or a leader.

The arm and its hand are lent for that: the recorder lets go of neither. The takes wait in the dataset's working folder
(see `armchair_datasets.recording.workspace`), each safe as soon as it is told of; `armchair repair` makes the dataset
of them.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from armchair.web.arm.teleoperator import PageTeleoperator
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.record import RecordingRequest, make_takes
from armchair_datasets.recording.real_time.scenes import CuedScenes, Scenes
from armchair_datasets.recording.real_time.session import Now, Rules, SessionOperator
from armchair_datasets.recording.real_time.station import Station
from armchair_robot.bus.registers import DEVICE_ERRORS
from armchair_robot.devices.arms import TWIN, let_go, open_leader, twin_note
from armchair_robot.safety.limits import Limits

if TYPE_CHECKING:
    from lerobot.robots import Robot

    from armchair_datasets.recording.real_time.episode_saver import SavedEpisode

WHEEL, LEADER = "wheel", "leader"
# A picture as old as this ends the lesson. One that is older than the guard likes makes the arm wait, and any age is
# written down and judged: on a computer that also trains or shows the page pictures may be late for a moment.
_PATIENCE_MS = 4000
_MANY = 10_000  # takes: whoever teaches says when it is enough
_UNSEEN = "The twin did not see the task done."


@dataclass(frozen=True)
class RecordingSpec:
    """What is recorded: its `number` in this console, and into which dataset.

    `hand` moves the arm: the page's wheel, or the leader at `leader`. A take lasts `take_s` at most. `instruction` is
    the sentence for a real arm's dataset; the twin has its own. `cameras` are LeRobot's configurations by name.
    """

    number: int
    out: Path
    hand: Literal["wheel", "leader"]
    take_s: float
    is_twin: bool
    instruction: str
    cameras: dict[str, Any]
    leader: str = TWIN
    leader_id: str | None = None


@dataclass
class ArmRecording(SessionOperator):
    """A lesson as it goes: what the page is told of it (see `news`), and what has come of the last take."""

    lesson: RecordingSpec
    kept: int = 0
    last: dict[str, Any] | None = None
    ended: str | None = None  # why, once it is over; "" if whoever taught said so
    failed: bool = False  # it could not begin
    _now: Now | None = None
    _done: bool | None = None  # whether the twin saw the task done in the last take

    def news(self) -> dict[str, Any]:
        """What JSON can hold. `left_s` is None where nobody waits for a clock."""
        now = self._now or Now(left_s=math.inf)
        return {
            "number": self.lesson.number, "dataset": self.lesson.out.name, "hand": self.lesson.hand,
            "kept": self.kept, "last": self.last, "ended": self.ended, "failed": self.failed,
            "phase": "over" if self.ended is not None else "saving" if now.is_saving else now.phase,
            "left_s": round(now.left_s, 1) if math.isfinite(now.left_s) else None,
            "rate_hz": round(now.rate_hz, 1), "behind": now.waiting_frames, "free_bytes": now.free_bytes,
        }  # fmt: skip

    def teach(
        self,
        robot: "Robot",
        hand: PageTeleoperator,
        limits: Limits,
        wishes: Callable[[], Iterable[str]],
        on_now: Callable[[Now], None],
    ) -> None:
        """Record until a wish ends it, or something else does; `ended` says what."""
        lesson, self._wishes, self._on_now = self.lesson, wishes, on_now
        rules = Rules(_MANY, lesson.take_s, math.inf)
        try:
            with _seeing(robot, lesson.cameras), _led(hand, lesson):
                station, resume, append = _station(robot, hand, lesson, limits, self._judge)
                request = RecordingRequest(rules, lesson.out, resume=resume, append=append)
                made = make_takes(station, request, self)
            self.kept, self.ended = made.kept, made.halted
        except ArmchairError as error:
            self.ended, self.failed = str(error), True

    # --- the operator, who is on the page ---------------------------------------------------------------------
    def commands(self) -> Iterable[str]:
        """Return what is wished; whoever goes on has read what became of the last take."""
        wishes = self._wishes()
        if {"ready", "next", "redo"} & set(wishes):
            self.last = None
        return wishes

    def show(self, now: Now) -> None:
        self._now, self.kept = now, now.kept
        self._on_now(now)

    def saved(self, saved: "SavedEpisode", kept: int) -> None:
        outcome, verdict = saved.outcome, saved.verdict
        self.kept = kept
        words = verdict.words if verdict else f"Not kept: {outcome.ending}."
        unseen = outcome.success and self._done is False
        self.last = {
            "kept": outcome.success, "steps": outcome.steps, "words": f"{words}\n{_UNSEEN}" if unseen else words,
            "level": "bad" if unseen or not verdict else verdict.level,
        }  # fmt: skip

    def _judge(self, done: bool) -> None:
        self._done = done


class _OwnJudge(CuedScenes):
    """Scenes in which whoever teaches says what is kept; what the twin makes of a take is told to `judge`."""

    def __init__(self, scenes: Scenes, hand: PageTeleoperator, judge: Callable[[bool], None]) -> None:
        super().__init__(scenes, hand)
        self._judge = judge

    def verdict(self) -> None:
        self._judge(self._scenes.verdict() is not False)


class _Lent(Station):
    """A station whose arm is somebody else's to let go of."""

    def let_go(self) -> list[str]:
        return []


def _station(
    robot: "Robot", hand: PageTeleoperator, lesson: RecordingSpec, limits: Limits, judge: Callable[[bool], None]
) -> tuple[Station, bool, bool]:
    """The station; whether an interrupted recording is taken up, and whether takes are added to a dataset."""
    from armchair_core.dataset_format.about import first_new_seed, used_seeds
    from armchair_core.dataset_format.info import is_dataset
    from armchair_datasets.recording.real_time.scenes import OwnTable, TwinTable
    from armchair_datasets.recording.workspace import Workspace
    from armchair_sim.seeds import recording_seeds

    work = Workspace(lesson.out.resolve())
    resume = work.root.exists()
    append = work.begun["append"] if resume else is_dataset(lesson.out)
    if lesson.is_twin:
        note = twin_note()
        first = recording_seeds(first_new_seed(used_seeds(lesson.out)) if append else 0, 1)[0]
        scenes, instruction = TwinTable(note, first), note["instruction"]
        about = {"task": note["task"], "hand": note["hand"] if lesson.hand == LEADER else lesson.hand}
    else:
        scenes, instruction, about = OwnTable(), lesson.instruction, {"hand": lesson.hand}
    if lesson.hand == WHEEL:
        scenes = _OwnJudge(scenes, hand, judge)
    return _Lent(robot, hand, scenes, instruction, about, limits=limits), resume, append


@contextmanager
def _seeing(robot: "Robot", cameras: dict[str, Any]) -> Iterator[None]:
    """The arm with cameras, which it had none of."""
    from lerobot.cameras.utils import make_cameras_from_configs

    robot.cameras = make_cameras_from_configs(cameras)
    try:
        for name, camera in robot.cameras.items():
            try:
                camera.connect()
                camera.read_latest = partial(camera.read_latest, _PATIENCE_MS)
            except DEVICE_ERRORS as error:
                raise ArmchairError(
                    f"the camera {name} sends no picture ({error}): look at its plug, then try again."
                ) from error
        yield
    finally:
        for camera in robot.cameras.values():
            with suppress(Exception):
                camera.disconnect()
        robot.cameras = {}


@contextmanager
def _led(hand: PageTeleoperator, lesson: RecordingSpec) -> Iterator[None]:
    """The hand follows the leader, if that is what is wanted."""
    if lesson.hand == WHEEL:
        yield
        return
    leader = open_leader(lesson.leader, lesson.leader_id)
    try:
        hand.follow(leader)
        yield
    finally:
        hand.follow(None)
        let_go(leader)
