"""The task `place`: put the cube in the bin, which also stands anywhere in the region, clear of the cube."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from armchair_sim.expert.binning import BLUE, add_bin, bin_waypoints, lies_in
from armchair_sim.expert.grasping import add_cube, holds, place_cube
from armchair_sim.task import Task, Waypoint, spot_apart

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

_APART_M = 0.13  # between the middles of cube and bin: room for the open jaws


class Place(Task):
    """The task of putting the cube into the bin."""

    name = "place"
    instruction = "Put the red cube in the blue bin."
    undone = "Not in the bin"
    time_limit_s = 12.0

    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        """Add the cube and the bin."""
        add_cube(spec)
        add_bin(spec, "bin", BLUE)

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put cube and bin anywhere in the region, clear of each other."""
        place_cube(world, rng)
        x, y, yaw = spot_apart(rng, world.data.joint("cube").qpos, _APART_M)
        world.place_fixture("bin", (x, y, 0.0), yaw)

    def done(self, world: "World") -> bool:
        """Return whether the cube lies in the bin."""
        if holds(world, "cube"):
            world.notes.add("held")
        return lies_in(world, "cube", "bin")

    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        """Return the way: down, shut, up, over the bin, open."""
        return bin_waypoints(world, "cube", "bin")

    def failure(self, world: "World") -> str:
        """Return what went wrong, in a few words."""
        if holds(world, "cube"):
            return "still held the cube"
        return "dropped the cube outside" if "held" in world.notes else "missed the cube"
