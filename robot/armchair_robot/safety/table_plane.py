"""The table plane: the gripper's tip stays above it, and the arm slides along it. No I/O.

The plane is the simulated arm's: joint zero in the middle of each range. On a real arm zero is where the calibration
found the middle, and a degree of difference at the shoulder is up to 7 mm at the tip: lower the limit there, or switch
it off.
"""

import numpy as np

from armchair_core.so101 import kinematics

_NEAR_M = 1e-4
_MOST_STEPS = 8
_PITCHING = (1, 2, 3)  # shoulder_lift, elbow_flex, wrist_flex: the joints that raise the tip
_NUDGE_DEG = 0.01


def tip_m(units: np.ndarray) -> float:
    """Return the height of the gripper's tip, metres, for a pose in the arm's units, float[6]."""
    return kinematics.forward_kinematics(kinematics.units_to_rad(units)).z


def above_table(goal: np.ndarray, before: np.ndarray, table_m: float, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the pose nearest to `goal` whose tip is not below the table, float32[6]; `goal` itself if it is above.

    `before` is the last goal. An arm that is below already is not lifted, it only cannot go deeper. Where nothing
    between `low` and `high` helps, the arm stays at `before`.
    """
    height_m = tip_m(goal)
    if height_m >= table_m:
        return goal
    floor_m = min(table_m, tip_m(before))
    raised = np.array(goal, np.float64)
    for _ in range(_MOST_STEPS):
        if abs(height_m - floor_m) < _NEAR_M:
            break
        # The least change of the joints that lifts the tip by what is missing: Newton's step along the slope.
        slope = _slope(raised, height_m)
        raised[list(_PITCHING)] += slope * (floor_m - height_m) / max(float(slope @ slope), 1e-12)
        raised = np.clip(raised, low, high)
        height_m = tip_m(raised)
    return raised.astype(np.float32) if height_m >= floor_m - _NEAR_M else before


def _slope(units: np.ndarray, height_m: float) -> np.ndarray:
    """Return how much a degree more of each pitching joint raises the tip, metres, float[3]."""
    nudged = [tip_m(units + _NUDGE_DEG * (np.arange(6) == joint)) for joint in _PITCHING]
    return (np.array(nudged) - height_m) / _NUDGE_DEG
