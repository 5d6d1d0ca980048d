"""Scenes begin and end with what is heard on the leader's line."""

import numpy as np
import pytest

from armchair_core.dataset_format.rows import read_actions
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import START
from armchair_sim.scene.world import FPS, World
from armchair_sim.tasks import get_task
from armchair_sim.twin.director import Director, ReplayInput, StillInput, open_leader_input

READING, SILENT = 0.03, 1.0


@pytest.fixture(scope="module")
def world():
    return World(get_task("reach"))


@pytest.fixture
def director(world):
    world.reset(5)
    return Director(world, open_leader_input("expert", world), 5, episode_s=4.0)


def test_nobody_moves_while_nobody_reads(director):
    for _ in range(100):
        np.testing.assert_array_equal(director.tick(SILENT), START)
    assert not director.played


def test_a_single_read_is_not_an_episode(director):
    for _ in range(3):
        director.tick(READING)
    for _ in range(10):
        director.tick(SILENT)
    assert director.scene.seed == 5
    assert not director.played


def test_the_expert_plays_a_scene_and_the_next_one_is_set(director, world):
    for _ in range(6 * FPS):
        world.step(director.tick(READING))
    np.testing.assert_array_equal(director.tick(READING), START)
    ball = world.position("ball")
    director.tick(SILENT)
    assert [(scene.seed, scene.success) for scene in director.played] == [(5, True)]
    assert director.scene.seed == 6
    assert not np.array_equal(world.position("ball"), ball)


def test_a_scene_set_around_the_arm_is_the_scene_of_its_seed(director, world):
    world.reset(9)
    wanted, angles = world.position("ball"), world.data.qpos[:6].copy()
    world.reset(1)
    director.set_scene(9)
    np.testing.assert_array_equal(world.position("ball"), wanted)
    assert not np.array_equal(world.data.qpos[:6], angles)


def test_hands_by_name(world):
    assert isinstance(open_leader_input("still", world), StillInput)
    with pytest.raises(ArmchairError, match="did you mean 'expert'"):
        open_leader_input("exprt", world)
    with pytest.raises(ArmchairError, match="no recorded episode"):
        open_leader_input("nowhere:0", world)


def test_a_recorded_episode_is_shown_and_then_held(tmp_path):
    import pyarrow
    import pyarrow.parquet

    (tmp_path / "meta").mkdir()
    (tmp_path / "meta/info.json").write_text("{}")
    (tmp_path / "data/chunk-000").mkdir(parents=True)
    actions = np.arange(24, dtype=np.float32).reshape(4, 6)
    table = pyarrow.table({"action": list(actions), "episode_index": [0, 1, 1, 2]})
    pyarrow.parquet.write_table(table, tmp_path / "data/chunk-000/file-000.parquet")
    replay = ReplayInput(read_actions(tmp_path, "1"))
    for _ in range(2):
        replay.reset()
        shown = np.array([replay.act() for _ in range(4)])
        np.testing.assert_array_equal(shown, actions[[1, 2, 2, 2]])
    with pytest.raises(ArmchairError, match="no episode 7"):
        read_actions(tmp_path, "7")


def test_between_episodes_the_hand_lets_go_and_stays_at_home(director):
    for _ in range(60):
        director.tick(READING)
    director.rest()
    first, *_, last = [director.tick(READING) for _ in range(300)]
    assert first[5] > 50
    np.testing.assert_array_equal(last, START)
    director.set_scene(7)
    moves = [director.tick(READING) for _ in range(60)]
    assert np.abs(moves[-1] - START).max() > 5


def test_a_recorder_that_goes_away_while_the_hand_rests_leaves_it_working(director):
    director.rest()
    director.tick(SILENT)
    moves = [director.tick(READING) for _ in range(60)]
    assert np.abs(moves[-1] - START).max() > 5
    assert not director.played
