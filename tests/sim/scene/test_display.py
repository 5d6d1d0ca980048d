"""What people are shown of a world."""

import numpy as np
import pytest

from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.display import Display
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task


@pytest.fixture(scope="module")
def world():
    world = World(get_task("lift"))
    world.reset(5)
    return world


@pytest.fixture(scope="module")
def display():
    display = Display(get_task("lift"))
    yield display
    display.close()
    display.close()


def test_it_is_large_and_changes_nothing_that_policies_see(world, display):
    cameras = Cameras(world.model, 96, 96)
    before = [cameras.look(world.data, camera) for camera in ("front", "wrist")]
    picture = display.look(world)
    assert picture.shape == (480, 640, 3) and picture.dtype == np.uint8
    assert picture.std() > 20
    np.testing.assert_array_equal([cameras.look(world.data, camera) for camera in ("front", "wrist")], before)
    cameras.close()


def test_it_shows_the_same_scene_as_the_cameras(world, display):
    """Squeezed to 24 x 32 the two are much alike: the same things in the same places."""
    cameras = Cameras(world.model, 480, 640)
    for camera in ("front", "wrist"):
        both = [cameras.look(world.data, camera), display.look(world, camera)]
        plain, fine = (each.reshape(24, 20, 32, 20, 3).mean(axis=(1, 3)) for each in both)
        assert np.corrcoef(plain.ravel(), fine.ravel())[0, 1] > 0.8, camera
    cameras.close()


def test_the_arm_throws_a_soft_shadow_on_the_table(world, display):
    display.look(world)
    top = display._top
    dark = top.astype(float).sum(axis=2) - display._shadow.darken(top, display._data).sum(axis=2)
    share = dark / top.astype(float).sum(axis=2)
    assert share.max() > 0.25  # dark in its middle
    assert 0.01 < (share > 0.2).mean() < 0.2  # and only where the arm and the cube stand before the lamp
    steps = np.abs(np.diff(share, axis=0))
    assert steps.max() < 0.15  # with no hard edge
    world.data.qpos[0] += 1.0
    display.look(world)
    moved = display._shadow.darken(top, display._data).sum(axis=2)
    world.data.qpos[0] -= 1.0
    assert np.abs(moved - (top.astype(float).sum(axis=2) - dark)).max() > 50


def test_edges_are_smooth(world, display):
    """Between the arm's yellow and what is behind it there are colours in between, as plain pictures have none."""
    cameras = Cameras(world.model, 480, 640)

    def colours(picture: np.ndarray) -> int:
        return len(np.unique(picture[200:230, 100:500].reshape(-1, 3), axis=0))

    assert colours(display.look(world)) > 3 * colours(cameras.look(world.data, "front"))
    cameras.close()


def test_closing_other_cameras_takes_nothing_from_it(world, display):
    """OpenGL numbers what it holds anew in each context: freed in the wrong one, it would be the display's."""
    before = display.look(world)
    cameras = Cameras(world.model, 96, 96)
    cameras.look(world.data, "front")
    display.look(world)
    cameras.close()
    np.testing.assert_array_equal(display.look(world), before)
