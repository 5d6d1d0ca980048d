"""The hull of the SO-101: the outermost points of what moves, in any pose, and the base that stands. No I/O.

The problem: the grasp point lies between the jaws, and the jaws' ends reach 12 mm lower. What must not touch is the
lowest point of the whole hand at any opening, and of the arm behind it. A convex hull's lowest point is a corner of it,
so corners are all that the table needs. The base has edges of its own, which fit between the hand's corners: there the
hand is points all through its hulls, a finger's breadth apart.

Points are in the frame of the link that carries them, in millimetres; those of the hand are the corners of its convex
hulls, to 0.4 mm, those of the arm the corners of the boxes around it. They are read off the shapes that are simulated
(`armchair_sim.scene.shapes`, which follow the public meshes: [TRS] in `kinematics`); a test compares the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from armchair_core.so101 import kinematics

# fmt: off
_UPPER_ARM_MM = (-124.4, -36.8, -13.1), (-60, 13.6, 50.6)  # the box around its half at the elbow: low, high
_LOWER_ARM_MM = (-146.8, -13.5, -13.1), (13.6, 18.4, 50.6)
_WRIST_MM = (-12.6, -56.9, -12.6), (12.5, 12.6, 50.3)
_GRIPPER_MM = (  # with the fixed jaw
    (-7.9, -10.5, -104.4), (-7.9, 10.5, -104.4), (-19.1, -13.8, -103.9), (-20.4, 11.7, -103.9),
    (-11.7, -13.4, -103.6), (-12.9, 12.1, -103.6), (-25.3, -25.6, -63.2), (-27.6, 20.4, -63.2), (-18.6, 20.8, -62.1),
    (-32, -28.4, -37.3), (22.9, -25.7, -37.3), (-34.5, 22.5, -36.8), (-16.5, 23.4, -36.8), (35.5, -17.9, -33.8),
    (33.6, 21.6, -33.8), (30.9, -25.3, -7.8), (35.5, -17.9, -7.8), (33.6, 21.6, -7.8), (28.4, 25.6, -7.8),
    (-32, -28.4, -0.8), (30.9, -25.3, -0.8), (-34.5, 22.5, -0.8), (28.4, 25.6, -0.8), (0.9, -18.3, 4.7),
    (11, -14.7, 4.7), (-12.4, -13.5, 4.7), (-17.9, -4.3, 4.7), (18.3, -2.5, 4.7), (-18.3, 2.9, 4.7),
    (16.7, 8.1, 4.7), (-13.7, 12.6, 4.7), (-4.5, 18.1, 4.7), (2.7, 18.5, 4.7),
)
_MOVING_JAW_MM = (
    (10, 0, -10.9), (8.3, 5.9, -10.8), (3.5, 9.7, -10.6), (-2.5, 10.3, -10.3), (11.5, 3.8, -10), (-7.9, 7.5, -10),
    (-10.8, 2.1, -9.9), (7.4, -36.1, -9.8), (8.6, -32.1, -9.8), (-8.5, -34.5, -9), (-11.3, -30.5, -8.8),
    (-1.8, -79.9, 4.7), (-9.1, -78.5, 5.1), (-5.7, -81.3, 8.3), (-12.6, -80, 8.3), (-5.7, -81.3, 29.3),
    (-12.6, -80, 29.3), (-0.5, -79.9, 30.7), (-7.9, -78.5, 31), (14.1, 3.8, 44), (11.2, -32.1, 44.1),
    (10.1, -36.1, 44.2), (-5.8, -34.5, 45), (-8.7, -30.5, 45.1), (12.7, 0, 45.1), (11, 5.9, 45.1), (6.3, 9.7, 45.4),
    (0.2, 10.3, 45.7), (-3.6, 8.8, 45.8), (-5.2, 7.5, 45.9), (-8, 2.1, 46.1),
)
# The base, which nothing moves: boxes in its own frame, low and high. The foot with its board, and the pan's servo.
_BASE_MM = (((-31, -55.5, 0), (64.6, 55.5, 34)), ((5, -24, 0), (64.6, 24, 66.5)))
# fmt: on


def _corners(low: tuple[float, ...], high: tuple[float, ...]) -> list[tuple[float, ...]]:
    return [(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]


def _between(corners_mm: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Return points inside the convex hull of some corners, none nearer than _APART_MM to another or to a corner."""
    corners, kept = np.array(corners_mm), list[tuple[float, ...]]()
    near = [*np.linspace(corners[:, None], corners[None], 7)[1:4].reshape(-1, 3)]
    left = np.array([point for point in near if np.abs(corners - point).sum(axis=1).min() >= _APART_MM])
    while len(left):
        kept.append(tuple(left[0].tolist()))
        left = left[np.linalg.norm(left - left[0], axis=1) >= _APART_MM]
    return kept


_MM = 1e-3
_APART_MM = 12.0
_WRIST_CORNERS_MM = _corners(*_WRIST_MM)
_POINTS_MM = (  # what each link carries; the shoulder turns about the vertical, well above the table
    (), _corners(*_UPPER_ARM_MM), _corners(*_LOWER_ARM_MM), [*_WRIST_CORNERS_MM, *_between(_WRIST_CORNERS_MM)],
    [*_GRIPPER_MM, *_between(_GRIPPER_MM)], [*_MOVING_JAW_MM, *_between(_MOVING_JAW_MM)],
)  # fmt: skip
_LINKS = np.repeat(range(7), [*map(len, _POINTS_MM), len(_POINTS_MM[5])])  # each point's; 6: the jaw, opened otherwise
_JOINTS_BEFORE = np.array([1, 2, 3, 4, 5, 6, 5])  # how many joints move a link; the other opening is as it is
_FIRST_OF_HAND = int((_LINKS < 3).sum())  # wrist, gripper and both jaws
_POINTS_M = np.array([point for points in (*_POINTS_MM, _POINTS_MM[5]) for point in points]) * _MM
_POINTS_M = np.column_stack([_POINTS_M, np.ones(len(_POINTS_M))])
_BASE_M = np.array(_BASE_MM) * _MM  # [box, low or high, 3]
_BASE_MIDDLE_M, _BASE_HALF_M = _BASE_M.mean(axis=1), np.diff(_BASE_M, axis=1)[:, 0] / 2

_NEAR_BASE_M = 0.22  # from the foot's middle to the wrist roll: the hand reaches 0.12 on, and the foot 0.08


def _frame(link: kinematics.Link) -> np.ndarray:
    """Return a link's frame in its parent's, float64[4,4]."""
    w, x, y, z = np.array(link.quat_wxyz) / np.linalg.norm(link.quat_wxyz)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), link.pos_m[0]],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x), link.pos_m[1]],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y), link.pos_m[2]],
        [0.0, 0.0, 0.0, 1.0],
    ])  # fmt: skip


_FRAMES = np.array([_frame(link) for link in (*kinematics.LINKS, kinematics.LINKS[5])])


@dataclass(frozen=True)
class HullPose:
    """The hull in one pose: `points_m` float64[N,3] in the base frame, `frames` float64[6,4,4] of the links."""

    points_m: np.ndarray
    frames: np.ndarray

    def lowest(self) -> tuple[int, float]:
        """Return which point is lowest, and its height above the base's foot in metres."""
        point = int(self.points_m[:, 2].argmin())
        return point, float(self.points_m[point, 2])

    @property
    def is_hand_near_base(self) -> bool:
        """Whether `nearest_to_base` is worth asking."""
        off = self.frames[4, :2, 3] - _BASE_MIDDLE_M[0, :2]
        return bool(off @ off < _NEAR_BASE_M**2)

    def nearest_to_base(self) -> tuple[int, float, np.ndarray]:
        """Return which of the hand's points is nearest to the base, its distance in metres, and the way off, float[3].

        The distance is below 0 inside. The way off is of length 1.
        """
        off = self.points_m[_FIRST_OF_HAND:, None] - _BASE_MIDDLE_M  # [hand, box, 3]
        beyond = np.abs(off) - _BASE_HALF_M
        inside, outside = beyond.max(axis=2), np.maximum(beyond, 0.0)
        distance = np.where(inside < 0, inside, np.sqrt((outside * outside).sum(axis=2)))
        point, box = divmod(int(distance.argmin()), len(_BASE_HALF_M))
        out = beyond[point, box]
        way = np.maximum(out, 0.0) if inside[point, box] > 0 else (out == out.max()).astype(float)
        way = np.copysign(way, off[point, box]) / np.sqrt(way @ way)
        return point + _FIRST_OF_HAND, float(distance[point, box]), way

    def slope(self, point: int, way: np.ndarray) -> np.ndarray:
        """Return how much a radian of each joint moves a point along `way`, metres, float64[6]."""
        axes, anchors_m = self.frames[:, :3, 2], self.frames[:, :3, 3]
        moved = np.cross(axes, self.points_m[point] - anchors_m) @ way
        moved[_JOINTS_BEFORE[_LINKS[point]] :] = 0.0
        return moved


def hull_pose(angles_rad: np.ndarray, other_opening_rad: float | None = None) -> HullPose:
    """Return the hull for joint angles, float[6]; with the moving jaw at another opening as well. Costs some 70 µs."""
    turns = np.append(angles_rad[:6], angles_rad[5] if other_opening_rad is None else other_opening_rad)
    about_z = np.zeros((7, 4, 4))
    about_z[:, 0, 0] = about_z[:, 1, 1] = np.cos(turns)
    about_z[:, 1, 0] = np.sin(turns)
    about_z[:, 0, 1] = -about_z[:, 1, 0]
    about_z[:, 2, 2] = about_z[:, 3, 3] = 1.0
    frames = _FRAMES @ about_z  # each in its parent's, then in the base's
    for link in range(1, 6):
        frames[link] = frames[link - 1] @ frames[link]
    frames[6] = frames[4] @ frames[6]
    points_m = np.einsum("nij,nj->ni", frames[_LINKS, :3], _POINTS_M)
    return HullPose(points_m, frames[:6])


def lowest_m(units: np.ndarray) -> float:
    """Return the height of the arm's lowest point, metres, for a pose in LeRobot's units, float[6]."""
    return hull_pose(kinematics.units_to_rad(units)).lowest()[1]
