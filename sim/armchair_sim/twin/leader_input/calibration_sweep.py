"""The calibration sweep of an arm led by hand: into the middle, then every joint to both of its stops.

Joints are swept one after another, the others held so that nothing hits the table: the elbow folds while the
shoulder leans, the wrist lifts while the elbow bends.
"""

import numpy as np

from armchair_core.so101 import kinematics
from armchair_sim.scene.world import TIMESTEP_S

_SPEED_RAD_S = 2.0
_PUSH_BEYOND_RAD, _LEAN_S = 0.05, 0.4  # a person feels the stop and leans against it for a moment
_MIDDLE_RAD = kinematics.ticks_to_rad((kinematics.RANGE_MIN_TICKS + kinematics.RANGE_MAX_TICKS) / 2)
# While a joint of the first column moves, the other follows with this share of its angle.
_FOLLOWS = {1: (2, -0.95), 2: (3, -0.95)}


def middle() -> np.ndarray:
    """Return the joint angles, float64[6], in the middle of every range."""
    return _MIDDLE_RAD.copy()


def sweep_path() -> np.ndarray:
    """Return the joint angles to go through, float64[n,6]: each joint to both stops, from the middle."""
    path = [middle()]
    for joint in range(6):
        for stop in (
            kinematics.JOINT_LOW_RAD[joint] - _PUSH_BEYOND_RAD,
            kinematics.JOINT_HIGH_RAD[joint] + _PUSH_BEYOND_RAD,
        ):
            path.append(_with_joint_at(joint, stop))
        path.append(middle())
    return np.array(path)


def _with_joint_at(joint: int, angle_rad: float) -> np.ndarray:
    angles = middle()
    angles[joint] = angle_rad
    if joint in _FOLLOWS:
        follower, share = _FOLLOWS[joint]
        angles[follower] = share * angle_rad
    return angles


class CalibrationSweep:
    """A way along a path at a person's pace, step by step."""

    def __init__(self, start_rad: np.ndarray, path_rad: np.ndarray) -> None:
        self.now_rad = np.array(start_rad, dtype=float)
        self.swept = len(path_rad) > 1
        self._left = list(path_rad)
        self._leaning_steps = 0

    @property
    def arrived(self) -> bool:
        """Whether the end of the path is reached."""
        return not self._left

    def step(self) -> np.ndarray:
        """Return where the arm is led one physics step later, float64[6] in radians."""
        if self._left:
            way = self._left[0] - self.now_rad
            furthest = float(np.abs(way).max())
            reach = _SPEED_RAD_S * TIMESTEP_S
            self.now_rad = self.now_rad + way * min(1.0, reach / max(furthest, 1e-9))
            self._leaning_steps = self._leaning_steps + 1 if furthest <= reach else 0
            if self._leaning_steps * TIMESTEP_S > _LEAN_S:
                self._left.pop(0)
                self._leaning_steps = 0
        return self.now_rad
