"""The real-time recording of `armchair record`: keys, one status line, and a verdict after each take."""

import sys
from collections.abc import Callable

from armchair.terminal.operator_keys import commands_of
from armchair.terminal.progress import duration
from armchair.terminal.say import say
from armchair.terminal.sounds import Sounds
from armchair.terminal.status_line import StatusLine, keys_typed
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.record import RealTimeSummary, RecordingRequest, record_takes
from armchair_datasets.recording.real_time.session import Now, SessionOperator
from armchair_datasets.recording.real_time.station import open_station
from armchair_robot.arm_options import ArmOptions
from armchair_robot.safety.torque_off import still_holding
from armchair_robot.teleoperators.people import LEADER, check_person_teleoperator

HELP = "keys: space or → start, stop · ← or r redo · f mark as failed · q or ESC end"


def record_real_time_step(
    arm: ArmOptions,
    request: RecordingRequest,
    play_sounds: bool,
    on_begun: Callable[[], None] = lambda: None,
) -> RealTimeSummary:
    """Record takes from an arm and its teleoperator, and say what became of each.

    Raises:
        ArmchairError: as `record_takes`, or if an arm, a teleoperator or a camera does not open.
    """
    rules, out = request.rules, request.out
    # The hand opens first: if it is the keyboard, it is the terminal's first reader and passes on what is not its own.
    with open_station(arm, out, request.append) as station, keys_typed() as typed, StatusLine() as line:
        station.teleoperator.quiet = True  # a hand that would print: the line below shows it
        takes = f"{number_of(rules.episodes, 'take')} of up to {rules.episode_s:g} s, {rules.reset_s:g} s apart"
        line.say(f"Recording {takes}, to {out}")
        if sys.stdin.isatty():
            line.say(HELP)
        operator = RecordingOperator(rules.episodes, line, typed, Sounds(play_sounds), on_begun)
        summary = record_takes(station, request, operator)
    if summary.halted:
        say(f"Ended early: {summary.halted}")
    say(f"Recorded {number_of(summary.kept, 'take')}, {number_of(summary.frames, 'frame')}.")
    if summary.silent:
        say(f"WARNING: {still_holding(list(summary.silent))}")
    return summary


class RecordingOperator(SessionOperator):
    """The operator at the terminal: their keys, the status line, and the sounds for one who looks at the arm."""

    def __init__(
        self, wanted: int, line: StatusLine, typed: Callable[[], bytes], sounds: Sounds, on_begun: Callable[[], None]
    ) -> None:
        self._wanted, self._line, self._typed, self._sounds, self._on_begun = wanted, line, typed, sounds, on_begun
        self.is_there = sys.stdin.isatty()

    def begun(self) -> None:
        """Pass it on: the recording has its working folder."""
        self._on_begun()

    def commands(self) -> list[str]:
        """Return what was typed since the last call."""
        return self._sounds.on_commands(commands_of(self._typed()))

    def tell(self, words: str) -> None:
        """Say a sentence that stays."""
        self._line.say(words)

    def show(self, now: Now) -> None:
        """Show how it stands."""
        self._line.update(_status(now, self._wanted))
        for warning in now.warnings:
            self._line.say(warning)
        self._sounds.on_moment(now)

    def saved(self, saved: SavedEpisode, kept: int) -> None:
        """Say what became of a take."""
        self._line.say(_words(saved, kept, self._wanted))
        self._sounds.say("saved" if saved.outcome.success else "not kept")


def _words(saved: SavedEpisode, kept: int, wanted: int) -> str:
    outcome = saved.outcome
    if not outcome.success:
        verdict = f": {saved.verdict.words}" if saved.verdict else ""
        return f"take not kept ({outcome.ending}{verdict})"
    verdict = f", {saved.verdict.words}" if saved.verdict else ""
    return f"saved take {kept} of {wanted}: {duration(outcome.steps / 30)}{verdict}"


def _status(now: Now, wanted: int) -> str:
    """What an operator may want to know now, on one line."""
    words = [
        f"{now.phase}, {now.left_s:4.1f} s left", f"{now.kept} of {wanted} saved", f"{now.rate_hz:4.1f} Hz",
        f"{now.free_bytes / 1e9:.0f} GB free", now.status, now.held_back,
        f"{number_of(now.waiting_frames, 'frame')} behind" if now.waiting_frames > 5 else "",
    ]  # fmt: skip
    return " · ".join(filter(None, words))


def check_real_time_options(asked: ArmOptions) -> None:
    """Refuse what cannot be before any port is opened.

    Raises:
        ArmchairError: if there is no such hand; for a real arm without what only its owner knows.
    """
    check_person_teleoperator(asked)
    if asked.is_twin:
        return
    if asked.leader is None and asked.teleoperator in (None, LEADER):
        raise ArmchairError(
            f"the arm at {asked.where} needs a leader to follow: add --leader and its port, or --hand keyboard."
        )
    if asked.task is None:
        raise ArmchairError('a dataset needs a sentence about its task: add --task "Pick up the red cube."')
    if asked.cameras is None:
        raise ArmchairError(
            "a policy needs to see: add --cameras as for LeRobot, "
            "'{front: {type: opencv, index_or_path: 0, width: 640, height: 480, fps: 30}}'."
        )
