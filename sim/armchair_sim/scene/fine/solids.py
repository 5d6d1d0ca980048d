"""The bevelled solids that parts are made of: outlines given a thickness. No I/O.

Round faces have smooth normals. So have bevels: from the normal of the one face to that of the other, by which two
triangles look like a rounded edge.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from armchair_sim.scene.fine.mesh import Mesh, from_quads, join
from armchair_sim.scene.fine.outline import rectangle, triangles

SMOOTH = np.cos(np.radians(40))  # two edges that turn by less than this are parts of one curve
# Columns: where a solid's own x, y and z point. Its outline lies in the other two axes, in alphabetical order.
ALONG = {
    "x": np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], float),
    "y": np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], float),
    "z": np.eye(3),
}


def extrude(along: str, low: float, high: float, outline: np.ndarray, *holes: np.ndarray, bevel: float = 0.8) -> Mesh:
    """Return the solid of an outline, [N, 2] counterclockwise, from `low` to `high` along an axis, with `holes`."""
    bevel = min(bevel, (high - low) / 2.1)
    loops = [outline, *(hole[::-1] for hole in holes)]
    sides = [_side(loop, low, high, bevel) for loop in loops]
    inset = [_inset(loop, bevel) for loop in loops]
    faces, points = triangles(inset), np.concatenate(inset)
    caps = [_cap(points, faces, high, 1), _cap(points, faces[:, ::-1], low, -1)]
    return join([*sides, *caps]).placed(ALONG[along])


def _normals(loop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the normals of the edge that ends at each corner of a loop and of the one that begins there."""
    edges = np.roll(loop, -1, axis=0) - loop
    begins = np.column_stack([edges[:, 1], -edges[:, 0]])
    begins /= np.linalg.norm(begins, axis=1, keepdims=True)
    return np.roll(begins, 1, axis=0), begins


def _inset(loop: np.ndarray, by: float) -> np.ndarray:
    ends, begins = _normals(loop)
    return loop - by * (ends + begins) / np.maximum(1 + (ends * begins).sum(axis=1, keepdims=True), 0.3)


def _side(loop: np.ndarray, low: float, high: float, bevel: float) -> Mesh:
    """Return the wall around a loop and the two bevels at its edges."""
    ends, begins = _normals(loop)
    smooth = ((ends * begins).sum(axis=1) > SMOOTH)[:, None]
    mean = (ends + begins) / np.maximum(np.linalg.norm(ends + begins, axis=1, keepdims=True), 1e-9)
    first, last = np.where(smooth, mean, begins), np.roll(np.where(smooth, mean, ends), -1, axis=0)
    inset = _inset(loop, bevel)
    up, down = np.array([0, 0, 1.0]), np.array([0, 0, -1.0])
    rows = [(inset, low, down), (loop, low + bevel, None), (loop, high - bevel, None), (inset, high, up)]
    rows = rows if bevel else rows[1:3]
    quads, normals = [], []
    for (here, z, n), (there, top, m) in pairwise(rows):
        a, b = _at(here, z), _at(there, top)
        quads.append(np.stack([a, np.roll(a, -1, axis=0), np.roll(b, -1, axis=0), b], axis=1))
        corner = [_or(n, first), _or(n, last), _or(m, last), _or(m, first)]
        normals.append(np.stack(corner, axis=1))
    return from_quads(np.concatenate(quads), np.concatenate(normals))


def _at(loop: np.ndarray, z: float) -> np.ndarray:
    return np.column_stack([loop, np.full(len(loop), z)])


def _or(normal: np.ndarray | None, flat: np.ndarray) -> np.ndarray:
    return _at(flat, 0.0) if normal is None else np.tile(normal, (len(flat), 1))


def _cap(points: np.ndarray, faces: np.ndarray, z: float, side: int) -> Mesh:
    return Mesh(_at(points, z), np.tile([0.0, 0.0, side], (len(points), 1)), faces)


def block(low: Sequence[float], high: Sequence[float], radius: float, bevel: float | None = None) -> Mesh:
    """Return a box whose upright edges have a radius, and the others a bevel of the same size unless it is given."""
    return extrude("z", low[2], high[2], rectangle(low[:2], high[:2], radius), bevel=radius if bevel is None else bevel)
