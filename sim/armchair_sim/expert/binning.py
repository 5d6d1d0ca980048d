"""Binning: the bin, when something lies in it, and the waypoints that put a cube there. No I/O."""

from collections.abc import Sequence
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.so101.kinematics import OPEN
from armchair_sim.expert.grasping import CUBE_M, grasp_waypoints, grip, holds, is_left_alone, pose_over, straight_to
from armchair_sim.task import Waypoint

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

BLUE = (0.12, 0.32, 0.72, 1.0)

_INSIDE_M = 0.040  # half of the bin's inner side
_WALL_M, _RIM_M = 0.003, 0.032
_CARRY_M = 0.085
_RELEASE_M = 0.060


def add_bin(spec: "mujoco.MjSpec", name: str, rgba: Sequence[float], at: tuple[float, float] | None = None) -> None:
    """Add an open bin: fixed with its middle `at` (x, y in metres), or for `World.place_fixture` to put somewhere."""
    import mujoco

    from armchair_sim.scene.arm_model import OBJECT_CONAFFINITY, OBJECT_CONTYPE

    body = spec.worldbody.add_body(name=name, mocap=at is None, pos=(*(at or (0.2, 0.1)), 0))
    outside, half_height = _INSIDE_M + _WALL_M, _RIM_M / 2
    walls: list[tuple[Sequence[float], Sequence[float]]] = [((0, 0, 0.0015), (outside, outside, 0.0015))]
    for side in (-1, 1):
        walls.append(((side * (_INSIDE_M + _WALL_M / 2), 0, half_height), (_WALL_M / 2, outside, half_height)))
        walls.append(((0, side * (_INSIDE_M + _WALL_M / 2), half_height), (outside, _WALL_M / 2, half_height)))
    for middle, size in walls:
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX, pos=middle, size=size, rgba=rgba,
            contype=OBJECT_CONTYPE, conaffinity=OBJECT_CONAFFINITY,
        )  # fmt: skip


def inside(world: "World", body: str, bin_name: str) -> bool:
    """Return whether the middle of the cube `body` is within the bin's walls and below its rim."""
    return above(world, body, bin_name) and _offset(world, body, bin_name)[2] < _RIM_M + CUBE_M / 4


def above(world: "World", body: str, bin_name: str) -> bool:
    """Return whether the middle of the cube `body` is within the bin's walls or straight above them."""
    return bool(np.abs(_offset(world, body, bin_name)[:2]).max() < _INSIDE_M)


def _offset(world: "World", body: str, bin_name: str) -> np.ndarray:
    """Return where `body` is in the bin's own frame, float64[3] in metres."""
    turn = world.data.body(bin_name).xmat.reshape(3, 3)
    return turn.T @ (world.position(body) - world.position(bin_name))


def lies_in(world: "World", body: str, bin_name: str) -> bool:
    """Return whether `body` is in the bin, let go of and at rest."""
    return is_left_alone(world, body) and inside(world, body, bin_name)


def bin_waypoints(world: "World", body: str, bin_name: str) -> list[Waypoint]:
    """Return the waypoints that grasp `body`, carry it over the bin and let go of it there."""

    def dropped(world: "World") -> bool:
        # On its way down into the bin it is not: whoever went after it would take it out again.
        return not holds(world, body) and not above(world, body, bin_name)

    (x, y, _), held = world.position(bin_name), grip(world, body)
    up = Waypoint(
        straight_to(_CARRY_M),
        held,
        reached=lambda world: world.gripper_pose.z > _CARRY_M - 0.012,
        lost=dropped,
    )
    over = Waypoint(
        lambda world: pose_over((x, y, _CARRY_M), world.gripper_pose.roll),
        held,
        reached=lambda world: _beside(world, x, y) < 0.010,
        lost=dropped,
    )
    down = Waypoint(
        lambda world: pose_over((x, y, _RELEASE_M), world.gripper_pose.roll),
        held,
        reached=lambda world: world.gripper_pose.z < _RELEASE_M + 0.008 and _beside(world, x, y) < 0.010,
        lost=dropped,
    )
    let_go = Waypoint(
        lambda world: pose_over((x, y, _CARRY_M), world.gripper_pose.roll),
        OPEN,
        reached=lambda world: False,
        lost=dropped,
    )
    return [*grasp_waypoints(world, body), up, over, down, let_go]


def _beside(world: "World", x: float, y: float) -> float:
    return hypot(world.gripper_pose.x - x, world.gripper_pose.y - y)
