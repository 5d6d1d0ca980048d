"""Which two sides of the cube the jaws take."""

import numpy as np
import pytest

from armchair_sim import so101
from armchair_sim.expert import Expert
from armchair_sim.grasping import grasp_waypoints
from armchair_sim.tasks import get_task
from armchair_sim.world import World


@pytest.fixture(scope="module")
def world():
    return World(get_task("lift"))


def stand(world, roll_deg):
    """The arm at the start with its wrist turned."""
    units = so101.START.copy()
    units[4] = roll_deg
    world.data.qpos[:6] = so101.units_to_rad(units)
    world.servo.reset(world.data.qpos[:6])
    return world.hand.roll


@pytest.mark.parametrize("seed", range(8))
def test_the_wrist_turns_to_the_side_that_is_nearest_to_it(world, seed):
    """Whichever way it has begun to turn, that is the way: otherwise two are equally good for ever."""
    world.reset(seed)
    for roll_deg in (-40, -20, 0, 20, 40):
        now = stand(world, roll_deg)
        wanted = grasp_waypoints("cube")[0].pose(world).roll
        assert abs(wanted - now) <= np.pi / 4 + 1e-6


def test_a_wrist_turned_far_turns_back(world):
    world.reset(0)
    stand(world, 150)
    assert abs(grasp_waypoints("cube")[0].pose(world).roll) <= np.pi / 2 + 1e-6


def test_jaws_that_shut_too_early_are_opened_above_the_cube(world):
    """Pushed down shut, they would only press on it."""
    world.reset(3)
    expert = Expert(world)
    expert.reset()
    for _ in range(300):
        action = expert.act()
        if world.hand.z < 0.04:
            break
        world.step(action)
    low = world.hand.z
    for _ in range(15):
        world.step(np.append(world.state[:5], 2.0))
    for _ in range(12):
        world.step(expert.act())
    assert world.hand.z > low + 0.01 and world.gripper > 30
