"""The triangle mesh: vertices with normals, in whatever unit its maker draws in. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mesh:
    """`vertices` and unit `normals`, float64[N, 3], and `faces`, int64[M, 3], counterclockwise seen from outside."""

    vertices: np.ndarray
    normals: np.ndarray
    faces: np.ndarray

    def placed(self, turn: np.ndarray, offset: np.ndarray | tuple[float, ...] = (0, 0, 0)) -> "Mesh":
        """Return it turned by `turn`, float64[3, 3] (a mirror image is right, too), then moved by `offset`."""
        faces = self.faces if np.linalg.det(turn) > 0 else self.faces[:, ::-1]
        return Mesh(self.vertices @ turn.T + offset, self.normals @ turn.T, faces)

    def scaled(self, factor: float) -> "Mesh":
        """Return it `factor` times as large."""
        return Mesh(self.vertices * factor, self.normals, self.faces)


def join(meshes: Iterable[Mesh]) -> Mesh:
    """Return one mesh of all, in which vertices that agree in place and normal are one."""
    meshes = list(meshes)
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    corners = np.concatenate([np.hstack([mesh.vertices, mesh.normals]) for mesh in meshes])
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)])
    _, first, which = np.unique(corners.round(5), axis=0, return_index=True, return_inverse=True)
    faces = which.reshape(-1)[faces]
    flat = (faces == np.roll(faces, 1, axis=1)).any(axis=1)
    return Mesh(corners[first, :3], corners[first, 3:], faces[~flat])


def from_quads(corners: np.ndarray, normals: np.ndarray) -> Mesh:
    """Return the mesh of four-sided pieces: corners and their normals, float64[K, 4, 3], counterclockwise."""
    first = 4 * np.arange(len(corners))[:, None]
    faces = np.concatenate([first + np.array(each) for each in ((0, 1, 2), (0, 2, 3))])
    return Mesh(corners.reshape(-1, 3), normals.reshape(-1, 3), faces)
