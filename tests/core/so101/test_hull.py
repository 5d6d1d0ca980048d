"""The hull is that of the arm that is simulated, in every pose, and its slopes are true."""

import mujoco
import numpy as np
import pytest

from armchair_core.so101 import hull, kinematics
from armchair_core.so101.hull import hull_pose
from armchair_sim.scene.world import build_model
from armchair_sim.tasks import get_task

TOLERANCE_M = 0.0005
BOXED = {"upper_arm": 0.026, "lower_arm": 0.014, "wrist": 0.009}  # how far a box around them reaches beyond the shapes
LINKS = ("upper_arm", "lower_arm", "wrist", "gripper", "moving_jaw")


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return build_model(get_task("reach"))


def corners(model: mujoco.MjModel, body: str) -> np.ndarray:
    """All corners of a body's shapes in its frame, float64[N,3]; a cylinder's are on its two rims."""
    found = []
    for geom in np.flatnonzero(model.geom_bodyid == model.body(body).id):
        size, turn = model.geom_size[geom], np.zeros(9)
        if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_BOX:
            points = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T * size
        else:
            about = np.linspace(0, 2 * np.pi, 64)
            rim = np.column_stack([np.cos(about) * size[0], np.sin(about) * size[0], np.full(64, size[1])])
            points = np.concatenate([rim, rim * [1, 1, -1]])
        mujoco.mju_quat2Mat(turn, model.geom_quat[geom])
        found.append(points @ turn.reshape(3, 3).T + model.geom_pos[geom])
    return np.concatenate(found)


def test_no_part_of_the_simulated_arm_is_ever_lower_and_none_much_higher(model):
    data, rng = mujoco.MjData(model), np.random.default_rng(3)
    shapes = {link: corners(model, link) for link in LINKS}
    shapes["upper_arm"] = shapes["upper_arm"][shapes["upper_arm"][:, 0] < -0.06]  # the rest turns beside its axis
    for _ in range(200):
        data.qpos[:6] = rng.uniform(kinematics.JOINT_LOW_RAD, kinematics.JOINT_HIGH_RAD)
        mujoco.mj_kinematics(model, data)
        pose = hull_pose(data.qpos[:6])
        for number, link in enumerate(LINKS, 1):
            body = model.body(link).id
            really_m = (shapes[link] @ data.xmat[body].reshape(3, 3).T + data.xpos[body])[:, 2].min()
            said_m = pose.points_m[number == hull._LINKS, 2].min()
            assert -BOXED.get(link, TOLERANCE_M) <= said_m - really_m <= TOLERANCE_M, link


def test_the_base_is_within_its_boxes(model):
    points, low, high = corners(model, "base"), hull._BASE_M[:, 0], hull._BASE_M[:, 1]
    inside = (points[:, None] >= low - TOLERANCE_M) & (points[:, None] <= high + TOLERANCE_M)
    assert inside.all(axis=2).any(axis=1).all()


def test_the_slopes_are_what_a_small_turn_does():
    rng = np.random.default_rng(4)
    for _ in range(20):
        angles = rng.uniform(kinematics.JOINT_LOW_RAD, kinematics.JOINT_HIGH_RAD)
        pose = hull_pose(angles)
        for point, way in ((pose.lowest()[0], np.array([0, 0, 1.0])), pose.nearest_to_base()[::2]):
            turned = [hull_pose(angles + 1e-6 * (np.arange(6) == joint)).points_m[point] for joint in range(6)]
            really = (np.array(turned) - pose.points_m[point]) @ way / 1e-6
            np.testing.assert_allclose(pose.slope(point, way), really, atol=1e-6)


def test_a_jaw_that_is_held_open_counts_where_it_is():
    shut = kinematics.units_to_rad(np.array([0, 60, 0, -60, 150, 0.0]))  # the moving jaw below
    open_rad = float(kinematics.units_to_rad(np.array([0, 0, 0, 0, 0, 80.0]))[5])
    held = hull_pose(shut, open_rad)
    assert held.lowest()[1] < hull_pose(shut).lowest()[1] - 0.02
    assert held.slope(held.lowest()[0], np.array([0, 0, 1.0]))[5] == 0  # telling it to shut does not help


def test_where_the_distance_to_the_base_is_asked_for_it_matters():
    rng = np.random.default_rng(5)
    for _ in range(300):
        pose = hull_pose(rng.uniform(kinematics.JOINT_LOW_RAD, kinematics.JOINT_HIGH_RAD))
        assert pose.is_hand_near_base or pose.nearest_to_base()[1] > 0.01
