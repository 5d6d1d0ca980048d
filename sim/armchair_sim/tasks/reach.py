"""The task `reach`: touch the ball, which stands on a thin post at any height from 3 to 12 cm."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.so101.kinematics import SHUT
from armchair_sim.expert.grasping import pose_over, tip_distance
from armchair_sim.task import Task, Waypoint, random_spot

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

BALL_RADIUS_M = 0.015
HEIGHT_M = (0.03, 0.12)
TOUCH_M = 0.008  # from the grasp point between the closed jaws to the ball's skin


class Reach(Task):
    """The task of touching the ball."""

    name = "reach"
    instruction = "Touch the red ball."
    undone = "Not touched"
    time_limit_s = 6.0

    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        """Add the ball on its post."""
        import mujoco

        ball = spec.worldbody.add_body(name="ball", mocap=True)
        # The ball is a mark in the air, not an obstacle: a touch is measured, and nothing gets knocked over.
        untouchable = {"contype": 0, "conaffinity": 0}
        ball.add_geom(
            name="ball",
            type=mujoco.mjtGeom.mjGEOM_SPHERE,
            size=[BALL_RADIUS_M, 0, 0],
            rgba=[0.85, 0.08, 0.08, 1],
            **untouchable,
        )
        ball.add_geom(
            type=mujoco.mjtGeom.mjGEOM_CYLINDER,
            size=[0.002, 0.06, 0],
            pos=[0, 0, -0.075],
            rgba=[0.85, 0.85, 0.85, 1],
            **untouchable,
        )

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put the ball anywhere above the region."""
        x, y, _ = random_spot(rng)
        world.place_fixture("ball", (x, y, rng.uniform(*HEIGHT_M)), yaw=0.0)

    def done(self, world: "World") -> bool:
        """Return whether the closed jaws touch the ball."""
        return world.gripper < 20 and tip_distance(world, "ball") < BALL_RADIUS_M + TOUCH_M

    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        """Return the way to the ball with shut jaws."""
        return [Waypoint(lambda world: pose_over(world.position("ball")), SHUT, reached=lambda world: False)]

    def failure(self, world: "World") -> str:
        """Return what went wrong, in a few words."""
        return "touched too briefly" if self.done(world) else "missed the ball"
