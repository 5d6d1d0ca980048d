"""The fine arm has the size of the public drawings, and its jaws are where the simulated pads are."""

import mujoco
import numpy as np
import pytest

from armchair_sim.scene.fine.arm_level import arm_meshes
from armchair_sim.scene.world import build_model
from armchair_sim.tasks import get_task

# Boxes around the public meshes, each in its body's frame, in millimetres: TheRobotStudio/SO-ARM100,
# Simulation/SO101/so101_new_calib.xml at fda892c.
PUBLIC_MM = {
    "base": ((-31, -55.5, -2.4), (64.6, 55.5, 69.6)),
    "shoulder": ((-50.6, -26.4, -64.4), (12.2, 28.7, 46.2)),
    "upper_arm": ((-130.2, -38.2, -13.5), (12, 12, 53.8)),
    "lower_arm": ((-145.1, -15, -12), (12, 21.9, 52.4)),
    "wrist": ((-20, -65.8, -9), (15.7, 12, 53.3)),
    "gripper": ((-35.2, -28, -104.4), (30.4, 24, 1)),
    "moving_jaw": ((-12.3, -82, -5.1), (10, 10, 42.9)),
}
CAMERA_FROM_Y_MM = 24  # the gripper's camera is not in the drawings
WITHIN_MM = 5.0


@pytest.mark.parametrize("body", PUBLIC_MM)
def test_each_link_fills_the_box_of_the_public_drawings(body):
    look = arm_meshes()[body]
    vertices = 1000 * np.concatenate([mesh.vertices for mesh in look.values()])
    if body == "gripper":
        vertices = vertices[vertices[:, 1] < CAMERA_FROM_Y_MM]
    np.testing.assert_allclose([vertices.min(axis=0), vertices.max(axis=0)], PUBLIC_MM[body], atol=WITHIN_MM)


@pytest.mark.parametrize(("body", "pad"), [("gripper", "fixed_pad"), ("moving_jaw", "moving_pad")])
def test_the_jaws_faces_are_where_the_pads_touch(body, pad):
    """The face that grasps, seen in the pad's own frame: within a millimetre in depth and three in length and width."""
    geom = build_model(get_task("lift")).geom(pad)
    turn: np.ndarray = np.zeros(9)
    mujoco.mju_quat2Mat(turn, geom.quat)
    vertices = (arm_meshes()[body]["pad"].vertices - geom.pos) @ turn.reshape(3, 3)
    face = geom.size[0] if pad == "fixed_pad" else -geom.size[0]
    nearest = vertices[:, 0].max() if pad == "fixed_pad" else vertices[:, 0].min()
    assert nearest == pytest.approx(face, abs=0.001)
    np.testing.assert_allclose(vertices[:, 1:].min(axis=0), -geom.size[1:], atol=0.003)
    np.testing.assert_allclose(vertices[:, 1:].max(axis=0), geom.size[1:], atol=0.003)


def test_it_takes_few_triangles():
    triangles = sum(len(mesh.faces) for look in arm_meshes().values() for mesh in look.values())
    assert triangles < 20_000


def test_the_two_jaws_are_unlike():
    """The fixed jaw is flat where it grasps, all the way; the moving one is a claw, hollow before its pad."""
    fixed, moving = (arm_meshes()[body]["printed"].vertices * 1000 for body in ("gripper", "moving_jaw"))
    fixed = fixed[(fixed[:, 2] < -40) & (fixed[:, 1] < CAMERA_FROM_Y_MM)]
    hollow = moving[(moving[:, 1] < -20) & (moving[:, 1] > -34)]  # between its root and its pad
    assert fixed[:, 0].max() - PUBLIC_MM["gripper"][0][0] < 28  # nothing stands up from its face
    assert hollow[:, 0].min() > -9 > moving[moving[:, 1] < -60][:, 0].min()
