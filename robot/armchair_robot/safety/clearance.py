"""The clearance of the arm: all of it stays above the table, and the hand out of the arm's own base. No I/O.

What counts is the lowest point of both jaws at any opening, of the wrist's housing and of the arm behind. An arm that
is at a floor slides along it. A gripper that something holds open is not where it was told to be: both openings count.

The table is the simulated arm's: joint zero in the middle of each range. On a real arm zero is where the calibration
found the middle, and a degree of difference at the shoulder is up to 7 mm at the tip: lower the limit there, or switch
it off.
"""

from dataclasses import dataclass

import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.so101.hull import HullPose, hull_pose

_AIM_M = 5e-5  # beyond the floor, so that Newton's last step does not end a rounding below it
_SAG_M = 5e-4  # an arm that is this little below a floor is at it
_TOUCHES_M = 0.008  # the encoders do not see the gears' play
_MOST_STEPS, _MOST_DEG = 12, 20.0
_UP = np.array([0.0, 0.0, 1.0])
# The joints that carry the hand give way: it turns and opens as it is asked to, and is lifted meanwhile.
_CARRIES = np.array([1.0, 1, 1, 1, 0, 0])
_GIVE_UP_LAST = (0, 4, 5, 3, 2, 1)  # those first that hardly ever press on anything


def what_it_presses_on(units: np.ndarray, table_m: float | None) -> str:
    """Return what an arm that works hard presses on at a pose, float[6], and what to do; "" if neither is near."""
    hull = hull_pose(kinematics.units_to_rad(units))
    if table_m is not None and hull.lowest()[1] < table_m + _TOUCHES_M:
        return "the gripper presses on the table: drive up"
    if hull.nearest_to_base()[1] < _TOUCHES_M:
        return "the hand presses on the arm's own base: drive up, or forward"
    return ""


@dataclass(frozen=True)
class Floors:
    """The least metres between the arm's lowest point and the table, and between the hand and the base; None: any."""

    table_m: float | None
    base_m: float


@dataclass(frozen=True)
class Room:
    """The room that the arm has. `opening` is where the gripper is now, 0 to 100, whatever it is told."""

    low: np.ndarray
    high: np.ndarray
    opening: float
    floors: Floors

    def kept(self, goal: np.ndarray, before: np.ndarray, rise_m: float = 0.0) -> np.ndarray:
        """Return the pose nearest to `goal` that respects the floors, float[6]; `goal` itself if it does.

        `before` is the last goal. An arm that is lower already is lifted by `rise_m`, and goes no deeper. Where
        nothing near helps, each joint that can goes on and the others stay.
        """
        if self.is_clear(goal):
            return goal
        floors = self._eased(before, rise_m)
        nearest = self._nearest(goal, floors)
        return self._joint_by_joint(goal, before, floors) if nearest is None else nearest

    def kept_on_way(self, goal: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Return `goal` unless it dips into table or base on the way from `before` to where there is room, float[6].

        The nearest room may lie on the other side of the base, and a slow arm would take the way through it.
        """
        floors = self._eased(before, 0.0)
        dips = _worst(self.hull(goal), floors).lacks_m > _SAG_M
        return self._joint_by_joint(goal, before, floors) if dips else goal

    def is_clear(self, units: np.ndarray) -> bool:
        """Return whether a pose respects the floors."""
        return _worst(self.hull(units), self.floors).lacks_m <= 0

    def is_below(self, units: np.ndarray) -> bool:
        """Return whether an arm in this pose lies on the table or on its base, lower than the floors."""
        return self._eased(units, 0.0) != self.floors

    def reached(self, goal: np.ndarray, before: np.ndarray, rise_m: float = 0.0) -> np.ndarray:
        """Return what `kept` does for a goal that is not clear, and may be far: where nothing helps it stays."""
        nearest = self._nearest(goal, self._eased(before, rise_m))
        return goal if nearest is None else nearest

    def _nearest(self, goal: np.ndarray, floors: Floors) -> np.ndarray | None:
        units = np.asarray(goal, np.float64)
        for _ in range(_MOST_STEPS):
            hull = self.hull(units)
            worst = _worst(hull, floors)
            if worst.lacks_m <= 0:
                return units
            units = self._raised(units, hull.slope(worst.point, worst.way), worst.lacks_m + _AIM_M)
        return None

    def hull(self, units: np.ndarray) -> HullPose:
        """Return the hull in a pose, float[6] in the arm's units."""
        opening_rad = kinematics.units_to_rad(np.array([0, 0, 0, 0, 0, self.opening]))[5]
        return hull_pose(kinematics.units_to_rad(units), opening_rad)

    def is_at_base(self, units: np.ndarray) -> bool:
        """Return whether it is the base, rather than the table, that holds the arm back at a pose, float[6]."""
        hull, table_m = self.hull(units), self.floors.table_m
        off_m = hull.nearest_to_base()[1] - self.floors.base_m
        return table_m is None or off_m < hull.lowest()[1] - table_m

    def _eased(self, before: np.ndarray, rise_m: float) -> Floors:
        """Return the floors for an arm that may be below them."""
        hull, table_m, base_m = self.hull(before), self.floors.table_m, self.floors.base_m
        if table_m is not None and (height_m := hull.lowest()[1]) < table_m - _SAG_M:
            table_m = min(table_m, height_m + rise_m)
        if (off_m := hull.nearest_to_base()[1]) < base_m - _SAG_M:
            base_m = min(base_m, off_m + rise_m)
        return Floors(table_m, base_m)

    def _raised(self, units: np.ndarray, slope: np.ndarray, lacks_m: float) -> np.ndarray:
        """Return the least change of the carrying joints that makes up for what is lacking: Newton's step."""
        slope = np.radians(slope * _CARRIES)  # metres a degree
        at_end = ((units <= self.low) & (slope < 0)) | ((units >= self.high) & (slope > 0))
        slope = np.where(at_end, 0.0, slope)
        step = slope * lacks_m / max(float(slope @ slope), 1e-9)
        return np.clip(units + np.clip(step, -_MOST_DEG, _MOST_DEG), self.low, self.high)

    def _joint_by_joint(self, goal: np.ndarray, before: np.ndarray, floors: Floors) -> np.ndarray:
        kept = np.array(before, np.float64)
        for joint in _GIVE_UP_LAST:
            tried = np.where(np.arange(6) == joint, goal, kept)
            if _worst(self.hull(tried), floors).lacks_m <= 0:
                kept = tried
        return kept


@dataclass(frozen=True)
class _Worst:
    """The point of the hull that lacks most room: how much, in metres, and which way it would have it."""

    lacks_m: float
    point: int
    way: np.ndarray


def _worst(hull: HullPose, floors: Floors) -> _Worst:
    worst = _Worst(float("-inf"), 0, _UP)
    if floors.table_m is not None:
        point, height_m = hull.lowest()
        worst = _Worst(floors.table_m - height_m, point, _UP)
    if hull.is_hand_near_base:
        point, off_m, way = hull.nearest_to_base()
        if floors.base_m - off_m > worst.lacks_m:
            worst = _Worst(floors.base_m - off_m, point, way)
    return worst
