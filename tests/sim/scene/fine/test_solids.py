"""Solids are closed, their normals look outward, and a bevel takes their edges off."""

import numpy as np
import pytest

from armchair_sim.scene.fine.mesh import Mesh
from armchair_sim.scene.fine.outline import circle, rectangle, rounded
from armchair_sim.scene.fine.solids import block, extrude
from armchair_sim.scene.fine.sweeps import ball, disc, lathe, tube

FORK = rounded((0, 0), (3, 0), (3, 10, 1.4), (7, 10, 1.4), (7, 0), (10, 0), (10, 14, 4), (0, 14, 4))
SOLIDS = {
    "block": (block((0, 0, 0), (4, 5, 6), 0.5), 120 * 0.97),
    "plate with holes": (
        extrude("x", -1, 2, rectangle((0, 0), (20, 10)), circle(4, 5, 2), circle(14, 5, 3), bevel=0),
        3 * (200 - 13 * np.pi),
    ),
    "fork": (extrude("y", 0, 4, FORK, bevel=0.4), 4 * (140 - 40 - 7)),
    "disc": (disc("x", (1, 2, 3), 5, -2, 0.2), 50 * np.pi),
    "ball": (ball(3), 36 * np.pi),
    "cone": (lathe("y", (0, 0, 0), [(0, 0), (3, 0), (0, 4)], 40), 12 * np.pi),
}  # fmt: skip


def volume(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def open_edges(mesh: Mesh) -> int:
    """How many edges are not shared by two triangles, whatever normals their corners have."""
    _, place = np.unique(mesh.vertices.round(6), axis=0, return_inverse=True)
    faces = place.reshape(-1)[mesh.faces]
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    edges = edges[edges[:, 0] != edges[:, 1]]
    return int((np.unique(edges, axis=0, return_counts=True)[1] % 2).sum())


@pytest.mark.parametrize("name", SOLIDS)
def test_it_is_closed_and_as_large_as_it_should_be(name):
    mesh, expected = SOLIDS[name]
    assert open_edges(mesh) == 0
    assert volume(mesh) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("name", SOLIDS)
def test_normals_look_outward(name):
    mesh, _ = SOLIDS[name]
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    out = np.cross(b - a, c - a)
    big = np.linalg.norm(out, axis=1) > 1e-9
    for corner in range(3):
        assert ((out * mesh.normals[mesh.faces[:, corner]]).sum(axis=1)[big] > 0).all()


def test_a_mirror_image_is_not_inside_out():
    mesh, expected = SOLIDS["fork"]
    mirrored = mesh.placed(np.diag([1.0, -1.0, 1.0]), (0, 0, 5))
    assert volume(mirrored) == pytest.approx(expected, rel=0.05)


def test_a_bevel_takes_the_edges_off_and_keeps_the_size():
    sharp, soft = block((0, 0, 0), (4, 4, 4), 0.01), block((0, 0, 0), (4, 4, 4), 0.8)
    for mesh in (sharp, soft):
        np.testing.assert_allclose(
            [mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)], [[0] * 3, [4] * 3], atol=1e-9
        )
    assert 0.8 * volume(sharp) < volume(soft) < 0.97 * volume(sharp)


def test_a_tube_keeps_its_radius_around_a_bend():
    line = [(0, 0, 0), (10, 0, 0), (14, 6, 0), (14, 14, 3)]
    mesh = tube(line, 1.5)
    for point in line:
        away = np.linalg.norm(mesh.vertices - point, axis=1)
        assert away.min() == pytest.approx(1.5, abs=0.01)
