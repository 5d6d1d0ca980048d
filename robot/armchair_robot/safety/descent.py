"""The descent to the table of an arm that a person moves by eye: it brakes, and allows for its sag. No I/O.

The problem: a P loop's arm hangs below its goal by its own weight, 4 mm near the shoulder and 10 mm stretched out, and
comes down with momentum. A goal that is above the table is not enough for jaws that do not touch it.
"""

import numpy as np

from armchair_core.so101.hull import lowest_m
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


def braked(floors: Floors, height_m: float, step_s: float) -> Floors:
    """Return the floors of this step for a goal that was `height_m` above the table."""
    if floors.table_m is None or height_m <= floors.table_m:
        return floors
    left_m = height_m - floors.table_m
    most_m_s = left_m * _BRAKES_PER_S + _LANDS_M_S
    return Floors(max(floors.table_m, height_m - most_m_s * step_s), floors.base_m)
