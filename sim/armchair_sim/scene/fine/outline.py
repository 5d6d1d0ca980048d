"""The outline: a closed polygon with rounded corners, and its triangles. No I/O."""

from collections.abc import Sequence

import numpy as np

_ARC_RAD, _SMALL_ARC_RAD, _SMALL = np.radians(21), np.radians(46), 4.0  # between a corner's points


def rounded(*corners: tuple[float, ...]) -> np.ndarray:
    """Return a polygon, float64[N, 2], of corners (x, y) or (x, y, radius), counterclockwise."""
    points = np.array([corner[:2] for corner in corners], float)
    radii = [corner[2] if len(corner) > 2 else 0.0 for corner in corners]
    if _area(points) < 0:
        points, radii = points[::-1], radii[::-1]
    arcs = [_arc(points[i - 1], points[i], points[(i + 1) % len(points)], radii[i]) for i in range(len(points))]
    found = np.concatenate(arcs)
    return found[np.linalg.norm(found - np.roll(found, 1, axis=0), axis=1) > 1e-6]


def rectangle(low: Sequence[float], high: Sequence[float], radius: float = 0.0) -> np.ndarray:
    """Return the polygon of an upright rectangle with rounded corners."""
    (x, y), (right, top) = low, high
    return rounded((x, y, radius), (right, y, radius), (right, top, radius), (x, top, radius))


def circle(x: float, y: float, radius: float, points: int = 24) -> np.ndarray:
    """Return the polygon of a circle."""
    about = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.column_stack([x + radius * np.cos(about), y + radius * np.sin(about)])


def _area(points: np.ndarray) -> float:
    x, y = points.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def _arc(before: np.ndarray, corner: np.ndarray, after: np.ndarray, radius: float) -> np.ndarray:
    """Return the points that round one corner off; a radius too large for its edges is made to fit."""
    back, on = before - corner, after - corner
    long_back, long_on = np.linalg.norm(back), np.linalg.norm(on)
    back, on = back / long_back, on / long_on
    half = np.arccos(np.clip(back @ on, -1, 1)) / 2  # of the angle between the edges
    if radius <= 0 or half > np.radians(89):
        return corner[None]
    cut = min(radius / np.tan(half), 0.499 * min(long_back, long_on))
    radius = cut * np.tan(half)
    middle = corner + (back + on) / np.linalg.norm(back + on) * radius / np.sin(half)
    start, end = corner + cut * back - middle, corner + cut * on - middle
    sweep = np.pi - 2 * half
    pieces = round(sweep / (_ARC_RAD if radius > _SMALL else _SMALL_ARC_RAD))
    way = np.sign(start[0] * end[1] - start[1] * end[0]) * sweep
    angles = np.linspace(0, way, max(2, pieces + 1))
    c, s = np.cos(angles), np.sin(angles)
    return middle + np.column_stack([c * start[0] - s * start[1], s * start[0] + c * start[1]])


def triangles(loops: Sequence[np.ndarray]) -> np.ndarray:
    """Return the triangles, int64[M, 3], of a polygon with holes: corners numbered through all loops, one by one.

    The first loop runs counterclockwise, the holes clockwise. By clipping ears, after a cut to each hole.
    """
    points = np.concatenate(loops)
    starts = np.cumsum([0, *map(len, loops)])
    way = list(range(starts[1]))
    if len(loops) == 1 and _is_convex(points):
        return np.array([(0, corner, corner + 1) for corner in way[1:-1]])
    for hole in range(1, len(loops)):
        way = _cut_to(points, way, list(range(starts[hole], starts[hole + 1])))
    found = []
    while len(way) > 3:
        ear = _ear(points, way)
        found.append((way[ear - 1], way[ear], way[(ear + 1) % len(way)]))
        del way[ear]
    return np.array([*found, tuple(way)])


def _is_convex(points: np.ndarray) -> bool:
    edges = np.roll(points, -1, axis=0) - points
    return bool((_cross(edges, np.roll(edges, -1, axis=0)) > -1e-9).all())


def _cut_to(points: np.ndarray, way: list[int], hole: list[int]) -> list[int]:
    """Return `way` led around `hole` too, by the shortest cut."""
    apart = np.linalg.norm(points[way][:, None] - points[hole][None], axis=2)
    i, j = np.unravel_index(apart.argmin(), apart.shape)
    return [*way[: i + 1], *hole[j:], *hole[: j + 1], *way[i:]]


def _ear(points: np.ndarray, way: list[int]) -> int:
    """Return which corner of `way` can be cut off: the roundest triangle that holds no other corner."""
    at = points[way]
    a, b, c = np.roll(at, 1, axis=0), at, np.roll(at, -1, axis=0)
    turn = _cross(b - a, c - b)
    edges = [np.linalg.norm(side, axis=1) for side in (b - a, c - b, a - c)]
    roundness = turn / np.maximum(np.max(edges, axis=0) ** 2, 1e-12)
    for corner in np.argsort(-roundness):
        if turn[corner] <= 1e-12:
            break
        p, q, r = a[corner], b[corner], c[corner]
        inside = (_cross(q - p, at - p) > -1e-9) & (_cross(r - q, at - q) > -1e-9) & (_cross(p - r, at - r) > -1e-9)
        own = (np.abs(at[:, None] - np.array([p, q, r])) < 1e-9).all(axis=2).any(axis=1)
        if not (inside & ~own).any():
            return int(corner)
    return int(np.argmax(roundness))  # what is left has no area


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
