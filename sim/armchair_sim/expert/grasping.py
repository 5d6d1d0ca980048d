"""Grasping: the cube, when it is held, and the waypoints that get at it. No I/O."""

from collections.abc import Callable, Sequence
from functools import partial
from math import cos, dist, hypot, pi, prod, sin
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.so101.kinematics import OPEN, Pose, UnreachableError, azimuth, inverse_kinematics
from armchair_sim.task import Waypoint, random_spot

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

CUBE_M = 0.030
AT_REST_M_S = 0.02
CUBE_MASS_KG = 0.016  # beech, 0.6 g/cm3
_HOVER_M = 0.075
_GRASP_M = 0.014
# The opening (0 to 100) that the gripper is told around a cube, which stops it one unit before: a fifth of the torque.
# LeRobot sets the gripper's servo to give up after two seconds above a quarter of it (Overload_Torque 25).
_GRIP, _GRIP_PER_M = 13.0, 1100
_CLEARANCE_M = 0.020  # the fixed jaw comes down this far beside the cube, and the moving one as far on its other side
_BOX = 6  # mujoco.mjtGeom.mjGEOM_BOX, here without loading MuJoCo
_STEEPEST, _FLATTEST = pi / 2, 0.6


def add_cube(spec: "mujoco.MjSpec", rgba: Sequence[float] = (0.80, 0.10, 0.08, 1.0)) -> None:
    """Add a free wooden cube named `cube`."""
    add_box(spec, "cube", (CUBE_M, CUBE_M, CUBE_M), rgba)


def add_box(spec: "mujoco.MjSpec", name: str, edges_m: Sequence[float], rgba: Sequence[float]) -> None:
    """Add a free wooden box with edges of `edges_m` (x, y, z); body, joint and geom are all called `name`."""
    import mujoco

    from armchair_sim.scene.arm_model import OBJECT_CONAFFINITY, OBJECT_CONTYPE

    box = spec.worldbody.add_body(name=name, pos=(0.2, 0, edges_m[2] / 2))
    box.add_freejoint(name=name)
    box.add_geom(
        name=name, type=mujoco.mjtGeom.mjGEOM_BOX, size=[edge / 2 for edge in edges_m], rgba=rgba,
        mass=CUBE_MASS_KG * prod(edge / CUBE_M for edge in edges_m),
        contype=OBJECT_CONTYPE, conaffinity=OBJECT_CONAFFINITY, condim=4, friction=[0.8, 0.005, 0.0001],
    )  # fmt: skip


def place_cube(world: "World", rng: np.random.Generator) -> None:
    """Put the cube on the table anywhere in the region, at any yaw."""
    x, y, yaw = random_spot(rng)
    world.place_free("cube", (x, y, half_height_m(world, "cube")), yaw)


def half_height_m(world: "World", body: str) -> float:
    """Return half the height of the box or the upright cylinder `body`."""
    size, is_box = world.model.geom(body).size, world.model.geom(body).type[0] == _BOX
    return float(size[2] if is_box else size[1])


def holds(world: "World", body: str) -> bool:
    """Return whether `body` is between the two pads, touched by both."""
    return world.touching(body, "fixed_pad") and world.touching(body, "moving_pad")


def is_left_alone(world: "World", body: str) -> bool:
    """Return whether `body` is at rest and neither pad touches it."""
    let_go = not world.touching(body, "fixed_pad") and not world.touching(body, "moving_pad")
    return let_go and world.speed(body) < AT_REST_M_S


def tip_distance(world: "World", body: str) -> float:
    """Return the metres from the grasp point to the middle of `body`."""
    return float(np.linalg.norm(world.tip - world.position(body)))


def pose_over(point: Sequence[float] | np.ndarray, roll: float = 0.0) -> Pose:
    """Return the steepest pose with the grasp point at `point` (x, y, z in metres).

    A point too close to the body is moved outwards until the arm can take it, by 5 cm at most.

    Raises:
        UnreachableError: if that does not help.
    """
    x, y, z = (float(value) for value in point)
    away = azimuth(x, y)
    for outwards in np.arange(0, 0.051, 0.005).tolist():
        pose = _steepest(x + outwards * cos(away), y + outwards * sin(away), z, roll)
        if pose is not None:
            return pose
    raise UnreachableError(f"the arm does not reach ({x:.2f}, {y:.2f}, {z:.2f}) m from above.")


def _steepest(x: float, y: float, z: float, roll: float) -> Pose | None:
    pitches = np.linspace(_STEEPEST, _FLATTEST, 12)
    first = next((index for index, pitch in enumerate(pitches) if _reaches(Pose(x, y, z, pitch, roll))), None)
    if first is None:
        return None
    reachable, beyond = pitches[first], pitches[max(first - 1, 0)]
    for _ in range(6 if first else 0):  # bisect, so that the pitch changes smoothly with the point
        middle = (reachable + beyond) / 2
        reachable, beyond = (middle, beyond) if _reaches(Pose(x, y, z, middle, roll)) else (reachable, middle)
    return Pose(x, y, z, float(reachable), roll)


def _reaches(pose: Pose) -> bool:
    try:
        inverse_kinematics(pose)
    except UnreachableError:
        return False
    return True


def straight_to(height_m: float) -> Callable[["World"], Pose]:
    """Return a waypoint's `pose`: straight up or down from where the gripper is."""
    return lambda world: pose_over((world.gripper_pose.x, world.gripper_pose.y, height_m), world.gripper_pose.roll)


def grip(world: "World", body: str) -> float:
    """Return the opening, 0 to 100, to ask the gripper for so that it holds the cube `body` firmly."""
    return _GRIP + _GRIP_PER_M * float(2 * world.model.geom(body).size[0] - CUBE_M)


def grasp_waypoints(
    world: "World", body: str, beside: str | None = None, lies_m: Callable[["World"], float] = lambda world: 0.0
) -> list[Waypoint]:
    """Return the waypoints of a grasp: down beside the cube with open jaws, and shut.

    The jaws keep clear of the body `beside` where they can. `lies_m` is how far above the table the cube lies.
    """
    around, held = partial(_grasp_pose, body=body, beside=beside), grip(world, body)

    def shut(world: "World") -> bool:
        return world.gripper < held + 3

    return [
        Waypoint(
            lambda world: around(world, height_m=_GRASP_M + lies_m(world) + _detour_m(world, around(world))),
            OPEN,
            reached=lambda world: _near(world, around(world, height_m=_GRASP_M + lies_m(world)), 0.008),
        ),
        # The gripper stays while the jaws shut: they push the cube before them, and to go with it would drag it along.
        Waypoint(
            lambda world: straight_to(_GRASP_M + lies_m(world))(world),
            held,
            reached=lambda world: shut(world) and holds(world, body),
            lost=lambda world: (shut(world) and not holds(world, body)) or _beside(world, around(world)) > 0.04,
        ),
    ]


def _detour_m(world: "World", pose: Pose) -> float:
    """Return how far above `pose` to stay: the more, the further the open jaws are from coming down on either side.

    A funnel and not a waypoint to call at: from every place there is one way on, which a policy can learn that does
    not know what went before.
    """
    turned_rad, shut_by = abs(world.gripper_pose.roll - pose.roll), max(0.0, OPEN - 10 - world.gripper)
    off_m = _beside(world, pose) + 0.04 * turned_rad + 0.0005 * shut_by
    return min(max(4 * (off_m - 0.010), 0.0), _HOVER_M - _GRASP_M)


def _grasp_pose(world: "World", body: str, height_m: float = _GRASP_M, beside: str | None = None) -> Pose:
    """Return the pose that takes `body` by two of its sides and turns the wrist as little as it can."""
    x, y, _ = world.position(body)
    outwards, now = azimuth(x, y), world.gripper_pose.roll
    roll = now + (world.yaw(body) - outwards - now + pi / 4) % (pi / 2) - pi / 4
    if beside and _jaws_hit(world, beside, (x, y), outwards + roll):
        roll -= pi / 2 if roll > 0 else -pi / 2  # by the two other sides
    opening = outwards + roll  # the way the jaws open, in the base frame
    return pose_over((x - _CLEARANCE_M * cos(opening), y - _CLEARANCE_M * sin(opening), height_m), roll)


def _jaws_hit(world: "World", body: str, grasp: tuple[float, float], opening_rad: float) -> bool:
    """Return whether a jaw would come down on `body` beside the grasp point, when they open that way."""
    along = np.array([cos(opening_rad), sin(opening_rad)])
    off = world.position(body)[:2] - grasp
    apart_m = float(world.model.geom(body).size[0]) + _CLEARANCE_M
    return abs(off @ along) > abs(off[0] * along[1] - off[1] * along[0]) and float(np.linalg.norm(off)) < 2 * apart_m


def _near(world: "World", pose: Pose, tolerance_m: float) -> bool:
    return off_m(world, pose) < tolerance_m and abs(world.gripper_pose.roll - pose.roll) < 0.15


def off_m(world: "World", pose: Pose) -> float:
    """Return how far the gripper is from `pose`, in metres."""
    now = world.gripper_pose
    return dist((now.x, now.y, now.z), (pose.x, pose.y, pose.z))


def _beside(world: "World", pose: Pose) -> float:
    """Return how far the gripper is from `pose` across the table, in metres."""
    return hypot(world.gripper_pose.x - pose.x, world.gripper_pose.y - pose.y)
