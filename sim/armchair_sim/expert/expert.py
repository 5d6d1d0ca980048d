"""The scripted expert: waypoints to joint targets by the closed-form kinematics, from where the arm is now.

It keeps no plan of its own but the number of the waypoint: every command starts from the measured pose, so the
same situation always asks for the same action, and what it does after a push is a recovery worth learning.
"""

import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import Pose, UnreachableError
from armchair_sim.scene.world import World
from armchair_sim.task import Task, Waypoint

# How far ahead of the measured pose a command may lie: forward (m), azimuth (rad), up (m), pitch and roll (rad).
_LEAD = np.array([0.014, 0.10, 0.014, 0.10, 0.16])
_JOINT_LEAD_RAD = 0.08
_GRIPPER_LEAD = 12.0


class Expert:
    """Drives the arm of `world` through its task's waypoints; knows where everything is."""

    def __init__(self, world: World[Task]) -> None:
        self.world = world

    def reset(self) -> None:
        """Plan anew for the scene as it stands."""
        self._waypoints = self.world.task.waypoints(self.world)
        self._index = 0

    def act(self) -> np.ndarray:
        """Return the next action, float32[6] in LeRobot's units; the arm stands still if the object is out of reach."""
        world = self.world
        try:
            waypoint = self.waypoint()
            angles = np.append(self._towards(waypoint.pose(world)), 0.0)
        except UnreachableError:
            return world.state
        # A P servo gives torque for error: what gravity takes is asked for on top.
        angles += world.servo.error_ticks(world.gravity_nm()) * kinematics.RAD_PER_TICK
        action = kinematics.rad_to_units(angles)
        action[5] = world.gripper + np.clip(waypoint.gripper - world.gripper, -_GRIPPER_LEAD, _GRIPPER_LEAD)
        return action

    @property
    def waypoints_left(self) -> int:
        """How many waypoints there are from the present one on."""
        return len(self._waypoints) - self._index

    def waypoint(self) -> Waypoint:
        """Return where to go now: the next waypoint when one is reached, the first when its work is undone.

        Raises:
            UnreachableError: when the object is out of reach.
        """
        if self._waypoints[self._index].lost(self.world):
            self.reset()
        while self._index < len(self._waypoints) - 1 and self._waypoints[self._index].reached(self.world):
            self._index += 1
        return self._waypoints[self._index]

    def _towards(self, target: Pose) -> np.ndarray:
        """Return joint angles, float64[5], one lead away from the measured pose on the way to `target`."""
        now = self.world.gripper_pose
        step = _cylindrical(target) - _cylindrical(now)
        share = min(1.0, float(np.min(_LEAD / np.maximum(np.abs(step), 1e-9))))
        try:
            return kinematics.inverse_kinematics(_pose(_cylindrical(now) + share * step))
        except UnreachableError:  # the straight way leaves the workspace: go by joint angles
            angles = kinematics.ticks_to_rad(self.world.servo.present_ticks)[:5]
            step = kinematics.inverse_kinematics(target) - angles
            return angles + step * min(1.0, _JOINT_LEAD_RAD / max(float(np.abs(step).max()), 1e-9))


def _cylindrical(pose: Pose) -> np.ndarray:
    """Return (radius, azimuth, z, pitch, roll) about the pan axis, along which this arm moves."""
    return np.array(
        [kinematics.radius(pose.x, pose.y), kinematics.azimuth(pose.x, pose.y), pose.z, pose.pitch, pose.roll]
    )


def _pose(cylindrical: np.ndarray) -> Pose:
    radius, azimuth, z, pitch, roll = (float(value) for value in cylindrical)
    return Pose(kinematics.PAN_X_M + radius * np.cos(azimuth), radius * np.sin(azimuth), z, pitch, roll)


class Disturbance:
    """Pushes for demonstrations, so that a policy sees how to come back: slow noise and now and then a shove.

    Noise on what is applied, with the clean action recorded, is what makes cloning robust (Laskey et al., DART,
    2017). Angles in degrees; the gripper is left alone. `shoving`: the last call was part of a shove. What the arm
    does from there on does not follow from what was asked for before.
    """

    shoving = False

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 7])
        self._drift: np.ndarray = np.zeros(5)
        self._shove: np.ndarray = np.zeros(5)
        self._shove_ticks = 0

    def __call__(self, action: np.ndarray) -> np.ndarray:
        """Return the action to apply in place of `action`, float32[6] in LeRobot's units."""
        self._drift = 0.85 * self._drift + self._rng.normal(0, 0.55, 5) * [1, 1, 1, 1, 2]
        if self._shove_ticks == 0 and self._rng.random() < 0.05:
            self._shove_ticks = int(self._rng.integers(4, 10))
            self._shove = self._rng.normal(0, 6.0, 5) * [1, 1, 1, 1, 2]
        pushed = np.array(action, dtype=np.float32)
        pushed[:5] += self._drift
        self.shoving = self._shove_ticks > 0
        if self.shoving:
            self._shove_ticks -= 1
            pushed[:5] += self._shove
        return pushed
