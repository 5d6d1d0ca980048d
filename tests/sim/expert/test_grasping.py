"""How the expert gets at a cube: what makes its demonstrations easy to learn from."""

import numpy as np
import pytest

from armchair_sim.expert.expert import Expert
from armchair_sim.expert.grasping import grip, holds
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task

SCENES = range(700, 706)


@pytest.fixture(scope="module", params=["lift", "place", "sort", "stack"])
def world(request):
    return World(get_task(request.param))


def until_held(world, seed):
    """Play the expert until it holds the cube firmly; yields before each tick."""
    world.reset(seed)
    expert = Expert(world)
    expert.reset()
    for _ in range(200):
        action = expert.act()
        yield action
        if holds(world, "cube") and world.gripper < grip(world, "cube") + 3:
            return
        world.step(action)
    pytest.fail(f"scene {seed}: not held")


@pytest.mark.parametrize("seed", SCENES)
def test_the_cube_is_not_dragged(world, seed):
    """It moves by what the open jaws leave on its sides, no further."""
    places = [world.position("cube").copy() for _ in until_held(world, seed)]
    assert np.linalg.norm((places[-1] - places[0])[:2]) < 0.026


@pytest.mark.parametrize("seed", SCENES)
def test_the_way_there_depends_on_the_place_alone(world, seed):
    """Whoever takes over on the way, knowing nothing of what went before, goes on in the same way."""
    for action in until_held(world, seed):
        if world.gripper > 50:
            newcomer = Expert(world)
            newcomer.reset()
            np.testing.assert_array_equal(newcomer.act(), action)


def test_a_jaw_on_the_cube_goes_up_first(world):
    """Pushing on only would be one more answer to where it is, and the one that gets nowhere."""
    for seed in SCENES:
        for _ in until_held(world, seed):
            if world.gripper_pose.z < 0.03:
                break
        aside = world.position("cube") + np.array([0.0, 0.025, 0.0])
        world.place_free("cube", aside, world.yaw("cube"))
        expert, heights = Expert(world), [world.gripper_pose.z]
        expert.reset()
        for _ in range(6):
            world.step(expert.act())
            heights.append(world.gripper_pose.z)
        assert max(heights) > heights[0] + 0.005
