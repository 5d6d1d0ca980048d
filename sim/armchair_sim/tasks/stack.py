"""The task `stack`: put the cube on the block, which also lies anywhere in the region, clear of the cube."""

from collections.abc import Sequence
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.so101.kinematics import OPEN
from armchair_sim.expert.binning import BLUE
from armchair_sim.expert.grasping import (
    add_box,
    add_cube,
    grasp_waypoints,
    grip,
    half_height_m,
    holds,
    is_left_alone,
    place_cube,
    pose_over,
    straight_to,
)
from armchair_sim.task import Task, Waypoint, spot_apart

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

_SIDE_M, BLOCK_HEIGHT_M = 0.060, 0.030  # how wide the block is, and how high
_APART_M = 0.12  # between the middles of cube and block: room for the open jaws
_STEADY_M = 0.024  # how far the cube's middle may be from the block's
_CARRY_M = 0.10
_LET_GO = 20.0  # hundredths of the gripper's range, until the jaws touch nothing
_GAP_M = 0.003  # between cube and block when the jaws let go


class Stack(Task):
    """The task of putting the cube on the block."""

    name = "stack"
    instruction = "Put the red cube on the blue block."
    undone = "Not on the block"
    time_limit_s = 20.0

    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        """Add the cube and the block."""
        add_cube(spec)
        add_box(spec, "block", (_SIDE_M, _SIDE_M, BLOCK_HEIGHT_M), BLUE)

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put cube and block anywhere in the region, clear of each other."""
        place_cube(world, rng)
        x, y, yaw = spot_apart(rng, world.data.joint("cube").qpos, _APART_M)
        world.place_free("block", (x, y, BLOCK_HEIGHT_M / 2), yaw)

    def done(self, world: "World") -> bool:
        """Return whether the cube lies on the block, let go of and at rest."""
        if holds(world, "cube"):
            world.notes.add("held")
            return False
        return is_left_alone(world, "cube") and _is_on_block(world)

    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        """Return the way: down, shut, up, over the block, down on it, open."""
        held = grip(world, "cube")

        def dropped(world: "World") -> bool:
            return not holds(world, "cube") and (_beside_m(world) > _STEADY_M or _height_m(world) < -_GAP_M)

        def over_block(world: "World", height_m: float) -> "tuple[float, float, float]":
            # The cube hangs beside the grasp point as it was taken: that much beside the block the gripper goes.
            x, y, _ = world.position("block") - world.position("cube") + world.tip
            return x, y, height_m

        def release_m(world: "World") -> float:
            hangs = world.tip[2] - world.position("cube")[2]
            return BLOCK_HEIGHT_M + half_height_m(world, "cube") + _GAP_M + hangs

        return [
            *grasp_waypoints(world, "cube", beside="block", lies_m=_lies_m),
            Waypoint(straight_to(_CARRY_M), held, lambda world: world.gripper_pose.z > _CARRY_M - 0.012, dropped),
            Waypoint(
                lambda world: pose_over(over_block(world, _CARRY_M), world.gripper_pose.roll), held,
                lambda world: _beside_m(world) < 0.010, dropped,
            ),
            Waypoint(
                lambda world: pose_over(over_block(world, release_m(world)), world.gripper_pose.roll), held,
                lambda world: _height_m(world) < 2 * _GAP_M and _beside_m(world) < 0.012, dropped,
            ),
            Waypoint(
                lambda world: straight_to(world.gripper_pose.z)(world), OPEN,
                lambda world: world.gripper > held + _LET_GO, dropped,
            ),
            Waypoint(straight_to(_CARRY_M), OPEN, reached=lambda world: False, lost=dropped),
        ]  # fmt: skip

    def failure(self, world: "World") -> str:
        """Return what went wrong, in a few words."""
        if holds(world, "cube"):
            return "still held the cube"
        return "dropped the cube beside" if "held" in world.notes else "missed the cube"


def _lies_m(world: "World") -> float:
    """Return how far above the table the cube lies: it may lie on the block, too far from its middle."""
    return BLOCK_HEIGHT_M if _beside_m(world) < _SIDE_M and _height_m(world) > -_GAP_M else 0.0


def _beside_m(world: "World") -> float:
    """Return how far the cube's middle is from the block's, across the table."""
    x, y, _ = world.position("cube") - world.position("block")
    return hypot(x, y)


def _height_m(world: "World") -> float:
    """Return how far the cube is above the block's top."""
    apart_m = world.position("cube")[2] - world.position("block")[2]
    return float(apart_m - half_height_m(world, "cube") - BLOCK_HEIGHT_M / 2)


def _is_on_block(world: "World") -> bool:
    return _beside_m(world) < _STEADY_M and abs(_height_m(world)) < 0.006
