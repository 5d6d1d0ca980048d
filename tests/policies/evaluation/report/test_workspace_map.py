"""Where objects lay, and into which part of the table they are counted."""

import numpy as np
import pytest

from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.report.workspace_map import Spot, cells, spots
from armchair_policies.evaluation.simulated.episode import EpisodeJob, EpisodeRollout
from armchair_robot.loop.episode import Outcome
from armchair_sim.scene.world import World
from armchair_sim.task import REGION_X_M, REGION_Y_M
from armchair_sim.tasks import get_task, task_names


@pytest.mark.parametrize(
    ("task", "body"),
    [("lift", "cube"), ("place", "cube"), ("push", "block"), ("reach", "ball"), ("sort", "cube"), ("stack", "cube")],
)
def test_a_spot_is_where_the_object_lies_when_the_scene_is_set(task, body):
    assert task in task_names()
    world, candidate = World(get_task(task)), Candidate("expert", task, None, 32, 32, episode_s=0.2)
    rollout = EpisodeRollout(candidate)
    for spot in spots([rollout.play(EpisodeJob(candidate, seed)) for seed in (100_003, 100_000)]):
        world.reset(spot.outcome.seed)
        assert (spot.x_m, spot.y_m) == tuple(world.position(body)[:2])
    rollout.close()


def test_every_spot_of_the_region_is_in_one_cell():
    rng = np.random.default_rng(0)
    made = [
        Spot(Outcome(seed, y > 0, 9, ""), x, y)
        for seed, (x, y) in enumerate(zip(rng.uniform(*REGION_X_M, 300), rng.uniform(*REGION_Y_M, 300), strict=True))
    ]
    counted = cells(made)
    assert sum(cell.scenes for cell in counted) == 300
    assert all(cell.successes == (cell.scenes if cell.y_m >= -1e-9 else 0) for cell in counted)
