"""The descent of an arm that a person moves by eye: it brakes before table and base, and allows for its sag. No I/O.

The problem: a P loop's arm hangs below its goal by its own weight, 4 mm near the shoulder and 10 mm stretched out, and
comes down with momentum. A goal that is above the table is not enough for jaws that do not touch it. Sideways, too,
momentum carries a hand on that was told to stop before the base.
"""

import numpy as np

from armchair_core.so101.hull import HullPose, lowest_m
from armchair_robot.safety.clearance import Floors

_MOST_SAG_M, _SAG_WITHIN_S = 0.014, 0.15
_BRAKES_PER_S, _LANDS_M_S = 5.0, 0.015  # how fast it may come down: so much a metre that is left, and at the end


class Descent:
    """The floors for an arm's goals, by where the arm itself is."""

    def __init__(self) -> None:
        self._sag_m = 0.0

    def floors(self, goal: np.ndarray, present: np.ndarray, table_m: float, spare_m: float, step_s: float) -> Floors:
        """Return how low the arm may be told to go, when `goal` was the last and it is at `present`, float[6] each.

        The table is at `table_m`, and `spare_m` shall be left above it.
        """
        sags_m = min(max(lowest_m(goal) - lowest_m(present), 0.0), _MOST_SAG_M)
        self._sag_m += (sags_m - self._sag_m) * min(1.0, step_s / _SAG_WITHIN_S)
        return Floors(table_m + spare_m + self._sag_m, spare_m)


def braked(floors: Floors, hull: HullPose, step_s: float) -> Floors:
    """Return the floors of this step for a goal that had this hull: it comes near to neither of them quickly."""
    table_m, base_m = floors.table_m, floors.base_m
    if table_m is not None:
        table_m = _braked(table_m, hull.lowest()[1], step_s)
    if hull.is_hand_near_base:
        base_m = _braked(base_m, hull.nearest_to_base()[1], step_s)
    return Floors(table_m, base_m)


def _braked(floor_m: float, off_m: float, step_s: float) -> float:
    left_m = off_m - floor_m
    return max(floor_m, off_m - (left_m * _BRAKES_PER_S + _LANDS_M_S) * step_s) if left_m > 0 else floor_m
