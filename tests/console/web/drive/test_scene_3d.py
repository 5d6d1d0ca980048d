"""What the page is told of the 3-D scene: the meshes of the simulation, and where everything is."""

import base64
import gzip
import json

import numpy as np
import pytest

from armchair.web.drive.scene_3d import Scene3D
from armchair_core.so101.joints import JOINTS
from armchair_core.so101.kinematics import START
from armchair_sim.scene.fine.arm_level import arm_meshes


@pytest.fixture(scope="module")
def scene():
    return Scene3D("sort", None)


def unpacked(scene: Scene3D) -> dict:
    return json.loads(gzip.decompress(scene.meshes.content))


def array(text: str, kind: str, width: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind).reshape(-1, width)


def test_each_geom_has_its_mesh_and_the_arm_is_all_there(scene):
    shapes, packed = scene.shapes(), unpacked(scene)
    assert len(shapes["geoms"]) == len(packed["meshes"])
    assert {shapes["bodies"][geom["body"]] for geom in shapes["geoms"]} == set(shapes["bodies"])
    triangles = sum(len(array(mesh["faces"], "<u2", 3)) for mesh in packed["meshes"])
    assert sum(len(mesh.faces) for look in arm_meshes().values() for mesh in look.values()) < triangles < 22_000


def test_a_mesh_is_where_it_was_made(scene):
    """MuJoCo moves meshes to their middle; what the page gets is in the body's frame again, to 25 micrometres."""
    shapes, packed = scene.shapes(), unpacked(scene)
    for body, look in arm_meshes().items():
        number = shapes["bodies"].index(body)
        ours = [mesh for geom, mesh in zip(shapes["geoms"], packed["meshes"], strict=True) if geom["body"] == number]
        found = np.concatenate([array(mesh["positions"], "<i2", 3) for mesh in ours]) * packed["unit"]
        made = np.concatenate([mesh.vertices for mesh in look.values()])
        np.testing.assert_allclose(
            [found.min(axis=0), found.max(axis=0)], [made.min(axis=0), made.max(axis=0)], atol=2.5e-5
        )
        normals = np.concatenate([array(mesh["normals"], "<i1", 3) for mesh in ours]) / 127
        assert np.abs(np.linalg.norm(normals, axis=1) - 1).max() < 0.02


def test_the_table_is_whole(scene):
    packed = unpacked(scene)
    (top,) = (mesh for mesh in packed["meshes"] if "uvs" in mesh)
    found = array(top["positions"], "<i2", 3) * packed["unit"]
    np.testing.assert_allclose([found.min(axis=0)[:2], found.max(axis=0)[:2]], [[-0.2, -0.55], [0.7, 0.55]], atol=0.003)


def test_all_of_it_is_small_and_has_a_name_of_its_own(scene):
    assert len(scene.meshes.content) < 300_000
    assert Scene3D("sort", None).shapes()["meshes"] == scene.shapes()["meshes"]
    assert Scene3D("lift", None).shapes()["meshes"] == scene.shapes()["meshes"], (
        "alone on its table, it is the same arm"
    )


def test_only_the_tables_top_has_a_picture(scene):
    packed = unpacked(scene)
    assert sum("uvs" in mesh for mesh in packed["meshes"]) == 1
    assert base64.b64decode(packed["top"])[:2] == b"\xff\xd8"  # a JPEG


def test_a_pose_for_each_body(scene):
    poses = scene.poses([float(unit) for unit in START])
    assert len(poses) == len(scene.shapes()["bodies"]) == 2 + len(JOINTS)
    assert all(np.linalg.norm(pose[3:]) == pytest.approx(1, abs=1e-3) for pose in poses)


def test_the_ring_is_where_reach_ends(scene):
    assert 0.41 < scene.shapes()["reach"]["radius"] < 0.44
