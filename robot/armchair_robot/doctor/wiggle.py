"""The wiggle of one joint by a few degrees and back, through the guard, and how well the joint followed.

The one part of the doctor that writes: LeRobot's driver sets the servos up as at every connect, and switches their
torque on; afterwards it is off on every joint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.so101.hull import lowest_m
from armchair_core.so101.joints import JOINTS
from armchair_core.so101.kinematics import ACTION_HIGH, ACTION_LOW, FEATURE_NAMES
from armchair_robot.devices.arms import open_follower
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.doctor.finding import Finding, broken, notice, wrong
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.real_time import run_loop
from armchair_robot.safety.torque_off import held

if TYPE_CHECKING:
    from lerobot.robots.so_follower import SO101Follower

FPS = 50
BY = 8.0  # degrees, or percent of the gripper's opening
_RAMP_S, _HOLD_S = 0.4, 0.6
# To the half, beyond it, back to the half, home: the half is reached from both sides.
_WAY = (0.5, 1.0, 0.5, 0.0)
SECONDS = len(_WAY) * (_RAMP_S + _HOLD_S)
# A gripper that lies on the table blocks the joints that would press it down: the elbow raises it first.
_ELBOW, _LOW_M, _RAISE_DEG, _RAISE_S = JOINTS.index("elbow_flex"), 0.02, 12.0, 1.0
_LEAST_MOVED, _MOVED_WELL = 0.2, 0.7  # of the way
_MOST_PLAY = 3.0
_MOST_LAG_S, _BLOCKED_LAG_S = 0.25, 0.5  # a healthy servo needs 0.1 s
_SETTLED_S = 0.2


@dataclass(frozen=True)
class Wiggle:
    """How the joint followed, in degrees (gripper: percent).

    `moved` is the way that it went of `asked`. `play` is how far apart it stood at one and the same goal, reached
    from one side and from the other: the gears' play and the servo's dead zone, as far as the encoder sees them.
    `lag_s` is how long after its goal it passed the half of the way.
    """

    joint: str
    asked: float
    moved: float
    play: float
    lag_s: float | None


class _WiggleTeleoperator(LoopTeleoperator):
    """A teleoperator that moves one joint and keeps the others where they are.

    `goals` is float32[N,6], `wiggled` the part of it in which the joint moves.
    """

    def __init__(self, start: np.ndarray, joint: str) -> None:
        place = JOINTS.index(joint)
        middle = (ACTION_LOW + ACTION_HIGH)[place] / 2
        self.by = BY if start[place] <= middle else -BY
        stops = np.array([0.0, *_WAY]) * self.by
        path = np.concatenate([_leg(*ends) for ends in pairwise(stops)])
        raised = _raised_deg(start, joint)
        up = _leg(0.0, raised, _RAISE_S) if raised else np.zeros(0)
        before, after = len(up), len(up) + len(path)
        self.goals = np.tile(start, (after + len(up), 1))
        self.goals[before:after, place] += path
        self.goals[:, _ELBOW] += np.concatenate([up, np.full(len(path), raised), up[::-1]])
        self.wiggled, self._next = slice(before, after), 0

    def get_action(self) -> dict[str, float]:
        goal = self.goals[min(self._next, len(self.goals) - 1)]
        self._next += 1
        return dict(zip(FEATURE_NAMES, map(float, goal), strict=True))


def _leg(begin: float, end: float, ramp_s: float = _RAMP_S) -> np.ndarray:
    return np.concatenate([np.linspace(begin, end, round(ramp_s * FPS)), np.full(round(_HOLD_S * FPS), end)])


def _raised_deg(start: np.ndarray, joint: str) -> float:
    """Return how far the elbow moves before; 0 unless the gripper is low. The elbow itself raises what it moves."""
    if lowest_m(start) > _LOW_M or joint == "elbow_flex":
        return 0.0
    one, other = (start + by * (np.arange(6) == _ELBOW) for by in (_RAISE_DEG, -_RAISE_DEG))
    return _RAISE_DEG if lowest_m(one) > lowest_m(other) else -_RAISE_DEG


def wiggle(robot: "SO101Follower", joint: str) -> Wiggle:
    """Move `joint` of a connected follower by `BY` towards its middle and back, in `SECONDS`. Leaves the torque on.

    An arm that lies on the table is raised by its elbow before, and lowered again.

    Raises:
        DeviceLostError: if a servo stops answering.
    """
    observation = robot.get_observation()
    teleoperator = _WiggleTeleoperator(np.array([observation[name] for name in FEATURE_NAMES], np.float32), joint)
    moments: list[Moment] = []

    def listen(moment: Moment) -> bool:
        moments.append(moment)
        return len(moments) < len(teleoperator.goals)

    run_loop(robot, teleoperator, FPS, listen)
    return _measured(joint, teleoperator.by, moments[teleoperator.wiggled])


def _measured(joint: str, by: float, moments: list[Moment]) -> Wiggle:
    place, sign = JOINTS.index(joint), np.sign(by)
    times_s = np.array([moment.observed_s for moment in moments])
    went = sign * np.array([moment.state[place] - moments[0].state[place] for moment in moments])
    sent = sign * np.array([moment.sent[place] - moments[0].state[place] for moment in moments])
    leg, settled = len(moments) // len(_WAY), round(_SETTLED_S * FPS)
    ends = [float(went[end - settled : end].mean()) for end in range(leg, len(moments) + 1, leg)]
    return Wiggle(joint, abs(by), ends[1], abs(ends[2] - ends[0]), _lag_s(times_s, sent, went, abs(by) / 4))


def _lag_s(times_s: np.ndarray, sent: np.ndarray, went: np.ndarray, mark: float) -> float | None:
    """Return how much later than its goal the joint first passed the mark; None if it never did."""
    if went.max() < mark or sent.max() < mark:
        return None
    return float(times_s[np.argmax(went >= mark)] - times_s[np.argmax(sent >= mark)])


def wiggle_findings(seen: Wiggle) -> Iterator[Finding]:
    """Yield what is wrong with how it moved."""
    unit = "%" if seen.joint == "gripper" else "°"
    way = f"{seen.moved:.1f}{unit} of {seen.asked:.1f}{unit}"
    well, slow = seen.moved >= _MOVED_WELL * seen.asked, seen.lag_s is None or seen.lag_s > _BLOCKED_LAG_S
    if seen.moved < _LEAST_MOVED * seen.asked or (slow and not well):
        late = "" if seen.lag_s is None else f", {seen.lag_s:.1f} s late"
        yield broken(
            "blocked", "likely", f"{seen.joint} hardly moves ({way}{late}): something blocks it, or its motor is dead.",
            "Switch the supply off and move the joint by hand; free it, or replace the servo.", seen.joint,
        )  # fmt: skip
        return
    if not well:
        yield wrong(
            "moves-short", "likely", f"{seen.joint} went {way}: it rubs, carries too much, or its supply is weak.",
            "Move the joint by hand with the supply off, and feel whether it rubs.", seen.joint,
        )  # fmt: skip
    if seen.play > _MOST_PLAY:
        yield wrong(
            "play", "likely", f"{seen.joint} stands {seen.play:.1f}{unit} apart at the same goal, reached from below "
            "and from above: worn gears, a loose horn, or much friction.", "Tighten the horn's screw.", seen.joint,
        )  # fmt: skip
    if seen.lag_s is not None and seen.lag_s > _MOST_LAG_S:
        yield notice(
            "lag", "likely", f"{seen.joint} follows {seen.lag_s * 1000:.0f} ms late.",
            "Close busy programs and ask again; if it stays, see whether Acceleration and Goal_Velocity limit it.",
            seen.joint,
        )  # fmt: skip


def wiggle_at(where: str, joint: str, arm_id: str | None) -> Wiggle:
    """Open the follower at `where`, wiggle, and let go of every joint.

    Raises:
        ArmchairError: if it cannot be opened, is not calibrated under this id, or gives up on the way.
    """
    with held() as hold:
        return wiggle(hold(open_follower(where, cameras="{}", arm_id=arm_id)), joint)
