"""The arm's numbers against themselves, against MuJoCo and against LeRobot's own normaliser."""

import mujoco
import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_sim.scene.arm_model import add_arm

POSES = 1000


def random_angles(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(kinematics.JOINT_LOW_RAD, kinematics.JOINT_HIGH_RAD)


def as_vector(pose: kinematics.Pose) -> np.ndarray:
    return np.array([pose.x, pose.y, pose.z, pose.pitch, pose.roll])


def test_round_trip_over_reachable_poses():
    rng, tried, solved = np.random.default_rng(0), 0, 0
    while solved < POSES:
        tried += 1
        pose = kinematics.forward_kinematics(random_angles(rng))
        try:
            again = kinematics.forward_kinematics(kinematics.inverse_kinematics(pose))
        except kinematics.UnreachableError:
            continue  # the elbow is down there, or the arm bent over backwards: one closed form, one branch
        solved += 1
        difference = as_vector(again) - as_vector(pose)
        difference[3:] = (difference[3:] + np.pi) % (2 * np.pi) - np.pi
        assert np.abs(difference[:3]).max() < 1e-4
        assert np.abs(difference[3:]).max() < np.radians(0.1)
    assert solved / tried > 0.6


def test_mujoco_agrees_wrist_roll_included():
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_arm(spec)
    model = spec.compile()
    data, rng = mujoco.MjData(model), np.random.default_rng(1)
    for _ in range(POSES):
        data.qpos[:] = random_angles(rng)
        mujoco.mj_kinematics(model, data)
        pose = kinematics.forward_kinematics(data.qpos)
        assert np.abs(data.site("tip").xpos - [pose.x, pose.y, pose.z]).max() < 1e-4
        turn = data.site("tip").xmat.reshape(3, 3)
        assert -turn[2, 2] == pytest.approx(-np.sin(pose.pitch), abs=1e-6)  # the approach is the gripper's -z


def test_anchors_stand_where_the_public_model_has_them():
    """World places of the joints at zero, SO-ARM100 so101_new_calib.xml."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_arm(spec)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    anchors = {
        "shoulder_lift": (0.06923, -0.01828, 0.11660),
        "elbow_flex": (0.09723, -0.01828, 0.22917),
        "wrist_flex": (0.23213, -0.01828, 0.23437),
        "wrist_roll": (0.29323, -0.00018, 0.23437),
        "gripper": (0.31663, 0.01762, 0.25546),
    }
    for joint, place in anchors.items():
        np.testing.assert_allclose(data.joint(joint).xanchor, place, atol=2e-5)


@pytest.mark.parametrize(("gap_mm", "jaw_deg"), [(4, -10), (27, 8), (52, 27)])
def test_jaw_opens_as_the_printed_one(gap_mm, jaw_deg):
    """Gaps at the tips measured on the public meshes; the pads are flat, so 4 mm of play is allowed."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_arm(spec)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qpos[5] = np.radians(jaw_deg)
    mujoco.mj_kinematics(model, data)
    jaw, half = data.geom("moving_pad"), model.geom("moving_pad").size
    tip = jaw.xpos + jaw.xmat.reshape(3, 3) @ [-half[0], 0, -half[2]]
    fixed = data.geom("fixed_pad")
    face = fixed.xpos + fixed.xmat.reshape(3, 3) @ [half[0], 0, 0]
    gap_m = (tip - face) @ fixed.xmat.reshape(3, 3)[:, 0]
    assert gap_m * 1000 == pytest.approx(gap_mm, abs=4)


def test_units_are_lerobots():
    from lerobot.motors import Motor, MotorCalibration, MotorNormMode
    from lerobot.motors.feetech import FeetechMotorsBus

    modes = [MotorNormMode.DEGREES] * 5 + [MotorNormMode.RANGE_0_100]
    motors = {
        name: Motor(i + 1, "sts3215", mode) for i, (name, mode) in enumerate(zip(kinematics.JOINTS, modes, strict=True))
    }
    calibration = {
        name: MotorCalibration(i + 1, 0, 0, int(kinematics.RANGE_MIN_TICKS[i]), int(kinematics.RANGE_MAX_TICKS[i]))
        for i, name in enumerate(kinematics.JOINTS)
    }
    bus = FeetechMotorsBus("/dev/null", motors, calibration)
    rng = np.random.default_rng(2)
    for _ in range(100):
        ticks = rng.integers(kinematics.RANGE_MIN_TICKS, kinematics.RANGE_MAX_TICKS + 1)
        theirs = bus._normalize({i + 1: int(tick) for i, tick in enumerate(ticks)})
        np.testing.assert_allclose(kinematics.ticks_to_units(ticks), list(theirs.values()), rtol=1e-6, atol=1e-5)
        back = bus._unnormalize({i + 1: float(unit) for i, unit in enumerate(kinematics.ticks_to_units(ticks))})
        np.testing.assert_array_equal(kinematics.units_to_ticks(kinematics.ticks_to_units(ticks)), list(back.values()))


def test_units_and_radians_are_inverse():
    rng = np.random.default_rng(3)
    for _ in range(100):
        angles = random_angles(rng)
        np.testing.assert_allclose(kinematics.units_to_rad(kinematics.rad_to_units(angles)), angles, atol=2e-4)


@pytest.mark.parametrize(
    ("pose", "says"),
    [
        (kinematics.Pose(0.9, 0, 0.1, 0, 0), "the arm spans"),
        (kinematics.Pose(0.0388, 0.0, 0.1, 0, 0), "pan axis"),
        (kinematics.Pose(-0.2, 0.01, 0.1, 0.5, 0), "shoulder_pan would stand at"),
    ],
)
def test_unreachable_poses_say_why(pose, says):
    with pytest.raises(kinematics.UnreachableError, match=says):
        kinematics.inverse_kinematics(pose)
