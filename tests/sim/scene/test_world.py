import mujoco
import numpy as np

from armchair_sim.expert.grasping import add_cube, place_cube
from armchair_sim.scene.world import World


class CubeOnly:
    """No Task, but all that a world asks of one."""

    def add_objects(self, spec: mujoco.MjSpec) -> None:
        add_cube(spec)

    def paint(self, model: mujoco.MjModel, seed: int) -> None:
        model.geom("cube").rgba[:] = (0, 0, 1, 1)

    def place_objects(self, world: World, rng: np.random.Generator) -> None:
        place_cube(world, rng)

    def done(self, world: World) -> bool:
        return world.position("cube")[2] > 0.05


def test_a_world_asks_no_more_of_a_task_than_its_protocol():
    world = World(CubeOnly())
    world.reset(3)
    world.step(world.state)
    assert not world.success
    assert world.model.geom("cube").rgba.tolist() == [0, 0, 1, 1]
