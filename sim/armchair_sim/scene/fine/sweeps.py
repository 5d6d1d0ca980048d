"""The round solids that parts are made of: bodies of revolution and tubes. No I/O."""

from collections.abc import Sequence

import numpy as np

from armchair_sim.scene.fine.mesh import Mesh, from_quads, join
from armchair_sim.scene.fine.outline import circle
from armchair_sim.scene.fine.solids import ALONG, SMOOTH


def lathe(along: str, at: Sequence[float], profile: Sequence[tuple[float, float]], pieces: int = 20) -> Mesh:
    """Return the body of revolution about an axis through `at`: (radius, height), from the lower end to the upper."""
    line = np.array(profile, float)
    steps = np.diff(line, axis=0)
    normal = np.column_stack([steps[:, 1], -steps[:, 0]]) / np.linalg.norm(steps, axis=1, keepdims=True)
    first, last = normal.copy(), normal.copy()
    for i in range(1, len(normal)):
        if normal[i - 1] @ normal[i] > SMOOTH:
            mean = normal[i - 1] + normal[i]
            first[i] = last[i - 1] = mean / np.linalg.norm(mean)
    about = np.linspace(0, 2 * np.pi, pieces + 1)
    c, s = np.cos(about), np.sin(about)

    def turned(r: float, z: float) -> np.ndarray:
        return np.column_stack([r * c, r * s, np.full(pieces + 1, z)])

    quads, normals = [], []
    for i in range(len(steps)):
        a, b, n, m = turned(*line[i]), turned(*line[i + 1]), turned(*first[i]), turned(*last[i])
        quads.append(np.stack([a[:-1], a[1:], b[1:], b[:-1]], axis=1))
        normals.append(np.stack([n[:-1], n[1:], m[1:], m[:-1]], axis=1))
    return join([from_quads(np.concatenate(quads), np.concatenate(normals))]).placed(ALONG[along], np.array(at, float))


def disc(along: str, at: Sequence[float], radius: float, height: float, bevel: float = 0.8, pieces: int = 22) -> Mesh:
    """Return a cylinder with bevelled edges whose foot is `at`; a negative `height` goes the other way."""
    low, high = sorted((0.0, height))
    bevel = min(bevel, (high - low) / 2.1)
    edge = [
        (0, low),
        (radius - bevel, low),
        (radius, low + bevel),
        (radius, high - bevel),
        (radius - bevel, high),
        (0, high),
    ]
    return lathe(along, at, edge, pieces)


def ball(radius: float) -> Mesh:
    """Return a sphere about the origin."""
    about = np.linspace(-np.pi / 2, np.pi / 2, 17)
    return lathe("z", (0, 0, 0), [(radius * np.cos(a), radius * np.sin(a)) for a in about], 32)


def tube(points: Sequence[Sequence[float]], radius: float, sides: int = 7) -> Mesh:
    """Return a tube along a smooth curve through `points`, open at its ends."""
    line = _curve(np.array(points, float))
    ahead = np.gradient(line, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    across = np.cross(ahead[0], np.eye(3)[np.abs(ahead[0]).argmin()])
    rings = []
    for way in ahead:
        across = across - way * (across @ way)
        across /= np.linalg.norm(across)
        rings.append(circle(0, 0, 1, sides) @ np.array([across, np.cross(way, across)]))
    normals = np.array(rings)
    corners = line[:, None] + radius * normals

    def quads(values: np.ndarray) -> np.ndarray:
        after = np.roll(values, -1, axis=1)
        return np.stack([values[:-1], after[:-1], after[1:], values[1:]], axis=2).reshape(-1, 4, 3)

    return join([from_quads(quads(corners), quads(normals))])


def _curve(points: np.ndarray, pieces: int = 5) -> np.ndarray:
    """Return a Catmull-Rom curve through `points`, [N, 3], in `pieces` straight ones between two of them."""
    ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, pieces, endpoint=False)[:, None]
    found = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        found.append(b + t * (c - a) / 2 + t**2 * (a - 2.5 * b + 2 * c - d / 2) + t**3 * (1.5 * (b - c) + (d - a) / 2))
    return np.concatenate([*found, points[-1:]])
