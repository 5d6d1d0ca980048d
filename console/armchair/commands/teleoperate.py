"""`armchair teleoperate`: an arm moved by a leader, keys, a gamepad, a phone or a recorded episode."""

import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun, Home
from armchair.terminal.request_options import request_options
from armchair.terminal.say import say
from armchair.terminal.status_line import StatusLine, keys_typed
from armchair_robot.arm_options import NETWORK_PORT, ArmOptions
from armchair_robot.devices.arms import open_follower, standing
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.real_time import run_loop
from armchair_robot.loop.reconnect import Reconnection, run_reconnecting
from armchair_robot.profile import chosen, read_profile
from armchair_robot.safety.torque_off import held

_QUIT = (b"q", b"\x1b")
_LEADER, _NETWORK = "The hand `leader`", "The hand `network`"


@dataclass(frozen=True, kw_only=True)
class LeaderOptions:
    """What is typed for the teleoperator `leader`."""

    leader: Annotated[
        str | None, typer.Option(help="The leader's port. (default: the twin's)", rich_help_panel=_LEADER)
    ] = None
    leader_id: Annotated[str | None, typer.Option(help="As LeRobot's --teleop.id.", rich_help_panel=_LEADER)] = None


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """What is typed for the teleoperator `network`."""

    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0: any free port.", rich_help_panel=_NETWORK)
    ] = NETWORK_PORT
    lan: Annotated[
        bool, typer.Option("--lan", help="Let a phone drive, by a link with a token.", rich_help_panel=_NETWORK)
    ] = False


@dataclass(frozen=True, kw_only=True)
class TeleoperateOptions:
    """What is typed behind `armchair teleoperate`."""

    arm: Annotated[
        str | None,
        typer.Option(help="twin (the one that runs), or the port of a real arm. (default: armchair.toml's, or twin)"),
    ] = None
    hand: Annotated[str, typer.Option(help="keyboard, gamepad, network, leader or replay.")] = "keyboard"
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.")] = None
    fps: Annotated[int, typer.Option(min=1, max=200, help="How often a second the arm is told where to go.")] = 60
    episode: Annotated[str | None, typer.Option(metavar="DATASET:NUMBER", help="For the hand `replay`.")] = None
    leader: LeaderOptions
    network: NetworkOptions
    home: Home = True
    dry_run: DryRun = False

    @property
    def arm_options(self) -> ArmOptions:
        """What was typed about the arm, before the profile adds to it."""
        leader, network = self.leader, self.network
        return ArmOptions(
            self.arm, self.arm_id, leader.leader, leader.leader_id, teleoperator=self.hand, episode=self.episode,
            port=network.port, lan=network.lan, goes_home=self.home,
        )  # fmt: skip


@request_options
def teleoperate(options: TeleoperateOptions) -> None:
    """Move an arm without recording, until q or Ctrl-C. Its motors are off afterwards."""
    from armchair_robot.teleoperators.people import check_person_teleoperator  # with LeRobot

    with user_errors():
        check_person_teleoperator(options.arm_options)
        arm = chosen(read_profile(), options.arm_options)
        if options.dry_run:
            print("\n".join(_stock_lines(arm, options.hand, options.fps)))
        else:
            _drive(arm, options.fps)


def _stock_lines(arm: ArmOptions, teleoperator: str, fps: int) -> list[str]:
    """`lerobot-teleoperate …` for the same."""
    follower = lerobot_command.follower_words(arm.where, arm.arm_id)
    mover = lerobot_command.teleoperator_words(
        teleoperator, arm.leader_where, arm.leader_id, arm.episode, arm.port, arm.lan
    )
    return lerobot_command.teleoperate(follower, mover, fps)


def _drive(arm: ArmOptions, fps: int) -> None:
    from armchair_robot.teleoperators.people import open_person_teleoperator  # with LeRobot

    with keys_typed() as typed, StatusLine() as line, held() as hold:
        teleoperator = hold(open_person_teleoperator(arm))
        teleoperator.quiet = True  # the line below shows it
        robot = hold(open_follower(arm.where, "{}", arm.arm_id))
        end = "home, then its motors go off; Ctrl-C again: at once" if arm.goes_home else "its motors go off: hold it"
        say(f"The arm at {arm.where} follows. q or Ctrl-C ends it: {end}.")
        watch, home = Watcher(teleoperator, line, typed), standing(robot) if arm.goes_home else None
        rearm = Reconnection(line.say, watch.may_go_on) if sys.stdin.isatty() else None
        try:
            run_reconnecting(
                lambda: run_loop(robot, teleoperator, fps, watch, arm.limits, home), [robot, teleoperator], rearm
            )
        except KeyboardInterrupt:
            watch.why = "stopped by Ctrl-C"
    say(f"{watch.why}: {watch.moments:,} periods at {watch.rate_hz:.1f} Hz; the motors are off.")


class Watcher:
    """A listener of `run_loop` that shows how it goes, and ends it on a key or when the teleoperator is done."""

    def __init__(self, teleoperator: LoopTeleoperator, line: StatusLine, typed: Callable[[], bytes]) -> None:
        self.moments, self.why = 0, "ended"
        self._teleoperator, self._line, self._typed = teleoperator, line, typed
        self._recent_s: deque[float] = deque(maxlen=60)

    def __call__(self, moment: Moment) -> bool:
        """Show a control period; return whether the loop goes on."""
        self.moments += 1
        self._recent_s.append(moment.observed_s)
        words = [f"{self.rate_hz:4.1f} Hz", self._teleoperator.status, moment.held_back]
        self._line.update(" · ".join(filter(None, words)))
        for warning in moment.warnings:
            self._line.say(warning)
        return not self._is_over()

    @property
    def rate_hz(self) -> float:
        """The mean rate of the last periods, at most 60."""
        span_s = self._recent_s[-1] - self._recent_s[0] if self._recent_s else 0.0
        return (len(self._recent_s) - 1) / span_s if span_s else 0.0

    def may_go_on(self) -> bool | None:
        """Return whether an arm that was unplugged may move again, by a key; None if none was pressed."""
        key = self._typed()
        return False if key in _QUIT else True if key == b" " else None

    def _is_over(self) -> bool:
        if self._teleoperator.is_done:
            self.why = "the episode is over"
            return True
        return self._typed() in _QUIT
