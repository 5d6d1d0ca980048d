"""The units of joints, guessed from the numbers alone, and only where they give it away. No I/O."""

from collections.abc import Sequence

import numpy as np

DEGREES, NORMALISED, RADIANS = "degrees", "-100..100", "radians"
_HALF_TURN_RAD = 3.2
_ALMOST = 1e-3


def guess_units(names: Sequence[str], low: np.ndarray, high: np.ndarray) -> str | None:
    """Return the units of an SO-100's or SO-101's body joints that went from `low` to `high` [N]; None if unsure.

    LeRobot's -100..100 cuts off at exactly these ends (lerobot 0.6.1, motors/motors_bus.py, `_normalize`), where no
    count of a servo's ticks in degrees falls: 100 degrees are 1137.5 ticks. An arm that stays within half a turn of
    radians would, in degrees, have moved by three. The gripper counts from 0 to 100 in every convention.
    """
    body = np.array([not name.startswith("gripper") for name in names], bool)
    low, high = low[body], high[body]
    if not len(low) or not np.isfinite([low, high]).all():
        return None
    reach = np.maximum(np.abs(low), np.abs(high))
    if reach.max() > 100 + _ALMOST:
        return DEGREES
    if np.any(np.abs(reach - 100) <= _ALMOST):
        return NORMALISED
    if reach.max() <= _HALF_TURN_RAD and np.any(high > low):
        return RADIANS
    return None


def units_of(robot_type: str | None, names: Sequence[str], action: np.ndarray) -> str | None:
    """Return the units of actions, float [N, A]; None for arms that are no SO-100 or SO-101, and if unsure."""
    if not (robot_type or "").startswith(("so_", "so100", "so101", "armchair")):
        return None
    return guess_units(names, action.min(axis=0), action.max(axis=0))
