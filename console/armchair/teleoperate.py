"""`armchair teleoperate`: move an arm by a leader, keys, a gamepad, a phone or a recorded episode."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from armchair.manners import courteous

if TYPE_CHECKING:
    from armchair.screen import StatusLine
    from armchair_robot.realtime import Moment

_QUIT = (b"q", b"\x1b")
_LEADER, _NETWORK = "The hand `leader`", "The hand `network`"


def teleoperate(
    arm: Annotated[str, typer.Option(help="twin (the one that runs), or the port of a real arm.")] = "twin",
    hand: Annotated[str, typer.Option(help="keyboard, gamepad, network, leader or replay.")] = "keyboard",
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.")] = None,
    fps: Annotated[int, typer.Option(min=1, max=200, help="How often a second the arm is told where to go.")] = 60,
    episode: Annotated[str | None, typer.Option(metavar="DATASET:NUMBER", help="For the hand `replay`.")] = None,
    leader: Annotated[str, typer.Option(help="twin, or the leader's port.", rich_help_panel=_LEADER)] = "twin",
    leader_id: Annotated[str | None, typer.Option(help="As LeRobot's --teleop.id.", rich_help_panel=_LEADER)] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0: any free port.", rich_help_panel=_NETWORK)
    ] = 8767,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let a phone drive, by a link with a token.", rich_help_panel=_NETWORK)
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print LeRobot's own command for it, no more.")] = False,
) -> None:
    """Move an arm without recording, until q or Ctrl-C. Its motors are off afterwards."""
    from armchair_robot.hands.live import check_live_hand, open_live_hand

    with courteous():
        check_live_hand(hand, episode)
        if dry_run:
            from armchair.steps import say

            say(stock_line(arm, arm_id, fps, hand, leader, leader_id, episode, port, lan))
            return
        _drive(arm, arm_id, fps, lambda: open_live_hand(hand, leader, leader_id, episode, port, lan))


def _drive(arm: str, arm_id: str | None, fps: int, open_hand: Callable) -> None:
    from armchair.screen import StatusLine, keys_typed
    from armchair.steps import say
    from armchair_robot.arms import open_follower
    from armchair_robot.held import held
    from armchair_robot.realtime import run_loop

    with keys_typed() as typed, StatusLine() as line, held() as hold:
        hand = hold(open_hand())
        hand.quiet = True  # the line below shows it
        robot = hold(open_follower(arm, "{}", arm_id))
        say(f"The arm at {arm} follows. q or Ctrl-C ends it and switches its motors off: hold it, or bring it low.")
        watch = Watcher(hand, line, typed)
        try:
            run_loop(robot, hand, fps, watch)
        except KeyboardInterrupt:
            watch.why = "stopped by Ctrl-C"
    say(f"{watch.why}: {watch.moments:,} periods at {watch.rate_hz:.1f} Hz; the motors are off.")


class Watcher:
    """A listener of `run_loop` that shows how it goes, and ends it on a key or when the hand is done."""

    def __init__(self, hand: object, line: "StatusLine", typed: Callable[[], bytes]) -> None:
        self.moments, self.why = 0, "ended"
        self._hand, self._line, self._typed = hand, line, typed
        self._recent_s: deque[float] = deque(maxlen=60)

    def __call__(self, moment: "Moment") -> bool:
        self.moments += 1
        self._recent_s.append(moment.observed_s)
        held_back = "" if np.allclose(moment.sent, moment.asked, atol=0.5) else "held back by the guard"
        words = [f"{self.rate_hz:4.1f} Hz", getattr(self._hand, "status", ""), held_back]
        self._line.update(" · ".join(filter(None, words)))
        for warning in moment.warnings:
            self._line.say(warning)
        return not self._is_over()

    @property
    def rate_hz(self) -> float:
        """Of the last periods, at most 60."""
        span_s = self._recent_s[-1] - self._recent_s[0] if self._recent_s else 0.0
        return (len(self._recent_s) - 1) / span_s if span_s else 0.0

    def _is_over(self) -> bool:
        if getattr(self._hand, "is_done", False):
            self.why = "the episode is over"
            return True
        return self._typed() in _QUIT


def stock_line(
    arm: str, arm_id: str | None, fps: int, hand: str, leader: str, leader_id: str | None, episode: str | None,
    port: int, lan: bool,
) -> str:  # fmt: skip
    """LeRobot's own command that does the same, without the guard.

    The robot's type is this package's, which shows the hand where the arm is; all else about it is the stock
    follower's.
    """
    from armchair.commands import runnable
    from armchair.twin import ROBOT_ID
    from armchair_robot.arms import TWIN, port_of
    from armchair_robot.hands.live import split_episode

    words = ["--robot.type=armchair_so101", f"--robot.port={port_of(arm, 'follower')}"]
    words += [f"--robot.id={each}" for each in [arm_id or (ROBOT_ID if arm == TWIN else None)] if each]
    match hand:
        case "leader":
            words += ["--teleop.type=armchair_so101_leader", f"--teleop.port={port_of(leader, 'leader')}"]
            words += [f"--teleop.id={each}" for each in [leader_id or (ROBOT_ID if leader == TWIN else None)] if each]
        case "network":
            words += ["--teleop.type=armchair_network", f"--teleop.port={port}", *(["--teleop.lan=true"] * lan)]
        case "replay":
            root, number = split_episode(episode)
            words += ["--teleop.type=armchair_replay", f"--teleop.root={root}", f"--teleop.episode={number}"]
        case _:
            words += [f"--teleop.type=armchair_{hand}"]
    return runnable("lerobot-teleoperate", *words, f"--fps={fps}")
