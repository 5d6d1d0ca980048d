"""The task `lift`: pick up the cube and hold it 5 cm above the table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from armchair_sim.expert.grasping import (
    add_cube,
    grasp_waypoints,
    grip,
    half_height_m,
    holds,
    place_cube,
    straight_to,
)
from armchair_sim.task import Task, Waypoint

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

LIFTED_M = 0.05
_CARRY_M = 0.10  # well above: short of the goal no demonstration slows down


class Lift(Task):
    """The task of lifting the cube."""

    name = "lift"
    instruction = "Pick up the red cube."
    undone = "Not picked up"
    time_limit_s = 8.0

    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        """Add the cube."""
        add_cube(spec)

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put the cube anywhere in the region."""
        place_cube(world, rng)

    def done(self, world: "World") -> bool:
        """Return whether the jaws hold the cube 5 cm above the table."""
        held = holds(world, "cube")
        if held:
            world.notes.add("held")
        return held and bool(world.position("cube")[2] - half_height_m(world, "cube") > LIFTED_M)

    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        """Return the way: down, shut, up."""
        up = Waypoint(
            straight_to(_CARRY_M),
            grip(world, "cube"),
            reached=lambda world: False,
            lost=lambda world: not holds(world, "cube"),
        )
        return [*grasp_waypoints(world, "cube"), up]

    def failure(self, world: "World") -> str:
        """Return what went wrong, in a few words."""
        if holds(world, "cube"):
            return "held it too low or too late"
        return "dropped the cube" if "held" in world.notes else "missed the cube"
