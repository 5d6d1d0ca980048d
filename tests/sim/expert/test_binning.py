"""What is in the bin stays there."""

import pytest

from armchair_sim.expert.expert import Expert
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task


@pytest.mark.parametrize("task", ["place", "sort"])
def test_the_expert_does_not_go_after_what_it_has_put_away(task):
    """Not while the cube falls into the bin either: who learns from it would take it out again."""
    world = World(get_task(task))
    expert = Expert(world)
    for seed in range(3):
        world.reset(seed)
        expert.reset()
        while not world.success:
            world.step(expert.act())
        for _ in range(30):
            world.step(expert.act())
            assert world.success and world.gripper > 40
            assert world.gripper_pose.z > 0.07, "it waits above the bin"
