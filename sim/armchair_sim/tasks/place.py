"""Put the cube in the bin: the bin, too, stands anywhere in the region, clear of the cube."""

from collections.abc import Sequence
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from armchair_sim.grasping import CUBE_M, add_cube, grasp_waypoints, holds, place_cube, pose_over
from armchair_sim.task import OPEN, SHUT, Task, Waypoint, random_spot

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.world import World

_INSIDE_M = 0.040  # half of the bin's inner side
_WALL_M, _RIM_M = 0.003, 0.032
_APART_M = 0.13  # between the middles of cube and bin: room for the open jaws
_CARRY_M = 0.085
_RELEASE_M = 0.060


class Place(Task):
    name = "place"
    instruction = "Put the red cube in the blue bin."
    time_limit_s = 12.0

    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        add_cube(spec)
        _add_bin(spec)

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        place_cube(world, rng)
        cube = world.data.joint("cube").qpos
        while True:
            x, y, yaw = random_spot(rng)
            if hypot(x - cube[0], y - cube[1]) > _APART_M:
                world.place_fixture("bin", (x, y, 0.0), yaw)
                return

    def done(self, world: "World") -> bool:
        if holds(world, "cube"):
            world.notes.add("held")
        let_go = not world.touching("cube", "fixed_pad") and not world.touching("cube", "moving_pad")
        return let_go and _inside(world) and world.speed("cube") < 0.02

    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        def dropped(world: "World") -> bool:
            return not holds(world, "cube") and not _inside(world)

        x, y, _ = world.position("bin")
        up = Waypoint(
            lambda world: pose_over((world.hand.x, world.hand.y, _CARRY_M), world.hand.roll),
            SHUT,
            reached=lambda world: world.hand.z > _CARRY_M - 0.012,
            lost=dropped,
        )
        over = Waypoint(
            lambda world: pose_over((x, y, _CARRY_M), world.hand.roll),
            SHUT,
            reached=lambda world: _beside(world, x, y) < 0.010,
            lost=dropped,
        )
        down = Waypoint(
            lambda world: pose_over((x, y, _RELEASE_M), world.hand.roll),
            SHUT,
            reached=lambda world: world.hand.z < _RELEASE_M + 0.008 and _beside(world, x, y) < 0.010,
            lost=dropped,
        )
        let_go = Waypoint(
            lambda world: pose_over((x, y, _CARRY_M), world.hand.roll),
            OPEN,
            reached=lambda world: False,
            lost=dropped,
        )
        return [*grasp_waypoints("cube"), up, over, down, let_go]

    def failure(self, world: "World") -> str:
        if holds(world, "cube"):
            return "still held the cube"
        return "dropped the cube outside" if "held" in world.notes else "missed the cube"


def _add_bin(spec: "mujoco.MjSpec") -> None:
    import mujoco

    from armchair_sim.arm import OBJECT_CONAFFINITY, OBJECT_CONTYPE

    body = spec.worldbody.add_body(name="bin", mocap=True, pos=(0.2, 0.1, 0))
    outside, half_height = _INSIDE_M + _WALL_M, _RIM_M / 2
    walls = [((0, 0, 0.0015), (outside, outside, 0.0015))]
    for side in (-1, 1):
        walls.append(((side * (_INSIDE_M + _WALL_M / 2), 0, half_height), (_WALL_M / 2, outside, half_height)))
        walls.append(((0, side * (_INSIDE_M + _WALL_M / 2), half_height), (outside, _WALL_M / 2, half_height)))
    for middle, size in walls:
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX, pos=middle, size=size, rgba=[0.12, 0.32, 0.72, 1],
            contype=OBJECT_CONTYPE, conaffinity=OBJECT_CONAFFINITY,
        )  # fmt: skip


def _beside(world: "World", x: float, y: float) -> float:
    return hypot(world.hand.x - x, world.hand.y - y)


def _inside(world: "World") -> bool:
    """Whether the cube's middle is within the bin's walls and below its rim."""
    turn = world.data.body("bin").xmat.reshape(3, 3)
    offset = turn.T @ (world.position("cube") - world.position("bin"))
    return bool(np.abs(offset[:2]).max() < _INSIDE_M and offset[2] < _RIM_M + CUBE_M / 4)
