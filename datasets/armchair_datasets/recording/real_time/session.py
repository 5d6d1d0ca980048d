"""The recording session, one control period at a time: wait, record a take, judge it, save it, wait again.

waiting --time is up, or `next`--> recording --done, time is up, or `next`--> waiting …   until enough are kept
`ready` sets the table and leaves a few seconds until the take begins; `wait` takes that back.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from armchair_datasets.recording.real_time.disk_space import DiskSpace
from armchair_datasets.recording.real_time.episode_buffer import EpisodeBuffer
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.scenes import Scenes
from armchair_robot.loop.episode import Outcome
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.operator import Operator

COMMANDS = {
    "next": "start now; or end this take and keep it",
    "ready": "set the table now, and start in a few seconds",
    "wait": "do not start by the clock",
    "redo": "throw this take away, or the last one, and record it again",
    "fail": "end this take, or mark the last one, as a failure: counted, not learnt from",
    "quit": "end here, keeping this take",
    "drop": "end here, without this take",
}
COUNTDOWN_S = 3.0
_SHORTEST_S = 0.5  # less is a key pressed twice
DISCARDED, FAILED, NOT_DONE = "discarded", "marked a failure", "not done"
_TOO_SLOW = "the pictures came faster than they could be compressed: use smaller ones, or fewer cameras."


@dataclass(frozen=True)
class Rules:
    """How takes are made: `episodes` to keep; how long a take may be, and the time between two takes (s).

    With an infinite `reset_s` none begins by itself.
    """

    episodes: int
    episode_s: float
    reset_s: float


@dataclass
class Now:
    """What the operator may want to see; changes at every control period."""

    phase: str = "waiting"
    left_s: float = 0.0  # of the phase, if nobody ends it
    rate_hz: float = 0.0  # measured over the last second
    kept: int = 0  # takes so far
    is_saving: bool = False
    waiting_frames: int = 0  # that are not compressed yet
    free_bytes: int = 0
    held_back: str = ""  # why the arm does not do what the teleoperator wants
    status: str = ""  # what the teleoperator says of itself
    warnings: tuple[str, ...] = ()  # what the guard has to say, each once: a warm servo, a rate not held
    moment: Moment | None = None  # the newest


class EpisodeKeeper(Protocol):
    """What keeps the takes of a session: `EpisodeSaver`, or for a judgement `Trials`."""

    @property
    def number(self) -> int:
        """The number of the next take."""

    @property
    def kept(self) -> int:
        """How many takes count so far."""

    @property
    def is_saving(self) -> bool:
        """Whether a take is not safe yet."""

    def save(self, buffer: EpisodeBuffer, outcome: Outcome) -> None:
        """Begin to make a take safe."""

    def collect(self, block: bool = False) -> SavedEpisode | None:
        """Return the take that has been made safe since the last call, if there is one."""

    def take_back(self, ending: str) -> None:
        """Let the last take not count, which ended so."""

    def close(self) -> None:
        """Wait for what is being made safe."""


class SessionOperator(Operator):
    """An operator of recordings and trials, whose commands are COMMANDS: what they are told besides. Nobody, at first.

    To be asked for with `is_there`: ``next`` lets an arm that was unplugged move again.
    """

    def begun(self) -> None:
        """Take in that a recording has its working folder; no moment has been seen yet."""

    def show(self, now: Now) -> None:
        """Show how the session stands, at the end of every control period."""

    def saved(self, saved: SavedEpisode, kept: int) -> None:
        """Take in what became of a take; `kept` of them count so far."""


NOBODY = SessionOperator()


class RecordingSession:
    """A listener of `run_loop` that obeys the operator and tells them how it goes."""

    def __init__(
        self,
        rules: Rules,
        keeper: EpisodeKeeper,
        scenes: Scenes,
        disk: DiskSpace,
        cameras: dict[str, tuple[int, int]],
        fps: int,
        operator: SessionOperator,
    ) -> None:
        self.rules, self.keeper, self.now = rules, keeper, Now()
        self.halted = ""  # why it ended before its time, in words
        self.hurried = False  # whether it was stopped twice: there is no time to go home
        self._stopped = False
        self._scenes, self._disk, self._cameras, self._fps = scenes, disk, cameras, fps
        self._operator = operator
        self._buffer: EpisodeBuffer | None = None
        self._began_s = math.nan  # the phase; before the first moment there is none
        self._seed = 0  # of the take in progress
        self._lasts_s = rules.reset_s
        self._recent_s: list[float] = []

    def __call__(self, moment: Moment) -> bool:
        """Take a moment in; False when the session is over."""
        if math.isnan(self._began_s):
            self._wait(moment.observed_s)
        self._tell(self.keeper.collect())
        for command in self._commands():
            self._obey(command, moment.observed_s)
        if self._buffer is not None:
            self._record(self._buffer, moment)
        elif self._began_s + self._lasts_s <= moment.observed_s and not self.keeper.is_saving:
            self._begin(moment.observed_s)
        self._update(moment)
        self._operator.show(self.now)
        return not self._stopped and (self.keeper.kept < self.rules.episodes or self.keeper.is_saving)

    def stop(self, why: str = "") -> None:
        """End at the next moment. What is being recorded then is not kept."""
        self.hurried = self._stopped
        self._stopped, self.halted = True, why

    def interrupt(self) -> None:
        """Note that an arm is gone for a while: throw a take in progress away and wait."""
        if self._buffer is not None:
            self._buffer.abandon()
        self._wait(time.perf_counter())

    def may_go_on(self) -> bool | None:
        """Return whether the operator lets an arm that was gone move again; None if they have not said."""
        commands = list(self._commands())
        if self._stopped or "quit" in commands:
            return False
        if "next" not in commands:
            return None
        self._began_s = time.perf_counter()
        return True

    def close(self) -> None:
        """Throw away a take in progress and wait until the last one is safe."""
        if self._buffer is not None:
            self._buffer.abandon()
        try:
            self._tell(self.keeper.collect(block=True))
        finally:
            self.keeper.close()

    # --- phases ----------------------------------------------------------------------------------------------
    def _wait(self, now_s: float) -> None:
        self._buffer, self._began_s, self._lasts_s = None, now_s, self.rules.reset_s
        self._scenes.rest()

    def _begin(self, now_s: float) -> None:
        if self.keeper.kept >= self.rules.episodes:
            return
        if not self._disk.has_room_for_a_take():
            self.stop(self._disk.words())
            return
        self._seed = self._scenes.begin(self.keeper.number)
        self._buffer = EpisodeBuffer(self._cameras, self._fps)
        self._began_s, self._lasts_s = now_s, self.rules.episode_s

    def _record(self, buffer: EpisodeBuffer, moment: Moment) -> None:
        now_s = moment.observed_s
        if not buffer.add(moment):
            self._end(buffer, now_s)
            self.stop(_TOO_SLOW)
        elif not self._disk.has_reserve(now_s):
            self._end(buffer, now_s)
            self.stop(self._disk.words())
        elif now_s - self._began_s >= self._lasts_s or self._scenes.is_done(now_s):
            self._end(buffer, now_s)

    def _end(self, buffer: EpisodeBuffer, now_s: float, failure: str | None = None) -> None:
        """End the take; `failure` says why it must not be learnt from."""
        ending = failure or (NOT_DONE if self._scenes.verdict() is False else "success")
        outcome = Outcome(self._seed, ending == "success", len(buffer), ending, self._scenes.object_at)
        self.keeper.save(buffer, outcome)
        self._wait(now_s)

    # --- the operator ----------------------------------------------------------------------------------------
    def _commands(self) -> Iterator[str]:
        """Yield the commands that the scenes leave to the session; each is heard when the last has been obeyed."""
        for command in self._operator.commands():
            yield from self._scenes.hear(command)

    def _obey(self, command: str, now_s: float) -> None:
        if self._buffer is None:
            self._obey_waiting(command, now_s)
        else:
            self._obey_recording(command, self._buffer, now_s)

    def _obey_waiting(self, command: str, now_s: float) -> None:
        match command:
            case "next":
                self._lasts_s = 0.0
            case "ready":
                self._scenes.show(self.keeper.number)
                self._lasts_s = now_s - self._began_s + COUNTDOWN_S
            case "wait":
                self._lasts_s = math.inf
            case "redo" | "fail":
                self._tell(self.keeper.collect(block=True))
                self.keeper.take_back(DISCARDED if command == "redo" else FAILED)
            case "quit" | "drop":
                self.stop()

    def _obey_recording(self, command: str, buffer: EpisodeBuffer, now_s: float) -> None:
        long_enough = now_s - self._began_s >= _SHORTEST_S
        match command:
            case "next" if long_enough:
                self._end(buffer, now_s)
            case "redo":
                buffer.abandon()
                self._wait(now_s)
            case "fail":
                self._end(buffer, now_s, FAILED)
            case "quit":
                if long_enough:
                    self._end(buffer, now_s)
                self.stop()
            case "drop":
                self.stop()

    def _tell(self, saved: SavedEpisode | None) -> None:
        if saved is not None:
            self._operator.saved(saved, self.keeper.kept)

    def _update(self, moment: Moment) -> None:
        now_s, self.now.warnings, self.now.held_back = moment.observed_s, moment.warnings, moment.held_back
        self.now.status, self.now.moment = moment.status, moment
        self._recent_s = [at_s for at_s in self._recent_s if at_s > now_s - 1.0] + [now_s]
        span_s = self._recent_s[-1] - self._recent_s[0]
        self.now.phase = "waiting" if self._buffer is None else "recording"
        self.now.left_s = max(0.0, self._began_s + self._lasts_s - now_s)
        self.now.rate_hz = (len(self._recent_s) - 1) / span_s if span_s else 0.0
        self.now.waiting_frames = self._buffer.waiting if self._buffer else 0
        self.now.kept, self.now.is_saving = self.keeper.kept, self.keeper.is_saving
        self.now.free_bytes = self._disk.free_bytes
