"""A policy judged on an arm in real time, trial by trial: the twin's simulation or the operator says what succeeded.

station --run_loop--> session --Trials--> episodes.jsonl --> the report of `armchair eval`
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.disk_space import DiskSpace
from armchair_datasets.recording.real_time.episode_buffer import EpisodeBuffer
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.scenes import Scenes
from armchair_datasets.recording.real_time.session import DISCARDED, Now, RecordingSession, Rules
from armchair_policies.evaluation.results import append_outcome, write_outcomes
from armchair_robot.devices.arms import let_go
from armchair_robot.loop.episode import Outcome
from armchair_robot.loop.real_time import DeviceLostError, Moment, run_loop
from armchair_robot.loop.reconnect import Reconnection, run_reconnecting
from armchair_robot.safety.limits import Limits
from armchair_robot.safety.torque_off import on_signals

if TYPE_CHECKING:
    from lerobot.robots import Robot

    from armchair_robot.rollout.homing import Homing

HELPED = "a person helped"


class Trials:
    """What a `RecordingSession` keeps when nothing is recorded: how each trial ended. Every row is on the disk at
    once."""

    is_saving = False

    def __init__(self, out: Path) -> None:
        self._out = out
        self.outcomes: list[Outcome] = []
        self._ended: Outcome | None = None

    @property
    def kept(self) -> int:
        """How many trials count, successes and failures."""
        return len(self.outcomes)

    number = kept  # of the next trial: one that is discarded is held again

    def save(self, tape: EpisodeBuffer, outcome: Outcome) -> None:
        """Take in how a trial ended. What a person had a hand in is no success of the policy's."""
        if tape.rows()["intervention"].any():
            outcome = replace(outcome, success=False, ending=HELPED)
        self.outcomes.append(outcome)
        self._ended = outcome
        append_outcome(outcome, self._out)

    def collect(self, block: bool = False) -> SavedEpisode | None:
        """The trial that has ended since the last call."""
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
        """Nothing waits."""


class Turns:
    """Scenes that tell the hand when it has the arm and when the arm goes home; the operator judges if nobody else can.

    `hear` goes between the operator and the session: `next` in a trial means that the task is done.
    """

    def __init__(self, scenes: Scenes, hand: "Homing") -> None:
        self._scenes, self._hand = scenes, hand
        self._running = self._said_done = False

    def hear(self, wishes: Iterable[str]) -> Iterator[str]:
        """What the session shall hear of what was wished for."""
        for wish in wishes:
            if wish == "take":
                self._hand.toggle()
            elif wish == "next" and self._running:
                self._said_done = True
            elif wish == "quit" and self._running:
                yield from ("redo", "quit")  # half a trial is none
            else:
                yield wish

    def rest(self) -> None:
        self._running = False
        self._hand.rest()
        self._scenes.rest()

    def begin(self, number: int) -> int:
        seed = self._scenes.begin(number)
        self._hand.begin()
        self._running, self._said_done = True, False
        return seed

    def is_done(self, now_s: float) -> bool:
        return self._said_done or self._scenes.is_done(now_s)

    def verdict(self) -> bool:
        """What the scene knows; where it knows nothing, what the operator has said."""
        known = self._scenes.verdict()
        return self._said_done if known is None else known


class Clock:
    """How well the control loop kept time while the policy moved the arm."""

    def __init__(self, fps: int) -> None:
        self._fps, self._last_s = fps, None
        self.intervals_s: list[float] = []

    def see(self, moment: Moment, recording: bool) -> None:
        if recording and self._last_s is not None:
            self.intervals_s.append(moment.observed_s - self._last_s)
        self._last_s = moment.observed_s if recording else None

    def facts(self, thought_s: list[float]) -> dict[str, float | int]:
        """For eval.json: hertz achieved, late periods (more than one and a half), and milliseconds of thinking."""
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
    """`halted` says why it ended early, if it did; `silent` names motors that may still be on.

    `lost`: because a device did not answer.
    """

    outcomes: list[Outcome]
    facts: dict[str, float | int]
    seconds: float
    halted: str
    silent: list[str]
    lost: bool = False


def run_trials(
    robot: "Robot",
    hand: "Homing",
    scenes: Scenes,
    rules: Rules,
    out: Path,
    fps: int,
    wishes: Callable[[], Iterable[str]] = tuple,
    on_ended: Callable[[Outcome], None] = lambda outcome: None,
    on_moment: Callable[[Now, str, tuple[str, ...]], None] = lambda now, status, warnings: None,
    limits: Limits | None = None,
    home: np.ndarray | None = None,
    tell: Callable[[str], None] | None = None,
    watch: Callable[[Moment], None] = lambda moment: None,
    halted: Callable[[], bool] = lambda: False,
    hurried: Callable[[], bool] = lambda: False,
) -> TrialsEnd:
    """Let `hand` try `rules.episodes` times, a row in `out` for each. The motors are off afterwards.

    `on_moment` is told in every period how the session stands, what the hand says of itself, and warnings.
    SIGINT, SIGTERM and SIGHUP end it; the trial in progress does not count. `home` and `tell` are as for `run_loop` and
    `record_takes`: a trial in which the arm was unplugged is held again.

    `watch` sees every moment. Once `halted` says so the arm holds still until it says so no longer, and that is the
    end, too. `hurried` cuts the way home short.
    """
    turns, trials, clock = Turns(scenes, hand), Trials(out), Clock(fps)
    disk = DiskSpace(next(folder for folder in out.absolute().parents if folder.exists()), {}, fps, rules.episode_s)
    session = RecordingSession(
        rules, trials, turns, disk, {}, fps, lambda: turns.hear(wishes()), lambda saved: on_ended(saved.outcome)
    )  # fmt: skip

    halting = lost = False

    def listen(moment: Moment) -> bool:
        nonlocal halting
        watch(moment)
        if halted() and not halting:
            halting = True
            hand.halt()
            session.stop("it was told to hold still.")
        if halting:
            return halted()
        going_on = session(moment)
        clock.see(moment, session.now.phase == "recording")
        on_moment(session.now, hand.status, moment.warnings)
        return going_on

    def run() -> None:
        run_loop(robot, hand, fps, listen, limits, home, lambda: session.hurried or hurried())

    rearm = Reconnection(tell, session.may_go_on) if tell else None
    began_s = time.monotonic()
    with on_signals(lambda number, words: session.stop(words)):
        try:
            run_reconnecting(run, [robot], rearm, session.interrupt)
        except ArmchairError as error:
            session.halted, lost = str(error), isinstance(error, DeviceLostError)
        finally:
            silent = [*let_go(robot), *let_go(hand)]
        session.close()
    facts = clock.facts(hand.thought_s)
    return TrialsEnd(trials.outcomes, facts, time.monotonic() - began_s, session.halted, silent, lost)
