"""The trials of a policy on an arm in real time: the twin's simulation or the operator says what succeeded.

station --run_loop--> session --Trials--> episodes.jsonl --> the report of `armchair eval`
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.disk_space import DiskSpace
from armchair_datasets.recording.real_time.episode_buffer import EpisodeBuffer
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.scenes import CuedScenes, Scenes
from armchair_datasets.recording.real_time.session import (
    DISCARDED,
    NOBODY,
    RecordingSession,
    Rules,
    SessionOperator,
)
from armchair_datasets.recording.real_time.station import Station
from armchair_policies.evaluation.results import append_outcome, write_outcomes
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.loop.episode import Outcome
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.real_time import DeviceLostError, run_loop
from armchair_robot.loop.reconnect import Reconnection, run_reconnecting
from armchair_robot.safety.torque_off import on_signals

HELPED = "a person helped"


class Trials:
    """The trials of a `RecordingSession` that records nothing: how each ended. Every row is on the disk at once."""

    is_saving = False

    def __init__(self, out: Path) -> None:
        self._out = out
        self.outcomes: list[Outcome] = []
        self._ended: Outcome | None = None

    @property
    def kept(self) -> int:
        """How many trials count, successes and failures."""
        return len(self.outcomes)

    @property
    def number(self) -> int:
        """The number of the next trial: one that is discarded is held again."""
        return self.kept

    def save(self, buffer: EpisodeBuffer, outcome: Outcome) -> None:
        """Take in how a trial ended. What a person helped with is no success of the policy's."""
        if buffer.rows()["intervention"].any():
            outcome = replace(outcome, success=False, ending=HELPED)
        self.outcomes.append(outcome)
        self._ended = outcome
        append_outcome(outcome, self._out)

    def collect(self, block: bool = False) -> SavedEpisode | None:
        """Return the trial that has ended since the last call."""
        ended, self._ended = self._ended, None
        return SavedEpisode(ended, None, 0.0) if ended else None

    def take_back(self, ending: str) -> None:
        """Discard the last trial, or make it a failure."""
        if not self.outcomes:
            return
        last = self.outcomes.pop()
        if ending != DISCARDED:
            self.outcomes.append(replace(last, success=False, ending=ending))
        write_outcomes(self.outcomes, self._out)

    def close(self) -> None:
        """Do nothing, for nothing waits."""


class Turns(CuedScenes):
    """Scenes that tell the teleoperator when it has the arm; the operator judges if nobody else can.

    In a trial the command ``next`` means that the task is done, and ``take`` that a person takes over or hands back.
    """

    def __init__(self, scenes: Scenes, teleoperator: LoopTeleoperator) -> None:
        super().__init__(scenes, teleoperator)
        self._running = self._said_done = False

    def hear(self, command: str) -> Iterable[str]:
        """Take in a command of the operator's; return what of it is for the session to obey."""
        if command == "take":
            self._teleoperator.toggle()
        elif command == "next" and self._running:
            self._said_done = True
        elif command == "quit" and self._running:
            return ("redo", "quit")  # half a trial is none
        else:
            return (command,)
        return ()

    def rest(self) -> None:
        """End a trial: the arm goes home."""
        self._running = False
        super().rest()

    def begin(self, number: int) -> int:
        """Set the scene of trial `number` and return its seed."""
        seed = super().begin(number)
        self._running, self._said_done = True, False
        return seed

    def is_done(self, now_s: float) -> bool:
        """Return whether the operator or the scene says that the task is done."""
        return self._said_done or super().is_done(now_s)

    def verdict(self) -> bool:
        """Return what the scene knows; where it knows nothing, what the operator has said."""
        known = super().verdict()
        return self._said_done if known is None else known


class Clock:
    """A clock of the control loop: how well it kept time while the policy moved the arm."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._last_s: float | None = None
        self.intervals_s: list[float] = []

    def see(self, moment: Moment, recording: bool) -> None:
        """Take in a control period; `recording`: it belongs to a trial."""
        if recording and self._last_s is not None:
            self.intervals_s.append(moment.observed_s - self._last_s)
        self._last_s = moment.observed_s if recording else None

    def facts(self, thought_s: Sequence[float]) -> dict[str, float | int]:
        """Return what goes into eval.json.

        Hertz achieved, late periods (longer than one and a half), and milliseconds of thinking.
        """
        if not self.intervals_s:
            return {}
        late = sum(interval_s > 1.5 / self._fps for interval_s in self.intervals_s)
        facts = {
            "rate_hz": round(1 / float(np.mean(self.intervals_s)), 2),
            "periods": len(self.intervals_s),
            "late": late,
        }
        if thought_s:
            facts |= {"thinking_ms": round(1000 * median(thought_s), 1), "slowest_ms": round(1000 * max(thought_s), 1)}
        return facts


@dataclass(frozen=True)
class TrialsEnd:
    """How the trials ended. `halted` says why early, if so; `silent` names motors that may still be on.

    `lost`: because a device did not answer.
    """

    outcomes: list[Outcome]
    facts: dict[str, float | int]
    seconds: float
    halted: str
    silent: list[str]
    lost: bool = False


def run_trials(station: Station, rules: Rules, out: Path, operator: SessionOperator = NOBODY) -> TrialsEnd:
    """Let the teleoperator try `rules.episodes` times, a row in `out` for each. The motors are off afterwards.

    SIGINT, SIGTERM and SIGHUP end it; the trial in progress does not count. An arm that is unplugged may come back as
    in `record_takes`: a trial in which it was is held again. Once the operator is halting the arm holds still until
    they are no longer, and that is the end, too.
    """
    trials, clock = Trials(out), Clock(station.fps)
    disk = DiskSpace(
        next(folder for folder in out.absolute().parents if folder.exists()), {}, station.fps, rules.episode_s
    )
    session = RecordingSession(rules, trials, station.scenes, disk, {}, station.fps, operator)
    halting = lost = False

    def listen(moment: Moment) -> bool:
        nonlocal halting
        operator.watch(moment)
        if operator.is_halting() and not halting:
            halting = True
            station.teleoperator.halt()
            session.stop("it was told to hold still.")
        if halting:
            return operator.is_halting()
        going_on = session(moment)
        clock.see(moment, session.now.phase == "recording")
        return going_on

    def is_hurried() -> bool:
        return session.hurried or operator.is_hurried()

    def run() -> None:
        run_loop(station.robot, station.teleoperator, station.fps, listen, station.limits, station.home, is_hurried)

    rearm = Reconnection(operator.tell, session.may_go_on) if operator.is_there else None
    began_s = time.monotonic()
    with on_signals(lambda number, words: session.stop(words)):
        try:
            run_reconnecting(run, [station.robot], rearm, session.interrupt)
        except ArmchairError as error:
            session.halted, lost = str(error), isinstance(error, DeviceLostError)
        finally:
            silent = station.let_go()
        session.close()
    facts = clock.facts(station.teleoperator.thought_s)
    return TrialsEnd(trials.outcomes, facts, time.monotonic() - began_s, session.halted, silent, lost)
