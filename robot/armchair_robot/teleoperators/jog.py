"""Jogging: from requested rates of motion to joint targets, over the closed-form kinematics of the SO-101. No I/O.

Invariant: targets are finite, within the arm's range, and no joint of them moves faster than FASTEST_DEG_S. A step
that would break this (the edge of reach, a stretched elbow, the axis of the shoulder) is cut down, goes along the
edge, or is not made, and `Jogger.note` says which.

A request has the same six axes in both modes, so that keys, sticks and touch pads need one map each:

    axis      mode `tip`: the grasp point, in the base frame    mode `joints`
    forward   along x, away from the base                       shoulder_lift, down
    left      along y                                           shoulder_pan, to the left
    up        along z                                           elbow_flex, up
    tilt      the gripper points further down                   wrist_flex, down
    turn      the gripper turns about where it points           wrist_roll
    gripper   opens                                             opens
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from typing import Literal

import numpy as np

from armchair_core.so101 import joints, kinematics

AXES = ("forward", "left", "up", "tilt", "turn", "gripper")
TIP, JOINTS = MODES = ("tip", "joints")


SpeedName = Literal["slow", "normal", "fast"]


@dataclass(frozen=True)
class Speed:
    """How fast a full rate is, a second: the tip in metres, tilt, turn and joints in degrees, the gripper in units."""

    name: SpeedName
    tip_m_s: float
    turn_deg_s: float
    gripper_s: float


SPEEDS = (Speed("slow", 0.03, 20, 40), Speed("normal", 0.08, 50, 80), Speed("fast", 0.18, 100, 160))
SPEED_NAMES: tuple[SpeedName, ...] = tuple(speed.name for speed in SPEEDS)

FASTEST_DEG_S = 150.0  # half of what an STS3215 does without load; near the shoulder's axis a slow tip needs it
LONGEST_S = 0.1  # a loop that stood still does not make up for it
_LEASH = np.array([30.0, 30, 30, 30, 30, 30])  # degrees, gripper units; a fast joint lags about 20 behind
_GIVES_WAY_DEG, _RUNS_ON_DEG = 1.0, 5.0
_INSIDE_RAD = 1e-6  # a joint at its very end would be beyond it after rounding
_LOW_RAD, _HIGH_RAD = kinematics.JOINT_LOW_RAD[:5] + _INSIDE_RAD, kinematics.JOINT_HIGH_RAD[:5] - _INSIDE_RAD
# Where upper and lower arm are in line the elbow would have to move infinitely fast: keep this much short of it.
_STRAIGHT_RAD, _SHORT_OF_IT_RAD = kinematics.STRAIGHT_ELBOW_RAD, np.radians(5)
_HAND_M = 0.1  # from the wrist to the tip
_PARTS = (1.0, 0.5, 0.25, 0.0625)  # of a step, when the whole of it cannot be made
_SHOULDER_M = np.array([kinematics.PAN_X_M, 0.0, 0.1166])
_JOINT_OF_AXIS, _SIGN_OF_AXIS = [1, 0, 2, 3, 4], np.array([1.0, -1.0, -1.0, 1.0, 1.0])

_EDGE = "at the edge of reach"
_SLIDES = "sliding along the edge of reach"
_TILTS = "tilting the hand to reach on"
_UNFOLDS = "coming out to rise"
_FOLDED = "no straight way from this pose: move single joints first"
_BLOCKED = "the arm does not follow: something is in its way"


class Jogger:
    """Joint targets that follow requests. `mode` and `speed` (a place in SPEEDS) may be set at any time."""

    def __init__(self, units: np.ndarray) -> None:
        """Begin at `units`, float[6] in LeRobot's units; what lies outside the arm's range is moved inside."""
        self.mode, self.speed, self.note = TIP, 1, ""
        self.is_asked = False  # whether the last request was one for motion
        self.begin_at(units)

    def begin_at(self, units: np.ndarray) -> None:
        """Go on from another pose, float[6], for instance after somebody else has moved the arm."""
        units = np.clip(np.asarray(units, np.float64), kinematics.ACTION_LOW, kinematics.ACTION_HIGH)
        self._angles = np.clip(kinematics.units_to_rad(units)[:5], _LOW_RAD, _HIGH_RAD)
        self._gripper = float(units[5])
        self.note = ""

    def give_way(self, units: np.ndarray) -> None:
        """Do not run on from where the arm was told to go, float[6], if that is not where it was asked to go.

        Else targets would get below the table, and had to be driven back before the arm rises again. There only the
        height gives way, so that the arm slides along. The gripper's stays: it may have been eased for a while.
        """
        if np.abs(self.targets - units)[:5].max() <= _GIVES_WAY_DEG:
            return
        told = np.clip(kinematics.units_to_rad(np.asarray(units, np.float64))[:5], _LOW_RAD, _HIGH_RAD)
        pose, floor_m = kinematics.forward_kinematics(self._angles), kinematics.forward_kinematics(told).z
        if pose.z < floor_m:
            with suppress(kinematics.UnreachableError):
                self._angles = np.clip(kinematics.inverse_kinematics(replace(pose, z=floor_m)), _LOW_RAD, _HIGH_RAD)
        if np.degrees(np.abs(self._angles - told).max()) > _RUNS_ON_DEG:
            self._angles = told

    @property
    def targets(self) -> np.ndarray:
        """Where the arm shall be, float32[6] in LeRobot's units."""
        units = kinematics.rad_to_units(np.append(self._angles, 0.0))
        units[5] = self._gripper
        return np.clip(units, kinematics.ACTION_LOW, kinematics.ACTION_HIGH)

    def move(self, rates: np.ndarray, dt_s: float, here: np.ndarray | None = None) -> np.ndarray:
        """Return the targets after `dt_s` of a request: `rates`, float[6], -1 to 1 for each of AXES.

        `here` is where the arm is, float[6], if that is known: targets do not run away from an arm that is blocked,
        or they would have to be driven back before it moves again.
        """
        rates = np.clip(np.nan_to_num(np.asarray(rates, np.float64)), -1, 1)
        dt_s, speed = min(max(dt_s, 0.0), LONGEST_S), SPEEDS[self.speed]
        self.note, self.is_asked = "", bool(rates.any())
        gripper = float(np.clip(self._gripper + rates[5] * speed.gripper_s * dt_s, 0, 100))
        angles = self._tip(rates[:5], speed, dt_s) if self.mode == TIP else self._joints(rates[:5], speed, dt_s)
        return self._take(angles, gripper, here)

    def towards(self, units: np.ndarray, dt_s: float, here: np.ndarray | None = None) -> np.ndarray:
        """Return the targets after `dt_s` on the way to `units`, float[6], at the speed of single joints."""
        goal = np.clip(np.asarray(units, np.float64), kinematics.ACTION_LOW, kinematics.ACTION_HIGH)
        dt_s, speed = min(max(dt_s, 0.0), LONGEST_S), SPEEDS[self.speed]
        most = np.radians(speed.turn_deg_s) * dt_s
        self.note, self.is_asked = "", True
        way = np.clip(kinematics.units_to_rad(goal)[:5], _LOW_RAD, _HIGH_RAD) - self._angles
        gripper_way = np.clip(goal[5] - self._gripper, -speed.gripper_s * dt_s, speed.gripper_s * dt_s)
        # All joints arrive together: the way is a straight line in their space.
        angles = self._angles + way * min(1.0, most / (np.abs(way).max() + 1e-12))
        return self._take(angles, self._gripper + gripper_way, here)

    def _take(self, angles: np.ndarray, gripper: float, here: np.ndarray | None) -> np.ndarray:
        before, before_gripper, old = self._angles, self._gripper, self.targets
        self._angles, self._gripper = angles, gripper
        if here is not None:
            away, was = np.abs(self.targets - here), np.abs(old - here)
            runs_off = (away > _LEASH) & (away > was)
            if runs_off[:5].any():
                self._angles, self.note = before, _BLOCKED
            if runs_off[5]:
                self._gripper = before_gripper  # no word about it: it holds something
        return self.targets

    def _joints(self, rates: np.ndarray, speed: Speed, dt_s: float) -> np.ndarray:
        turned = np.zeros(5)
        turned[_JOINT_OF_AXIS] = _SIGN_OF_AXIS * rates * np.radians(speed.turn_deg_s) * dt_s
        angles = np.clip(self._angles + turned, _LOW_RAD, _HIGH_RAD)
        ended = (turned != 0) & (angles == self._angles)
        if ended.any():
            self.note = f"{joints.JOINTS[int(np.flatnonzero(ended)[0])]} is at its end"
        return angles

    def _tip(self, rates: np.ndarray, speed: Speed, dt_s: float) -> np.ndarray:
        turn = np.radians(speed.turn_deg_s)
        step = rates * np.array([speed.tip_m_s] * 3 + [turn] * 2) * dt_s
        if not step.any():
            return self._angles
        pose = np.array(astuple(kinematics.forward_kinematics(self._angles)))
        for way, note in _ways(step, turn * dt_s, _SHOULDER_M - pose[:3]):
            angles = self._reach(pose, way, np.radians(FASTEST_DEG_S) * dt_s)
            if angles is not None:
                self.note = note
                return angles
        self.note = _EDGE if self._is_plain() else _FOLDED
        return self._angles

    def _reach(self, pose: np.ndarray, step: np.ndarray, most_rad: float) -> np.ndarray | None:
        """Return the angles after a step of the pose, float[5], or part of it; None if no such pose can be taken."""
        for part in _PARTS:
            try:
                angles = kinematics.inverse_kinematics(kinematics.Pose(*(pose + part * step)))
            except kinematics.UnreachableError:
                continue
            stretches = angles[2] < min(_STRAIGHT_RAD + _SHORT_OF_IT_RAD, self._angles[2])
            if not stretches and np.abs(angles - self._angles).max() <= most_rad:
                return np.clip(angles, _LOW_RAD, _HIGH_RAD)
        return None

    def _is_plain(self) -> bool:
        """Return whether the closed form knows this pose: the elbow up, the gripper before the shoulder."""
        try:
            again = kinematics.inverse_kinematics(kinematics.forward_kinematics(self._angles))
        except kinematics.UnreachableError:
            return False
        return bool(np.abs(again - self._angles).max() < 1e-3)


def _ways(step: np.ndarray, tilt: float, inward: np.ndarray) -> Iterator[tuple[np.ndarray, str]]:
    """A step of the pose (x, y, z, tilt, turn), then what may be done in its place, and what to say of it."""
    yield step, ""
    length, inward = np.linalg.norm(step[:3]), inward / np.linalg.norm(inward)
    if length and not step[3]:
        for sign in (-1, 1):
            yield step + np.array([0, 0, 0, sign * tilt, 0]), _TILTS
    if length and step[:3] @ inward > -length / 2:  # not straight out
        yield step + np.append(inward * length / 2, np.zeros(2)), _SLIDES
    if np.count_nonzero(step) > 1:
        for axis in np.flatnonzero(step):
            yield np.where(np.arange(5) == axis, step, 0.0), _SLIDES
    if step[2] > 0 or (not length and step[3] < 0):  # folded up before the shoulder the hand rises only by coming out
        outward = -inward[:2] / max(float(np.linalg.norm(inward[:2])), 1e-9)
        by_m = max(float(length), _HAND_M * tilt)
        for out, up in ((1.0, 1.0), (2.0, 1.0), (2.0, 0.0)):
            yield np.array([*(outward * out * by_m), up * by_m, -tilt, step[4]]), _UNFOLDS
