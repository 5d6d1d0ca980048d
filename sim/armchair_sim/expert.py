"""The expert: waypoints to joint targets through the closed-form kinematics, from where the arm is now.

It keeps no plan of its own but the number of the waypoint: every command starts from the measured pose, so the
same situation always asks for the same action, and what it does after a push is a recovery worth learning.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from armchair_sim import so101
from armchair_sim.so101 import Pose, UnreachableError
from armchair_sim.task import OPEN, SHUT, Waypoint
from armchair_sim.world import World

# How far ahead of the measured pose a command may lie: forward (m), azimuth (rad), up (m), pitch and roll (rad).
_LEAD = np.array([0.014, 0.10, 0.014, 0.10, 0.16])
_JOINT_LEAD_RAD = 0.08
_GRIPPER_LEAD = 12.0
# How far beyond what it holds the gripper is told to close: a fifth of the torque. LeRobot sets the gripper's servo
# to give up after two seconds above a quarter of it (Overload_Torque 25).
_SQUEEZE = 1.0


class Expert:
    """Drives `world` through its task's waypoints; knows where everything is."""

    def __init__(self, world: World) -> None:
        self.world = world

    def reset(self) -> None:
        """Plan anew for the scene as it stands."""
        self._waypoints = self.world.task.waypoints(self.world)
        self._index = 0

    def act(self) -> np.ndarray:
        """The next action, float32[6] in LeRobot's units. Stands still when the object is out of reach."""
        world = self.world
        try:
            waypoint = self._waypoint()
            angles = np.append(self._towards(waypoint.pose(world)), 0.0)
        except UnreachableError:
            return world.state
        # A P servo gives torque for error: what gravity takes is asked for on top.
        angles += world.servo.error_ticks(world.gravity_nm()) * so101.RAD_PER_TICK
        action = so101.rad_to_units(angles)
        closing = _SQUEEZE if world.pinching else _GRIPPER_LEAD
        action[5] = world.gripper + np.clip(waypoint.gripper - world.gripper, -closing, _GRIPPER_LEAD)
        return action

    def _waypoint(self) -> Waypoint:
        """Where to go now: on when a waypoint is reached, back to the first when its work is undone."""
        if self._waypoints[self._index].lost(self.world):
            self.reset()
        while self._index < len(self._waypoints) - 1 and self._waypoints[self._index].reached(self.world):
            self._index += 1
        return self._waypoints[self._index]

    def _towards(self, target: Pose) -> np.ndarray:
        """Joint angles, float64[5], one lead away from the measured pose on the way to `target`."""
        now = self.world.hand
        step = _cylindrical(target) - _cylindrical(now)
        share = min(1.0, float(np.min(_LEAD / np.maximum(np.abs(step), 1e-9))))
        try:
            return so101.inverse_kinematics(_pose(_cylindrical(now) + share * step))
        except UnreachableError:  # the straight way leaves the workspace: go by joint angles
            angles = so101.ticks_to_rad(self.world.servo.present_ticks)[:5]
            step = so101.inverse_kinematics(target) - angles
            return angles + step * min(1.0, _JOINT_LEAD_RAD / max(float(np.abs(step).max()), 1e-9))


def _cylindrical(pose: Pose) -> np.ndarray:
    """(radius, azimuth, z, pitch, roll) about the pan axis: what this arm moves along."""
    return np.array([so101.radius(pose.x, pose.y), so101.azimuth(pose.x, pose.y), pose.z, pose.pitch, pose.roll])


def _pose(cylindrical: np.ndarray) -> Pose:
    radius, azimuth, z, pitch, roll = (float(value) for value in cylindrical)
    return Pose(so101.PAN_X_M + radius * np.cos(azimuth), radius * np.sin(azimuth), z, pitch, roll)


class Disturbance:
    """What goes wrong in a demonstration, so that a policy sees how to come back.

    Slow noise and now and then a shove, as in DART (Laskey et al., 2017): noise on what is applied, with the clean
    action recorded, is what makes cloning robust. And what a policy does wrong that an expert never would: it is far
    from where it should be (a knock), or it closes beside the cube, or lets go of it (a fumble). Angles in degrees.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 7])
        self._drift = np.zeros(5)
        self._shove = _Spell(self._rng, chance=0.03, least_ticks=4, most_ticks=9)
        self._knock = _Spell(self._rng, chance=0.003, least_ticks=6, most_ticks=14)
        self._fumble = _Spell(self._rng, chance=0.007, least_ticks=6, most_ticks=16)

    def __call__(self, action: np.ndarray) -> np.ndarray:
        """The action to apply in place of `action`, float32[6] in LeRobot's units."""
        self._drift = 0.85 * self._drift + self._rng.normal(0, 0.55, 5) * _LOOSE
        pushed = np.array(action, dtype=np.float32)
        pushed[:5] += self._drift
        pushed[:5] += self._shove(lambda rng: rng.normal(0, 3.0, 5) * _LOOSE, 0.0)
        pushed[:5] += self._knock(lambda rng: rng.normal(0, 12.0, 5) * _LOOSE, 0.0)
        pushed[5] = self._fumble(lambda rng: rng.choice([SHUT, OPEN]), pushed[5])
        return pushed


_LOOSE = np.array([1, 1, 1, 1, 2])  # the roll matters least, and is shaken most


class _Spell:
    """Something that starts by chance, at `chance` a tick, and then stays the same for some ticks."""

    def __init__(self, rng: np.random.Generator, chance: float, least_ticks: int, most_ticks: int) -> None:
        self._rng, self._chance, self._ticks = rng, chance, (least_ticks, most_ticks)
        self._left, self._value = 0, None

    def __call__(self, draw: Callable[[np.random.Generator], Any], otherwise: Any) -> Any:
        """What holds in this tick: the spell's value, drawn when it begins, or `otherwise`."""
        if self._left == 0 and self._rng.random() < self._chance:
            self._left = int(self._rng.integers(*self._ticks, endpoint=True))
            self._value = draw(self._rng)
        if self._left == 0:
            return otherwise
        self._left -= 1
        return self._value
