"""`armchair run`: a policy moves the twin or a real arm, and is judged, or recorded with a person's corrections."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun, Home
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.session import SessionOperator
from armchair_sim.seeds import FIRST_EVALUATION_SEED

if TYPE_CHECKING:
    from armchair.terminal.status_line import StatusLine
    from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
    from armchair_datasets.recording.real_time.session import Now
    from armchair_policies.evaluation.real_time.run import RealTimePlan
    from armchair_policies.evaluation.real_time.trials import TrialsEnd

_TAKE = b"\t"
HELP = "keys: space start, or it has succeeded · f it has failed · ← or r again · q or ESC end"
TAKEOVER_HELP = " · TAB take over, hand back"
_TRIALS = 10
_REAL, _OVER = "On a real arm", "Taking over"


def run(
    policy: Annotated[str, typer.Argument(help="A LeRobot policy's folder, or a skill that ships, such as lift.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder for the report or the films, which must not exist yet.")
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(help="lift, place, reach, sort; on a real arm also a sentence. (default: the twin's)"),
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(help="twin, or the port of a real arm. (default: armchair.toml's, or a running twin)"),
    ] = None,
    episodes: Annotated[
        int | None, typer.Option(min=1, help="How often it may try. (default: 10, in simulation 3)")
    ] = None,
    seed: Annotated[int, typer.Option(help="The first scene's seed, on the twin.")] = FIRST_EVALUATION_SEED,
    episode_s: Annotated[
        float | None, typer.Option("--episode-time", min=1, help="Seconds for a trial. (default: the task's, or 20)")
    ] = None,
    reset_s: Annotated[float, typer.Option("--reset-time", min=0, help="Seconds between two trials.")] = 3.0,
    cameras: Annotated[
        str | None, typer.Option(help="As LeRobot's --robot.cameras. (default: the twin's)", rich_help_panel=_REAL)
    ] = None,
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.", rich_help_panel=_REAL)] = None,
    takeover: Annotated[
        str, typer.Option(help="Who may correct it: leader, keyboard, gamepad or network.", rich_help_panel=_OVER)
    ] = "",
    leader: Annotated[
        str | None, typer.Option(help="The leader's port. (default: the twin's)", rich_help_panel=_OVER)
    ] = None,
    leader_id: Annotated[str | None, typer.Option(help="As LeRobot's --teleop.id.", rich_help_panel=_OVER)] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the network hand listens; 0: any.", rich_help_panel=_OVER)
    ] = 8767,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let a phone take over, by a link with a token.", rich_help_panel=_OVER)
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help="Record the successes to this dataset instead.", rich_help_panel=_OVER)
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add to the dataset of --record.", rich_help_panel=_OVER)
    ] = False,
    home: Home = True,
    dry_run: DryRun = False,
) -> None:
    """Let a policy move an arm, and judge it: the twin's simulation does, or you. With neither, it plays by itself."""
    from armchair.commands.play import SCENES, play
    from armchair_policies.evaluation.real_time.run import RealTimeRequest, prepare_real_time
    from armchair_robot.devices.arm_options import ArmOptions
    from armchair_robot.devices.arms import twin_runs
    from armchair_robot.profile import chosen, read_profile

    with user_errors():
        typed = ArmOptions(
            arm, arm_id, leader, leader_id, cameras, task, takeover or None, None, port, lan, goes_home=home
        )  # fmt: skip
        got = chosen(read_profile(), typed)
        if got.arm is None and not (takeover or record or dry_run or twin_runs()):
            play(policy, task, episodes or SCENES, seed, out, episode_s)
            return
        got = replace(got, task=task) if got.is_twin else got
        asked = RealTimeRequest(policy, got, episodes or _TRIALS, seed, episode_s, reset_s)
        exam = prepare_real_time(asked)
        if dry_run:
            _print_stock_line(exam)
        elif record is not None:
            _record(exam, record, append)
        elif out is None:
            raise ArmchairError("the report needs a folder: add --out report, or --record and a dataset's folder.")
        else:
            _judge(exam, out)


def _judge(exam: "RealTimePlan", out: Path) -> None:
    from armchair.terminal.say import say
    from armchair.terminal.score import say_score
    from armchair.terminal.status_line import StatusLine
    from armchair_policies.evaluation.real_time.run import check_evaluable, evaluate_real_time

    check_evaluable(exam, out)
    rules, arm = exam.rules, exam.asked.arm
    say(f"Running {exam.asked.policy} on {arm.where}: {rules.episodes} trials of up to {rules.episode_s:g} s.")
    say(f"Writes eval.json, episodes.jsonl and report.html to {out}")
    with RunKeys() as keys, StatusLine() as line:
        result, end = evaluate_real_time(exam, out, RunOperator(line, rules.episodes, keys))
    _say_end(end.halted, end.silent)
    if result is None:
        raise ArmchairError("no trial was finished, so no report was written.")
    say_score(result)
    _say_control(end)
    say(f"Report: {out / 'report.html'}")


def _record(exam: "RealTimePlan", out: Path, append: bool) -> None:
    from armchair.terminal.next_command import beside, train_line
    from armchair.terminal.status_line import StatusLine
    from armchair.terminal.steps import say
    from armchair_policies.evaluation.real_time.record import record_real_time

    rules, arm = exam.rules, exam.asked.arm
    say(f"Recording {exam.asked.policy} on {arm.where} until {rules.episodes} trials have succeeded, to {out}")
    with RunKeys() as keys, StatusLine() as line:
        summary = record_real_time(exam, out, append, RunOperator(line, rules.episodes, keys))
    _say_end(summary.halted, summary.silent)
    say(f"Recorded {summary.kept} episodes, {summary.frames:,} frames.")
    say(f"Next: {train_line(out, 8, beside(out, 'policy'))}")


class RunKeys:
    """The operator's keys, from when the hands have opened: one of them may be the terminal's first reader."""

    def __init__(self) -> None:
        self._stack, self._typed = ExitStack(), bytes

    def __enter__(self) -> "RunKeys":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def listen(self, takeover: bool) -> None:
        """Begin to listen, and say which keys there are."""
        from armchair.terminal.status_line import keys_typed
        from armchair.terminal.steps import say

        self._typed = self._stack.enter_context(keys_typed())
        if sys.stdin.isatty():
            say(HELP + TAKEOVER_HELP * takeover)

    def wishes(self) -> list[str]:
        """What was wished for since the last call."""
        from armchair.commands.record_real_time import wishes

        typed = self._typed()
        return wishes(typed) + ["take"] * typed.count(_TAKE)


class RunOperator(SessionOperator):
    """The operator at the terminal: their keys, a line that changes, and one that stays for each trial."""

    def __init__(self, line: "StatusLine", wanted: int, keys: RunKeys) -> None:
        self._line, self._wanted, self._keys = line, wanted, keys
        self._ended = self._done = 0
        self.is_there = sys.stdin.isatty()

    def opened(self, takeover: bool) -> None:
        self._keys.listen(takeover)

    def commands(self) -> list[str]:
        return self._keys.wishes()

    def tell(self, words: str) -> None:
        self._line.say(words)

    def saved(self, saved: "SavedEpisode", kept: int) -> None:
        from armchair.terminal.progress import duration
        from armchair_sim.scene.world import FPS

        outcome = saved.outcome
        self._ended, self._done = self._ended + 1, self._done + outcome.success
        self._line.say(f"trial {self._ended}: {outcome.ending} after {duration(outcome.steps / FPS)}")

    def show(self, now: "Now") -> None:
        phase = "trying" if now.phase == "recording" else "going home"
        words = [
            f"{phase}, {now.left_s:4.1f} s left", now.status, now.held_back,  # first: a narrow terminal cuts the rest
            f"{self._done} of {self._ended} successful, {self._wanted} wanted", f"{now.rate_hz:4.1f} Hz",
        ]  # fmt: skip
        self._line.update(" · ".join(filter(None, words)))
        for warning in now.warnings:
            self._line.say(warning)


def _say_end(halted: str, silent: "list[str] | tuple[str, ...]") -> None:
    from armchair.terminal.steps import say
    from armchair_robot.safety.torque_off import still_holding

    if halted:
        say(f"Ended early: {halted}")
    if silent:
        say(f"WARNING: {still_holding(list(silent))}")


def _say_control(end: "TrialsEnd") -> None:
    from armchair.terminal.steps import say

    facts = end.facts
    thinking = f", thinking took {facts['thinking_ms']:.0f} ms at the median" if "thinking_ms" in facts else ""
    say(f"Control: {facts['rate_hz']:.1f} Hz, {facts['late']} of {facts['periods']:,} periods late{thinking}.")


def _print_stock_line(exam: "RealTimePlan") -> None:
    from armchair.terminal import lerobot_command
    from armchair.terminal.steps import say

    arm = exam.asked.arm
    cameras = lerobot_command.twin_cameras(exam.note["cameras"]) if exam.note else arm.cameras
    robot = lerobot_command.follower_words(arm.where, arm.arm_id, cameras)
    for line in lerobot_command.run(robot, exam.found.path, exam.instruction, exam.rules.episode_s):
        say(line)
