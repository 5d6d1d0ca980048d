"""The MuJoCo model of the SO-101, built from primitives with `MjSpec`: no mesh files. No I/O.

The jaws grasp by friction between two flat pads and nothing else: no weld, no hidden constraint. The moving
pad is cut so that the two are parallel 30 mm apart; with that the gap at the tips follows the public
figures for the printed jaw (4 mm at -10 degrees, 27 mm at 8, 52 mm at 27).
"""

from collections.abc import Sequence

import mujoco
import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.so101.joints import JOINTS
from armchair_core.sts3215.motor import (
    ARMATURE_KGM2,
    BACK_EMF_NMS_PER_RAD,
    DRY_FRICTION_NM,
    STALL_TORQUE_NM,
    VISCOUS_NMS_PER_RAD,
)
from armchair_sim.scene.shapes import PAD, SHAPES, Box, Disc

# Who touches whom: the arm touches objects and the table, not itself.
ARM_CONTYPE, ARM_CONAFFINITY = 1, 2
OBJECT_CONTYPE, OBJECT_CONAFFINITY = 2, 3

FIXED_PAD, MOVING_PAD = "fixed_pad", "moving_pad"
PARALLEL_GAP_M = 0.030
PARALLEL_JAW_RAD = np.radians(10.3)  # the jaw angle at which the pads are that far apart
_PAD_HALF_M = np.array([0.0035, 0.0105, 0.0215])  # half of: thickness, width, length
_PAD_MIDDLE_Z_M = -0.0829  # pads reach from 61 to 104 mm down the gripper
# The common wrist camera behind the jaws (place from menagerie, robotstudio_so101), a little wider: in the gripper's
# frame its eye, and how far it is turned about x.
WRIST_EYE_M, WRIST_TILT_RAD = (0, 0.055, -0.045), np.radians(-40)
type Vector = np.ndarray | Sequence[float]

_ABOUT = {"x": (0.5**0.5, 0, 0.5**0.5, 0), "y": (0.5**0.5, 0.5**0.5, 0, 0), "z": (1, 0, 0, 0)}


def add_arm(spec: mujoco.MjSpec) -> None:
    """Add the arm at the origin of `spec`: six hinge joints and six actuators named as LeRobot names the motors.

    Also adds the site `tip` (the grasp point of `kinematics`) and the camera `wrist`.
    """
    body = spec.worldbody.add_body(name="base", mass=kinematics.BASE_MASS_KG, explicitinertial=True, inertia=[1e-4] * 3)
    origin: np.ndarray = np.zeros(3)
    turn: np.ndarray = np.array([1.0, 0, 0, 0])
    _add_shapes(body, "base", origin, turn)
    for link, joint in zip(kinematics.LINKS, JOINTS, strict=True):
        origin, turn = origin + _rotate(turn, link.pos_m), _compose(turn, link.quat_wxyz)
        body = body.add_body(
            name=link.name, pos=link.pos_m, quat=link.quat_wxyz, mass=link.mass_kg, ipos=link.com_m,
            fullinertia=link.inertia_kgm2, explicitinertial=True,
        )  # fmt: skip
        add_motor(spec, body, joint, link.range_rad)
        _add_shapes(body, link.name, origin, turn)
        if link.name == "gripper":
            _add_pad(body, FIXED_PAD, (kinematics.FIXED_JAW_FACE_X_M - _PAD_HALF_M[0], 0, _PAD_MIDDLE_Z_M))
            body.add_site(name="tip", pos=kinematics.TIP_M, size=[0.002] * 3, group=4)
            _add_wrist_camera(body)
    _add_moving_pad(body)


def add_motor(spec: mujoco.MjSpec, body: mujoco.MjsBody, joint: str, range_rad: tuple[float, float]) -> None:
    """Hang `body` on an STS3215: a hinge about its z with the gearbox's friction and inertia, and a motor.

    The actuator's control is the motor's duty, -1 to 1: torque = stall * duty - back EMF * speed.
    """
    body.add_joint(
        name=joint, type=mujoco.mjtJoint.mjJNT_HINGE, axis=[0, 0, 1], range=range_rad, limited=True,
        armature=ARMATURE_KGM2, frictionloss=DRY_FRICTION_NM, damping=[VISCOUS_NMS_PER_RAD, 0, 0],
    )  # fmt: skip
    actuator = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.gaintype, actuator.biastype = mujoco.mjtGain.mjGAIN_FIXED, mujoco.mjtBias.mjBIAS_AFFINE
    actuator.gainprm[0], actuator.biasprm[2] = STALL_TORQUE_NM, -BACK_EMF_NMS_PER_RAD


def _add_wrist_camera(body: mujoco.MjsBody) -> None:
    quat = (np.cos(WRIST_TILT_RAD / 2), np.sin(WRIST_TILT_RAD / 2), 0, 0)
    body.add_camera(name="wrist", pos=WRIST_EYE_M, quat=quat, fovy=58)


def _add_pad(body: mujoco.MjsBody, name: str, middle_m: Vector, quat: Vector = (1, 0, 0, 0)) -> None:
    body.add_geom(
        name=name, type=mujoco.mjtGeom.mjGEOM_BOX, pos=middle_m, quat=quat, size=_PAD_HALF_M, rgba=PAD, mass=0,
        contype=ARM_CONTYPE, conaffinity=ARM_CONAFFINITY, condim=4, friction=[1.0, 0.01, 0.0001], priority=1,
    )  # fmt: skip


def _add_moving_pad(jaw: mujoco.MjsBody) -> None:
    """Place the moving pad where it must be, in the jaw's frame, to face the fixed pad at PARALLEL_GAP_M."""
    link = kinematics.LINKS[5]
    face = kinematics.FIXED_JAW_FACE_X_M + PARALLEL_GAP_M + _PAD_HALF_M[0]
    about_joint = np.array([np.cos(PARALLEL_JAW_RAD / 2), 0, 0, np.sin(PARALLEL_JAW_RAD / 2)])
    to_jaw = _inverse(_compose(link.quat_wxyz, about_joint))
    middle = _rotate(to_jaw, np.array([face, 0, _PAD_MIDDLE_Z_M]) - link.pos_m)
    _add_pad(jaw, MOVING_PAD, middle, to_jaw)


def _add_shapes(body: mujoco.MjsBody, link: str, origin: np.ndarray, turn: np.ndarray) -> None:
    to_link = _inverse(turn)
    for shape in SHAPES[link]:
        quat, kind, size = _in_base_frame(shape)
        body.add_geom(
            type=kind, size=size, rgba=shape.rgba, mass=0, friction=[0.6, 0.005, 0.0001],
            pos=_rotate(to_link, np.array(shape.middle) - origin), quat=_compose(to_link, quat),
            contype=ARM_CONTYPE, conaffinity=ARM_CONAFFINITY,
        )  # fmt: skip


def _in_base_frame(shape: Box | Disc) -> tuple[np.ndarray, mujoco.mjtGeom, list[float]]:
    if isinstance(shape, Disc):
        return (
            np.array(_ABOUT[shape.axis]),
            mujoco.mjtGeom.mjGEOM_CYLINDER,
            [shape.radius, shape.half_length, 0],
        )
    half = shape.pitch / 2
    return np.array([np.cos(half), 0, np.sin(half), 0]), mujoco.mjtGeom.mjGEOM_BOX, list(shape.half_size)


def _rotate(quat: Vector, vector: Vector) -> np.ndarray:
    result = np.zeros(3)
    mujoco.mju_rotVecQuat(result, np.asarray(vector, float), np.asarray(quat, float) / np.linalg.norm(quat))
    return result


def _compose(first: Vector, second: Vector) -> np.ndarray:
    result = np.zeros(4)
    mujoco.mju_mulQuat(result, np.asarray(first, float), np.asarray(second, float))
    return result / np.linalg.norm(result)


def _inverse(quat: np.ndarray) -> np.ndarray:
    result = np.zeros(4)
    mujoco.mju_negQuat(result, np.asarray(quat, float))
    return result
