"""The task: its objects on the table, where they may land, when it is done, and the expert's waypoints."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.so101.kinematics import Pose

if TYPE_CHECKING:  # not at run time: to ask tasks for names and sentences must not load MuJoCo
    import mujoco

    from armchair_sim.scene.world import World

# Objects land with their middle in this rectangle in front of the arm: 15 x 30 cm, base frame, metres.
REGION_X_M = (0.16, 0.31)
REGION_Y_M = (-0.15, 0.15)


@dataclass(frozen=True)
class Waypoint:
    """A waypoint of the expert, worked out anew at each tick from where things are.

    `pose` is the target of the grasp point, `gripper` the opening (0 to 100). The expert goes on when `reached`
    says so and starts over when `lost` says that what it had done is undone.
    """

    pose: "Callable[[World], Pose]"
    gripper: float
    reached: "Callable[[World], bool]"
    lost: "Callable[[World], bool]" = lambda world: False


class Task(ABC):
    """One job on the table. Subclasses are stateless; a file in `tasks/` holds one each."""

    name: str
    instruction: str  # LeRobot's task sentence
    undone: str = "Not done"  # what people read of an episode in which it was not
    time_limit_s: float
    colour_decides: bool = False  # whether what is to be done goes by the object's colour

    @abstractmethod
    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        """Add this task's bodies to the world, first of all the one that it is about."""

    def paint(self, model: "mujoco.MjModel", seed: int) -> None:  # noqa: B027 - most tasks have one look
        """Give the objects the colours of the scene of `seed`. Called wherever the scene is drawn."""

    @abstractmethod
    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put the objects where this scene wants them; draws from `rng` alone."""

    @abstractmethod
    def done(self, world: "World") -> bool:
        """Return whether the goal state holds now. The episode succeeds when it has held for HOLD_TICKS ticks."""

    @abstractmethod
    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        """Return the expert's way through the scene that has just been reset."""

    @abstractmethod
    def failure(self, world: "World") -> str:
        """Return why an episode that ran out of time failed, in a word or three."""


def random_spot(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return (x, y, yaw) anywhere in the region, at any yaw: metres and radians."""
    return rng.uniform(*REGION_X_M), rng.uniform(*REGION_Y_M), rng.uniform(-np.pi, np.pi)


def spot_apart(rng: np.random.Generator, taken: np.ndarray, apart_m: float) -> tuple[float, float, float]:
    """Return (x, y, yaw) as `random_spot`, but farther than `apart_m` from what is `taken` (x, y, ...)."""
    while True:
        x, y, yaw = random_spot(rng)
        if hypot(x - taken[0], y - taken[1]) > apart_m:
            return x, y, yaw
