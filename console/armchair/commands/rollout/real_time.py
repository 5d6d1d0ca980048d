"""The real-time rollout of `armchair run`: the operator's keys, one status line, and each trial's result."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from armchair.terminal import lerobot_command
from armchair.terminal.next_command import beside, train_line
from armchair.terminal.operator_keys import commands_of
from armchair.terminal.progress import duration
from armchair.terminal.say import say
from armchair.terminal.score import say_score
from armchair.terminal.status_line import StatusLine, keys_typed
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.session import Now, SessionOperator
from armchair_policies.evaluation.real_time.record import record_real_time
from armchair_policies.evaluation.real_time.run import RealTimePlan, check_evaluable, evaluate_real_time
from armchair_policies.evaluation.real_time.trials import TrialsEnd
from armchair_robot.safety.torque_off import still_holding
from armchair_sim.scene.world import FPS

_TAKE = b"\t"
HELP = "keys: space start, or it has succeeded · f it has failed · ← or r again · q or ESC end"
TAKEOVER_HELP = " · TAB take over, hand back"


def judge(plan: RealTimePlan, out: Path) -> None:
    """Let the policy make its trials, and write the report.

    Raises:
        ArmchairError: as `evaluate_real_time`, or if no trial was finished.
    """
    check_evaluable(plan, out)
    rules, arm = plan.rules, plan.asked.arm
    trials = f"{number_of(rules.episodes, 'trial')} of up to {rules.episode_s:g} s"
    opening = (
        f"Running {plan.asked.policy} on {arm.where}: {trials}.",
        f"Writes eval.json, episodes.jsonl and report.html to {out}",
    )
    with RunKeys() as keys, StatusLine() as line:
        result, end = evaluate_real_time(plan, out, RunOperator(line, rules.episodes, keys, opening))
    _say_end(end.halted, end.silent)
    if result is None:
        raise ArmchairError("no trial was finished, so no report was written.")
    say_score(result)
    _say_control(end)
    say(f"Report: {out / 'report.html'}")


def record(plan: RealTimePlan, out: Path, append: bool) -> None:
    """Record the successful trials to the dataset `out`.

    Raises:
        ArmchairError: as `record_real_time`.
    """
    rules, arm = plan.rules, plan.asked.arm
    successes = number_of(rules.episodes, "success", "successes")
    opening = (f"Recording {plan.asked.policy} on {arm.where} up to {successes}, to {out}",)
    with RunKeys() as keys, StatusLine() as line:
        summary = record_real_time(plan, out, append, RunOperator(line, rules.episodes, keys, opening))
    _say_end(summary.halted, summary.silent)
    say(f"Recorded {number_of(summary.kept, 'episode')}, {number_of(summary.frames, 'frame')}.")
    say(f"Next: {train_line(out, 8, beside(out, 'policy'))}")


class RunKeys:
    """The operator's keys, from when the hands have opened: one of them may be the terminal's first reader."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._typed: Callable[[], bytes] = bytes

    def __enter__(self) -> "RunKeys":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def listen(self, takeover: bool) -> None:
        """Begin to listen, and say which keys there are."""

        self._typed = self._stack.enter_context(keys_typed())
        if sys.stdin.isatty():
            say(HELP + TAKEOVER_HELP * takeover)

    def commands(self) -> list[str]:
        """Return what was typed since the last call."""

        typed = self._typed()
        return commands_of(typed) + ["take"] * typed.count(_TAKE)


class RunOperator(SessionOperator):
    """The operator at the terminal: their keys, a line that changes, and one that stays for each trial.

    `opening` is what they are told when everything is open.
    """

    def __init__(self, line: StatusLine, wanted: int, keys: RunKeys, opening: Sequence[str] = ()) -> None:
        self._line, self._wanted, self._keys, self._opening = line, wanted, keys, opening
        self._ended = self._done = 0
        self.is_there = sys.stdin.isatty()

    def opened(self, takeover: bool) -> None:
        """Begin to listen: arm and teleoperators are open."""
        for sentence in self._opening:
            self._line.say(sentence)
        self._keys.listen(takeover)

    def commands(self) -> list[str]:
        """Return what was typed since the last call."""
        return self._keys.commands()

    def tell(self, words: str) -> None:
        """Say a sentence that stays."""
        self._line.say(words)

    def saved(self, saved: SavedEpisode, kept: int) -> None:
        """Say how a trial ended."""

        outcome = saved.outcome
        self._ended, self._done = self._ended + 1, self._done + outcome.success
        self._line.say(f"trial {self._ended}: {outcome.ending} after {duration(outcome.steps / FPS)}")

    def show(self, now: Now) -> None:
        """Show how it stands."""
        phase = "trying" if now.phase == "recording" else "going home"
        words = [
            f"{phase}, {now.left_s:4.1f} s left", now.status, now.held_back,  # first: a narrow terminal cuts the rest
            f"{self._done} of {self._ended} successful, {self._wanted} wanted", f"{now.rate_hz:4.1f} Hz",
        ]  # fmt: skip
        self._line.update(" · ".join(filter(None, words)))
        for warning in now.warnings:
            self._line.say(warning)


def _say_end(halted: str, silent: Sequence[str]) -> None:
    if halted:
        say(f"Ended early: {halted}")
    if silent:
        say(f"WARNING: {still_holding(list(silent))}")


def _say_control(end: TrialsEnd) -> None:
    facts = end.facts
    thinking = f", thinking took {facts['thinking_ms']:.0f} ms at the median" if "thinking_ms" in facts else ""
    say(f"Control: {facts['rate_hz']:.1f} Hz, {facts['late']} of {facts['periods']:,} periods late{thinking}.")


def stock_lines(plan: RealTimePlan) -> list[str]:
    """Return LeRobot's own command for it."""
    arm = plan.asked.arm
    cameras = lerobot_command.twin_cameras(plan.note["cameras"]) if plan.note else arm.cameras
    robot = lerobot_command.follower_words(arm.where, arm.arm_id, cameras)
    return lerobot_command.run(robot, plan.found.path, plan.instruction, plan.rules.episode_s)
