"""The recording of takes in the arm's process, by the recorder of `armchair record`; a page or a leader moves the arm.

The arm and its teleoperator are lent for that: the recorder lets go of neither. The takes wait in the dataset's working
folder (see `armchair_datasets.recording.workspace`), each safe as soon as it is told of; `armchair repair` makes the
dataset of them.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from lerobot.cameras import CameraConfig
from lerobot.cameras.utils import make_cameras_from_configs

from armchair.web.arm.modes import Setup
from armchair.web.arm.orders import LEADER, WHEEL, LentCamera, RecordingSpec
from armchair.web.arm.status import RECORD_FPS
from armchair.web.arm.take_words import in_words, too_slow
from armchair.web.arm.teleoperator import PageTeleoperator
from armchair_core.dataset_format.about import first_new_seed, used_seeds
from armchair_core.dataset_format.info import is_dataset
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.record import RecordingRequest, make_takes
from armchair_datasets.recording.real_time.scenes import CuedScenes, OwnTable, Scenes, TwinTable
from armchair_datasets.recording.real_time.session import Now, Rules, SessionOperator
from armchair_datasets.recording.real_time.station import Station
from armchair_datasets.recording.workspace import Workspace
from armchair_robot.bus.registers import DEVICE_ERRORS
from armchair_robot.devices.armchair_so101 import ArmchairSO101
from armchair_robot.devices.arms import let_go, open_leader, twin_note
from armchair_robot.devices.camera_armchair import ArmchairCamera
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig
from armchair_robot.safety.limits import Limits
from armchair_sim.seeds import recording_seeds
from armchair_sim.task import Task
from armchair_sim.tasks import get_task

# A picture as old as this ends the recording. One that is older than the guard likes makes the arm wait, and any age is
# written down and judged: on a computer that also trains or shows the page pictures may be late for a moment.
_PATIENCE_MS = 4000
_MANY = 10_000  # takes: whoever teaches says when it is enough


class ArmRecording(SessionOperator):
    """The mode in which takes are recorded while the arm is held; whoever teaches is on the page.

    `state` says for pages how it goes.
    """

    def __init__(self, setup: Setup, asked: RecordingSpec) -> None:
        self._setup, self._asked = setup, asked
        self._teleoperator: PageTeleoperator | None = None
        self._commands: list[str] = []
        self._kept, self._failed = 0, False
        self._ended: str | None = None  # why, once it is over; "" if whoever taught said so
        self._last: dict[str, Any] | None = None  # what has come of the last take
        # The numbers, among those kept, of takes in which the twin did not see the task done.
        self._undone: list[int] = []
        self._not_done = Task.undone  # how it is said
        self._slow = ""  # said once for the whole recording
        self._now: Now | None = None
        self._done: bool | None = None  # whether the twin saw the task done in the last take
        setup.status.lesson = self

    def record(self, robot: ArmchairSO101, teleoperator: PageTeleoperator) -> None:
        """Record until a command or an order ends it, or something else does; `state` says what."""
        asked, limits, self._teleoperator = self._asked, self._setup.spec.limits, teleoperator
        self._setup.status.forget_beats()
        try:
            with _seeing(robot, asked.cameras), _led(teleoperator, asked):
                station, resume, append = _station(robot, teleoperator, asked, limits, self._judge)
                rules = Rules(_MANY, asked.take_s, math.inf)
                if asked.is_twin:
                    self._not_done = get_task(twin_note()["task"]).undone
                made = make_takes(station, RecordingRequest(rules, asked.out, resume=resume, append=append), self)
            self._kept, self._ended = made.kept, made.halted
        except ArmchairError as error:
            self._ended, self._failed = str(error), True
        self._setup.status.forget_beats()

    def hear(self, order: str, *rest: Any) -> None:
        """What whoever teaches says of takes; commands for motion, STOP and go."""
        if order == "take":
            self._commands += rest
        elif self._teleoperator is not None:
            self._teleoperator.obey(order, *rest)

    def state(self) -> dict[str, Any]:
        """Return what JSON can hold. `left_s` is None where nobody waits for a clock; `failed`: it could not begin."""
        now = self._now or Now(left_s=math.inf)
        return {
            "number": self._asked.number, "dataset": self._asked.out.name, "hand": self._asked.hand,
            "kept": self._kept, "last": self._last, "slow": self._slow,
            "undone": [take for take in self._undone if take < self._kept],
            "ended": self._ended, "failed": self._failed,
            "phase": "over" if self._ended is not None else "saving" if now.is_saving else now.phase,
            "left_s": round(now.left_s, 1) if math.isfinite(now.left_s) else None,
            "rate_hz": round(now.rate_hz, 1), "behind": now.waiting_frames, "free_bytes": now.free_bytes,
        }  # fmt: skip

    # --- as the recording's operator --------------------------------------------------------------------------------
    def commands(self) -> list[str]:
        """Return what was asked for since the last call; whoever goes on has read what became of the last take."""
        self._setup.inbox.read()
        commands, self._commands = self._commands, []
        if self._setup.inbox.wanted:
            return ["drop"]
        if {"ready", "next", "redo"} & set(commands):
            self._last = None
        return commands

    def show(self, now: Now) -> None:
        """Tell pages how the recording stands."""
        self._now, self._kept = now, now.kept
        if now.moment is not None and self._teleoperator is not None:
            self._setup.status.count(now.moment, RECORD_FPS)
            self._setup.status.post_moving(now.moment, self._teleoperator)

    def saved(self, saved: SavedEpisode, kept: int) -> None:
        """Tell pages what became of a take."""
        outcome = saved.outcome
        self._kept = kept
        self._undone = [take for take in self._undone if take < kept - outcome.success]
        if outcome.success and self._done is False:
            self._undone.append(kept - 1)
        self._slow = too_slow(saved.verdict) or self._slow
        words, level = in_words(saved, self._done, self._not_done)
        self._last = {"kept": outcome.success, "steps": outcome.steps, "words": words, "level": level}

    def _judge(self, done: bool) -> None:
        self._done = done


class _JudgedByTeacher(CuedScenes):
    """Scenes in which whoever teaches says what is kept; what the twin makes of a take is told to `judge`."""

    def __init__(self, scenes: Scenes, teleoperator: PageTeleoperator, judge: Callable[[bool], None]) -> None:
        super().__init__(scenes, teleoperator)
        self._judge = judge

    def verdict(self) -> None:
        self._judge(self._scenes.verdict() is not False)


class _Lent(Station):
    """A station whose arm is somebody else's to let go of."""

    def let_go(self) -> list[str]:
        """Let go of nothing."""
        return []


def _station(
    robot: ArmchairSO101,
    teleoperator: PageTeleoperator,
    asked: RecordingSpec,
    limits: Limits,
    judge: Callable[[bool], None],
) -> tuple[Station, bool, bool]:
    """The station; whether an interrupted recording is taken up, and whether takes are added to a dataset."""
    work = Workspace(asked.out.resolve())
    resume = work.root.exists()
    append = work.begun["append"] if resume else is_dataset(asked.out)
    scenes: Scenes
    if asked.is_twin:
        note = twin_note()
        first = recording_seeds(first_new_seed(used_seeds(asked.out)) if append else 0, 1)[0]
        scenes, instruction = TwinTable(note, first), note["instruction"]
        about = {"task": note["task"], "hand": note["hand"] if asked.hand == LEADER else asked.hand}
    else:
        scenes, instruction, about = OwnTable(), asked.instruction, {"hand": asked.hand}
    if asked.hand == WHEEL:
        scenes = _JudgedByTeacher(scenes, teleoperator, judge)
    return _Lent(robot, teleoperator, scenes, instruction, about, limits=limits), resume, append


@contextmanager
def _seeing(robot: ArmchairSO101, cameras: dict[str, LentCamera]) -> Iterator[None]:
    """The arm with cameras, which it had none of."""
    configs: dict[str, CameraConfig] = {
        name: ArmchairCameraConfig(name=lent.name, folder=lent.folder, fps=None, width=None, height=None)
        for name, lent in cameras.items()
    }
    robot.cameras = make_cameras_from_configs(configs)
    try:
        for name, camera in robot.cameras.items():
            if isinstance(camera, ArmchairCamera):
                camera.patience_ms = _PATIENCE_MS
            try:
                camera.connect()
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
def _led(teleoperator: PageTeleoperator, asked: RecordingSpec) -> Iterator[None]:
    """The teleoperator follows the leader, if that is what is wanted."""
    if asked.hand == WHEEL:
        yield
        return
    leader = open_leader(asked.leader, asked.leader_id)
    try:
        teleoperator.follow(leader)
        yield
    finally:
        teleoperator.follow(None)
        let_go(leader)
