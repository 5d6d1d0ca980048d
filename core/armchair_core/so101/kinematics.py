"""The kinematics of the SO-101: frames, limits, masses, ticks, closed-form forward and inverse. No I/O.

Frames: the base stands at the origin, x forward, y left, z up; metres and radians inside, LeRobot's units
(degrees, gripper 0 to 100) at the door. Joint zero is the middle of the joint's range ("new calibration").

Sources
    [TRS] TheRobotStudio/SO-ARM100, Simulation/SO101/so101_new_calib.xml and .urdf at fda892c, Apache-2.0.
    [MEN] google-deepmind/mujoco_menagerie, robotstudio_so101 (2025-12), Apache-2.0.
    [LR]  huggingface/lerobot 0.6.1, robots/so_follower/so_follower.py and motors/motors_bus.py.
"""

from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, sqrt

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS

FEATURE_NAMES = tuple(f"{joint}.pos" for joint in JOINTS)
CAMERAS = ("front", "wrist")  # as LeRobot's users name them
ROBOT_TYPE = "so_follower"  # what the stock follower writes into info.json [LR]
FPS = 30  # control ticks and pictures a second


@dataclass(frozen=True)
class Link:
    """A moving body: its frame in its parent's, and its mass. Every joint turns about its own local +z."""

    name: str
    pos_m: tuple[float, float, float]
    quat_wxyz: tuple[float, float, float, float]
    range_rad: tuple[float, float]
    mass_kg: float
    com_m: tuple[float, float, float]
    inertia_kgm2: tuple[float, float, float, float, float, float]  # xx yy zz xy xz yz about the centre of mass


BASE_MASS_KG = 0.147  # [TRS]
LINKS = (  # [TRS]
    Link("shoulder", (0.0388353, 0.0, 0.0624), (0, 0, -1, 0), (-1.91986, 1.91986), 0.100006,
         (-0.0307604, -0.0000166727, -0.0252713),
         (8.3759e-5, 8.10403e-5, 2.39783e-5, 7.555e-8, -1.16342e-6, 1.54663e-7)),
    Link("upper_arm", (-0.0303992, -0.0182778, -0.0542), (0.5, -0.5, -0.5, -0.5), (-1.74533, 1.74533), 0.103,
         (-0.0898471, -0.00838224, 0.0184089), (4.08002e-5, 1.47318e-4, 1.42487e-4, -1.97819e-5, -4.03e-8, 8.97e-9)),
    Link("lower_arm", (-0.11257, -0.028, 0.0), (0.5**0.5, 0, 0, 0.5**0.5), (-1.69, 1.69), 0.104,
         (-0.0980701, 0.00324376, 0.0182831), (2.87438e-5, 1.59844e-4, 1.4529e-4, 7.41152e-6, 1.26409e-6, -4.9e-8)),
    Link("wrist", (-0.1349, 0.0052, 0.0), (0.5**0.5, 0, 0, -(0.5**0.5)), (-1.65806, 1.65806), 0.079,
         (-0.000103312, -0.0386143, 0.0281156), (3.68263e-5, 2.5391e-5, 2.1e-5, 1.789e-8, -5.28e-8, 3.6412e-6)),
    Link("gripper", (0.0, -0.0611, 0.0181), (0.0172091, -0.0172091, 0.706897, 0.706897), (-2.74385, 2.84121), 0.087,
         (0.000213627, 0.000245138, -0.025187),
         (2.75087e-5, 4.33657e-5, 3.45059e-5, -3.35241e-7, -5.7352e-6, -5.18e-8)),
    Link("moving_jaw", (0.0202, 0.0188, -0.0234), (0.5**0.5, 0.5**0.5, 0, 0), (-0.174533, 1.74533), 0.012,
         (-0.00157495, -0.0300244, 0.0192755), (6.61427e-6, 1.89032e-6, 5.28738e-6, -3.19807e-7, -5.9e-9, -1.09945e-7)),
)  # fmt: skip

# The grasp point in the gripper's frame: between the jaws, one cube's half width off the fixed jaw's inner face
# at x = -0.0079, and at the pads' middle. The gripper's -z is the approach, its +x the direction of opening.
FIXED_JAW_FACE_X_M = -0.0079  # [TRS] site gripperframe
TIP_M = (0.0071, -0.000218, -0.0920)

# --- ticks and LeRobot's units ------------------------------------------------------------------------------
TICKS_PER_TURN = 4096
LAST_TICK = TICKS_PER_TURN - 1
RAD_PER_TICK = 2 * pi / TICKS_PER_TURN
# What a calibration of this arm would hold, in ticks: joint zero at the middle; wrist roll is LeRobot's full turn.
RANGE_MIN_TICKS = np.array([795, 909, 945, 966, 0, 1421])
RANGE_MAX_TICKS = np.array([3299, 3185, 3149, 3128, 4095, 2673])
_MID_TICKS = (RANGE_MIN_TICKS + RANGE_MAX_TICKS) / 2
_GRIPPER_MID_RAD = sum(LINKS[5].range_rad) / 2
_ZERO_RAD = np.array([0.0, 0.0, 0.0, 0.0, 0.0, _GRIPPER_MID_RAD])  # the joint angle at the middle tick
JOINT_LOW_RAD = np.array([link.range_rad[0] for link in LINKS])
JOINT_HIGH_RAD = np.array([link.range_rad[1] for link in LINKS])


def rad_to_ticks(angles_rad: np.ndarray) -> np.ndarray:
    """Return the encoder ticks, float[6], not rounded, of joint angles, float[6]."""
    return _MID_TICKS + (np.asarray(angles_rad) - _ZERO_RAD) / RAD_PER_TICK


def ticks_to_rad(ticks: np.ndarray) -> np.ndarray:
    """Return the joint angles in radians, float[6], of encoder ticks, [6]."""
    return _ZERO_RAD + (np.asarray(ticks) - _MID_TICKS) * RAD_PER_TICK


def ticks_to_units(ticks: np.ndarray) -> np.ndarray:
    """Return encoder ticks, [6], in LeRobot's units, float32[6]: degrees, gripper 0 to 100.

    LeRobot divides by 4095 ticks a turn, not 4096, and clips the gripper alone (motors_bus.py, `_normalize`).
    """
    ticks = np.asarray(ticks, dtype=np.float64)
    units = (ticks - _MID_TICKS) * 360 / LAST_TICK
    span = RANGE_MAX_TICKS[5] - RANGE_MIN_TICKS[5]
    units[5] = np.clip((ticks[5] - RANGE_MIN_TICKS[5]) / span * 100, 0, 100)
    return units.astype(np.float32)


def units_to_ticks(units: np.ndarray) -> np.ndarray:
    """Return the goal ticks, int64[6], of LeRobot's units, float[6], truncated as LeRobot does (`_unnormalize`)."""
    units = np.asarray(units, dtype=np.float64)
    ticks = units * LAST_TICK / 360 + _MID_TICKS
    span = RANGE_MAX_TICKS[5] - RANGE_MIN_TICKS[5]
    ticks[5] = np.clip(units[5], 0, 100) / 100 * span + RANGE_MIN_TICKS[5]
    return ticks.astype(np.int64)


def units_to_rad(units: np.ndarray) -> np.ndarray:
    """Return the joint angles in radians, float64[6], of LeRobot's units, float[6]; nothing is rounded to ticks."""
    ticks = np.asarray(units, dtype=np.float64) * LAST_TICK / 360 + _MID_TICKS
    ticks[5] = np.asarray(units)[5] / 100 * (RANGE_MAX_TICKS[5] - RANGE_MIN_TICKS[5]) + RANGE_MIN_TICKS[5]
    return ticks_to_rad(ticks)


def rad_to_units(angles_rad: np.ndarray) -> np.ndarray:
    """Return joint angles in radians, float[6], in LeRobot's units, float32[6]."""
    return ticks_to_units(rad_to_ticks(angles_rad))


ACTION_LOW = ticks_to_units(np.maximum(RANGE_MIN_TICKS, rad_to_ticks(JOINT_LOW_RAD)))
ACTION_HIGH = ticks_to_units(np.minimum(RANGE_MAX_TICKS, rad_to_ticks(JOINT_HIGH_RAD)))
START = np.array([0.0, -50.0, 30.0, 85.0, 0.0, 10.0])  # where episodes start: before the body, looking down
OPEN, SHUT = 60.0, 2.0  # the gripper: wide enough for every object, and closed on nothing (0 to 100)

# --- kinematics: a pan about z, two links and a wrist in one vertical plane, a roll about the approach ---------
PAN_X_M = 0.0388353
_LIFT_M = (0.0303992, 0.1166)  # (forward, up) of the lift axis from the pan axis
_UPPER_M = (0.028, 0.11257)  # lift axis to elbow axis
_LOWER_M = (0.1349, 0.0052)  # elbow axis to wrist axis
_ROLL_FORWARD_M = 0.0611 - TIP_M[2]  # wrist axis to the grasp point along the approach
_ROLL_LEFT_M = -0.0182778 + 0.0181  # the roll axis beside the pan axis
STRAIGHT_ELBOW_RAD = atan2(_LOWER_M[1], _LOWER_M[0]) - atan2(_UPPER_M[1], _UPPER_M[0])  # both links in one line
_ROLL_TILT_RAD = 0.0486795  # the jaws' plane is turned by this much at roll zero


@dataclass(frozen=True)
class Pose:
    """A pose of the gripper: where the grasp point is and how the jaws point, metres in the base frame and radians.

    `pitch` is the approach below the horizon (pi/2 points straight down); `roll` turns the jaws about the
    approach, 0 when they open in the arm's own vertical plane.
    """

    x: float
    y: float
    z: float
    pitch: float
    roll: float


class UnreachableError(ArmchairError):
    """The arm cannot take this pose."""


def azimuth(x: float, y: float) -> float:
    """Return the direction of a point from the pan axis: radians, positive to the left."""
    return atan2(y, x - PAN_X_M)


def radius(x: float, y: float) -> float:
    """Return the distance of a point from the pan axis across the table, in metres."""
    return hypot(x - PAN_X_M, y)


def forward_kinematics(angles_rad: np.ndarray) -> Pose:
    """Return the gripper's pose for joint angles, float[5] or float[6] (the jaws' angle does not matter)."""
    pan, lift, elbow, wrist, roll = (float(angle) for angle in angles_rad[:5])
    roll -= _ROLL_TILT_RAD
    a, b, c = lift, lift + elbow, lift + elbow + wrist
    up, left = _tip_offset(roll)
    parts = [_LIFT_M, _turn(a, _UPPER_M), _turn(b, _LOWER_M), _turn(c, (_ROLL_FORWARD_M, up))]
    forward = sum(part[0] for part in parts)
    x = PAN_X_M + forward * cos(pan) + left * sin(pan)
    y = -forward * sin(pan) + left * cos(pan)
    return Pose(x, y, sum(part[1] for part in parts), c, roll)


def inverse_kinematics(pose: Pose) -> np.ndarray:
    """Return the joint angles, float64[5], that put the grasp point at `pose`, the elbow up.

    Exact and closed: the pan follows from x and y, two links from the wrist's place, the rest by subtraction.

    Raises:
        UnreachableError: if the pose is out of reach or beyond a joint's limit; it names which.
    """
    up, left = _tip_offset(pose.roll)
    distance = radius(pose.x, pose.y)
    if distance < abs(left):
        raise UnreachableError(f"the point ({pose.x:.3f}, {pose.y:.3f}) m lies on the pan axis: move it forward.")
    forward = sqrt(distance**2 - left**2)
    pan = atan2(left, forward) - azimuth(pose.x, pose.y)
    jaws = _turn(pose.pitch, (_ROLL_FORWARD_M, up))
    lift, elbow = _two_links(forward - _LIFT_M[0] - jaws[0], pose.z - _LIFT_M[1] - jaws[1])
    angles = np.array([pan, lift, elbow, pose.pitch - lift - elbow, pose.roll + _ROLL_TILT_RAD])
    angles = (angles + pi) % (2 * pi) - pi
    _check_limits(angles)
    return angles


def _tip_offset(roll: float) -> tuple[float, float]:
    """(up, left) of the grasp point from the roll axis, in the plane across the approach."""
    return (
        TIP_M[0] * cos(roll) - TIP_M[1] * sin(roll),
        _ROLL_LEFT_M + TIP_M[0] * sin(roll) + TIP_M[1] * cos(roll),
    )


def _turn(angle: float, vector: tuple[float, float]) -> tuple[float, float]:
    """A (forward, up) vector pitched down by `angle`."""
    return (vector[0] * cos(angle) + vector[1] * sin(angle), -vector[0] * sin(angle) + vector[1] * cos(angle))


def _two_links(forward: float, up: float) -> tuple[float, float]:
    """Lift and elbow angles that put the wrist axis at (forward, up) from the lift axis, the elbow up."""
    upper, lower = hypot(*_UPPER_M), hypot(*_LOWER_M)
    distance = hypot(forward, up)
    if not abs(upper - lower) < distance < upper + lower:
        raise UnreachableError(
            f"the wrist would be {distance:.3f} m from the shoulder and the arm spans {upper + lower:.3f} m."
        )
    inner = np.arccos((upper**2 + distance**2 - lower**2) / (2 * upper * distance))
    bend = np.arccos((upper**2 + lower**2 - distance**2) / (2 * upper * lower))
    upper_elevation = atan2(up, forward) + inner
    lower_elevation = upper_elevation - (pi - bend)
    lift = atan2(_UPPER_M[1], _UPPER_M[0]) - upper_elevation
    return lift, atan2(_LOWER_M[1], _LOWER_M[0]) - lower_elevation - lift


def _check_limits(angles: np.ndarray) -> None:
    low, high = JOINT_LOW_RAD[:5], JOINT_HIGH_RAD[:5]
    beyond = np.flatnonzero((angles < low) | (angles > high))
    if beyond.size:
        joint = beyond[0]
        raise UnreachableError(
            f"{JOINTS[joint]} would stand at {np.degrees(angles[joint]):.0f} degrees, outside "
            f"{np.degrees(low[joint]):.0f} to {np.degrees(high[joint]):.0f}."
        )
