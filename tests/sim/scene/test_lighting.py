import numpy as np
import pytest

from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task


@pytest.fixture(scope="module")
def world():
    return World(get_task("lift"))


def lamp(world: World) -> np.ndarray:
    head = world.model.vis.headlight
    return np.concatenate([head.ambient, head.diffuse, world.model.light_diffuse[0], world.model.light_dir[0]])


def test_every_scene_has_its_own_light_and_keeps_it(world):
    lights = []
    for seed in (0, 1, 0):
        world.reset(seed)
        lights.append(lamp(world))
    assert not np.allclose(lights[0], lights[1])
    np.testing.assert_array_equal(lights[0], lights[2])


def test_setting_objects_anew_sets_the_light_too(world):
    world.reset(5)
    light = lamp(world)
    world.reset(6)
    world.reset_objects(5)
    np.testing.assert_array_equal(lamp(world), light)


def test_light_shines_down_and_nothing_is_burnt_out_or_dark(world):
    cameras = Cameras(world.model, 96, 96)
    means = []
    for seed in range(60):
        world.reset(seed)
        assert world.model.light_dir[0][2] < -0.7
        picture = cameras.look(world.data, "front")
        assert (picture.min(axis=2) == 255).mean() < 0.05
        means.append(picture.mean())
    cameras.close()
    assert min(means) > 60 and max(means) < 215
    assert max(means) > 1.2 * min(means)
