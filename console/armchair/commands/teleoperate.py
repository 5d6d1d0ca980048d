"""`armchair teleoperate`: move an arm by a leader, keys, a gamepad, a phone or a recorded episode."""

import sys
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun, Home

if TYPE_CHECKING:
    from armchair.terminal.status_line import StatusLine
    from armchair_robot.devices.arm_options import ArmOptions
    from armchair_robot.loop.moment import Moment
    from armchair_robot.loop.operator import LoopTeleoperator

_QUIT = (b"q", b"\x1b")
_LEADER, _NETWORK = "The hand `leader`", "The hand `network`"


def teleoperate(
    arm: Annotated[
        str | None,
        typer.Option(help="twin (the one that runs), or the port of a real arm. (default: armchair.toml's, or twin)"),
    ] = None,
    hand: Annotated[str, typer.Option(help="keyboard, gamepad, network, leader or replay.")] = "keyboard",
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.")] = None,
    fps: Annotated[int, typer.Option(min=1, max=200, help="How often a second the arm is told where to go.")] = 60,
    episode: Annotated[str | None, typer.Option(metavar="DATASET:NUMBER", help="For the hand `replay`.")] = None,
    leader: Annotated[
        str | None, typer.Option(help="The leader's port. (default: the twin's)", rich_help_panel=_LEADER)
    ] = None,
    leader_id: Annotated[str | None, typer.Option(help="As LeRobot's --teleop.id.", rich_help_panel=_LEADER)] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0: any free port.", rich_help_panel=_NETWORK)
    ] = 8767,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let a phone drive, by a link with a token.", rich_help_panel=_NETWORK)
    ] = False,
    home: Home = True,
    dry_run: DryRun = False,
) -> None:
    """Move an arm without recording, until q or Ctrl-C. Its motors are off afterwards."""
    from armchair_robot.devices.arm_options import ArmOptions
    from armchair_robot.profile import chosen, read_profile
    from armchair_robot.teleoperators.people import check_person_teleoperator

    with user_errors():
        typed = ArmOptions(arm, arm_id, leader, leader_id, None, None, hand, episode, port, lan, goes_home=home)
        check_person_teleoperator(typed)
        got = chosen(read_profile(), typed)
        if dry_run:
            follower = lerobot_command.follower_words(got.where, got.arm_id)
            mover = lerobot_command.teleoperator_words(hand, got.leader_where, got.leader_id, episode, port, lan)
            print("\n".join(lerobot_command.teleoperate(follower, mover, fps)))
            return
        _drive(got, fps)


def _drive(got: "ArmOptions", fps: int) -> None:
    from armchair.terminal.status_line import StatusLine, keys_typed
    from armchair.terminal.steps import say
    from armchair_robot.devices.arms import open_follower, standing
    from armchair_robot.loop.real_time import run_loop
    from armchair_robot.loop.reconnect import Reconnection, run_reconnecting
    from armchair_robot.safety.torque_off import held
    from armchair_robot.teleoperators.people import open_person_teleoperator

    with keys_typed() as typed, StatusLine() as line, held() as hold:
        hand = hold(open_person_teleoperator(got))
        hand.quiet = True  # the line below shows it
        robot = hold(open_follower(got.where, "{}", got.arm_id))
        end = "home, then its motors go off; Ctrl-C again: at once" if got.goes_home else "its motors go off: hold it"
        say(f"The arm at {got.where} follows. q or Ctrl-C ends it: {end}.")
        watch, home = Watcher(hand, line, typed), standing(robot) if got.goes_home else None
        rearm = Reconnection(line.say, watch.may_go_on) if sys.stdin.isatty() else None
        try:
            run_reconnecting(lambda: run_loop(robot, hand, fps, watch, got.limits, home), [robot, hand], rearm)
        except KeyboardInterrupt:
            watch.why = "stopped by Ctrl-C"
    say(f"{watch.why}: {watch.moments:,} periods at {watch.rate_hz:.1f} Hz; the motors are off.")


class Watcher:
    """A listener of `run_loop` that shows how it goes, and ends it on a key or when the hand is done."""

    def __init__(self, hand: "LoopTeleoperator", line: "StatusLine", typed: Callable[[], bytes]) -> None:
        self.moments, self.why = 0, "ended"
        self._hand, self._line, self._typed = hand, line, typed
        self._recent_s: deque[float] = deque(maxlen=60)

    def __call__(self, moment: "Moment") -> bool:
        self.moments += 1
        self._recent_s.append(moment.observed_s)
        words = [f"{self.rate_hz:4.1f} Hz", self._hand.status, moment.held_back]
        self._line.update(" · ".join(filter(None, words)))
        for warning in moment.warnings:
            self._line.say(warning)
        return not self._is_over()

    @property
    def rate_hz(self) -> float:
        """Of the last periods, at most 60."""
        span_s = self._recent_s[-1] - self._recent_s[0] if self._recent_s else 0.0
        return (len(self._recent_s) - 1) / span_s if span_s else 0.0

    def may_go_on(self) -> bool | None:
        """Whether an arm that was unplugged may move again, by a key; None if none was pressed."""
        key = self._typed()
        return False if key in _QUIT else True if key == b" " else None

    def _is_over(self) -> bool:
        if self._hand.is_done:
            self.why = "the episode is over"
            return True
        return self._typed() in _QUIT
