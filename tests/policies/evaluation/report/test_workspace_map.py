"""Where objects lay, and into which part of the table they are counted."""

import numpy as np
import pytest

from armchair_policies.evaluation.report.workspace_map import Spot, cells, spots
from armchair_robot.loop.episode import Outcome
from armchair_sim.scene.world import World
from armchair_sim.task import REGION_X_M, REGION_Y_M
from armchair_sim.tasks import get_task, task_names


@pytest.mark.parametrize(("task", "body"), [("lift", "cube"), ("place", "cube"), ("reach", "ball"), ("sort", "cube")])
def test_a_spot_is_where_the_object_lies_when_the_scene_is_set(task, body):
    assert task in task_names()
    world = World(get_task(task))
    for spot in spots(task, [Outcome(seed, True, 9, "success") for seed in (100_003, 100_000)]):
        world.reset(spot.outcome.seed)
        assert (spot.x_m, spot.y_m) == pytest.approx(world.position(body)[:2])


def test_every_spot_of_the_region_is_in_one_cell():
    rng = np.random.default_rng(0)
    made = [
        Spot(Outcome(seed, y > 0, 9, ""), x, y)
        for seed, (x, y) in enumerate(zip(rng.uniform(*REGION_X_M, 300), rng.uniform(*REGION_Y_M, 300), strict=True))
    ]
    counted = cells(made)
    assert sum(cell.scenes for cell in counted) == 300
    assert all(cell.successes == (cell.scenes if cell.y_m >= -1e-9 else 0) for cell in counted)
