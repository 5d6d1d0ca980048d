"""The task `sort`: the cube is red in one scene and green in the next, and each colour has its own bin.

The bins stand still, one on each side of the arm; what has to be looked at is the cube's place and its colour.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from armchair_sim.expert.binning import add_bin, bin_waypoints, lies_in
from armchair_sim.expert.grasping import add_cube, holds, place_cube
from armchair_sim.task import Task, Waypoint

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

_COLOURS = {"red": (0.80, 0.10, 0.08, 1.0), "green": (0.10, 0.58, 0.16, 1.0)}
_BIN_AT = {"red": (0.085, 0.255), "green": (0.085, -0.255)}  # clear of the region by the open jaws
# Keeps what colour is drawn apart from what light and places are.
_STREAM = 13


@cache  # asked in every tick
def colour(seed: int) -> str:
    """Return the cube's colour in the scene of `seed`: a key of _COLOURS, each in half of all scenes."""
    return list(_COLOURS)[np.random.default_rng([seed, _STREAM]).integers(2)]


class Sort(Task):
    """The task of sorting the cube by its colour."""

    name = "sort"
    instruction = "Sort the cube into the bin of its colour."
    undone = "Not in its bin"
    time_limit_s = 12.0
    colour_decides = True

    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        """Add the cube and the two bins."""
        add_cube(spec)
        for name, rgba in _COLOURS.items():
            add_bin(spec, f"{name}_bin", rgba, _BIN_AT[name])

    def paint(self, model: "mujoco.MjModel", seed: int) -> None:
        """Give the cube the colour of the scene."""
        model.geom("cube").rgba[:] = _COLOURS[colour(seed)]

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put the cube anywhere in the region."""
        place_cube(world, rng)

    def done(self, world: "World") -> bool:
        """Return whether the cube lies in the bin of its colour."""
        if holds(world, "cube"):
            world.notes.add("held")
        return lies_in(world, "cube", f"{colour(world.scene)}_bin")

    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        """Return the way: down, shut, up, over the bin of its colour, open."""
        return bin_waypoints(world, "cube", f"{colour(world.scene)}_bin")

    def failure(self, world: "World") -> str:
        """Return what went wrong, in a few words."""
        if holds(world, "cube"):
            return "still held the cube"
        if any(lies_in(world, "cube", f"{name}_bin") for name in _COLOURS):
            return "took the wrong bin"
        return "dropped the cube outside" if "held" in world.notes else "missed the cube"
