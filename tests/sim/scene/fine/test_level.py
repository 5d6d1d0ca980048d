"""The fine level changes nothing but looks, and takes the colours that the plain objects have."""

import mujoco
import numpy as np
import pytest

from armchair_sim.scene.fine.level import FINE_GROUP, take_colours
from armchair_sim.scene.variation import NOMINAL
from armchair_sim.scene.variations import get_variation
from armchair_sim.scene.world import World, build_model, dress
from armchair_sim.tasks import get_task, task_names


@pytest.mark.parametrize("task", task_names())
def test_physics_is_the_same_bit_by_bit(task):
    states = []
    for fine in (False, True):
        model = build_model(get_task(task), fine=fine)
        data, rng = mujoco.MjData(model), np.random.default_rng(1)
        for _ in range(60):
            data.ctrl[:] = rng.uniform(-0.3, 0.3, 6)
            mujoco.mj_step(model, data)
        states.append(np.concatenate([data.qpos, data.qvel, data.qfrc_bias]).tobytes())
    assert states[0] == states[1]


@pytest.mark.parametrize("task", task_names())
def test_everything_that_is_to_be_seen_has_a_fine_look_and_no_weight(task):
    plain, fine = build_model(get_task(task)), build_model(get_task(task), fine=True)
    np.testing.assert_array_equal(plain.body_mass, fine.body_mass)
    np.testing.assert_array_equal(plain.body_inertia, fine.body_inertia)
    seen = np.flatnonzero(fine.geom_group == FINE_GROUP)
    assert not fine.geom_contype[seen].any() and not fine.geom_conaffinity[seen].any()
    assert set(fine.geom_bodyid[seen]) == set(range(fine.nbody))


def test_objects_have_the_colours_of_their_scene():
    task = get_task("sort")
    fine, found = build_model(task, fine=True), set()
    cube = fine.geom("cube/0").id
    for seed in range(8):
        dress(fine, task, seed)
        take_colours(fine, fine)
        np.testing.assert_array_equal(fine.geom_rgba[cube], fine.geom("cube").rgba)
        found.add(tuple(fine.geom_rgba[cube]))
    assert len(found) == 2


def test_a_variation_is_seen():
    task, variation = get_task("lift"), get_variation("table-colour")
    fine = build_model(task, variation, fine=True)
    usual, other = (take_colours(fine, World(task, variation=each).model) for each in (NOMINAL, variation))
    middle = np.array(usual.shape[:2]) // 2
    assert np.abs(usual[10, 10].astype(int) - other[10, 10]).max() > 10  # the table
    assert np.abs(usual[*middle].astype(int) - other[*middle]).max() > 10  # the mat
    smaller = build_model(task, get_variation("size"), fine=True)
    assert smaller.geom_aabb[smaller.geom("cube/0").id, 3:] == pytest.approx([0.0125] * 3, rel=0.01)
