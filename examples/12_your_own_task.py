"""Your own task: say what is on the table and when it is done, and the expert does it.

You learn the whole contract of a task; here a button must be pressed with shut jaws, from above. Takes 10 seconds.
Put the class alone into a file of sim/armchair_sim/tasks/, and every command knows it: see CONTRIBUTING.md.

    uv run python examples/12_your_own_task.py --scenes 10
"""

import argparse

import mujoco

from armchair_core.so101.kinematics import SHUT
from armchair_sim.expert.expert import Expert
from armchair_sim.expert.grasping import pose_over, tip_distance
from armchair_sim.scene.world import FPS, World
from armchair_sim.task import Task, Waypoint, random_spot

ABOVE_M, DOWN_M, NEAR_M = 0.08, 0.015, 0.015


class Press(Task):
    """Press the button: a green disc that lies anywhere on the table."""

    name = "press"
    instruction = "Press the green button."
    time_limit_s = 8.0

    def add_objects(self, spec):
        button = spec.worldbody.add_body(name="button", mocap=True)  # it moves only where a scene puts it
        look = {"size": [0.02, 0.005, 0], "rgba": [0.1, 0.6, 0.2, 1], "contype": 0, "conaffinity": 0}
        button.add_geom(name="button", type=mujoco.mjtGeom.mjGEOM_CYLINDER, **look)

    def place_objects(self, world, rng):
        x, y, _ = random_spot(rng)  # metres, anywhere in the region
        world.place_fixture("button", (x, y, 0.005), yaw=0.0)

    def done(self, world):
        return world.gripper < 20 and tip_distance(world, "button") < NEAR_M

    def waypoints(self, world):
        def over(height_m):
            return lambda world: pose_over((*world.position("button")[:2], height_m))

        def is_above(world):
            return tip_distance(world, "button") < ABOVE_M + 0.01

        return [Waypoint(over(ABOVE_M), SHUT, is_above), Waypoint(over(DOWN_M), SHUT, reached=lambda world: False)]

    def failure(self, world):
        return "pressed too briefly" if self.done(world) else "missed the button"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=10)
    asked = parser.parse_args()

    world = World(Press())
    expert = Expert(world)
    for seed in range(asked.scenes):
        world.reset(seed)
        expert.reset()
        ticks = 0
        while not world.success and ticks < world.task.time_limit_s * FPS:
            world.step(expert.act())  # 1/30 s
            ticks += 1
        x, y, _ = world.position("button")
        ending = "success" if world.success else world.task.failure(world)
        print(f"seed {seed}: button at x {x:.2f}, y {y:+.2f} m: {ending} after {ticks / FPS:.1f} s")


if __name__ == "__main__":
    main()
