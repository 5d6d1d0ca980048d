"""Reading a dataset into memory: the right picture for each row, and a plain sentence for what is wrong."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset

from armchair_core.errors import ArmchairError
from armchair_policies.nano.modeling_nano import resize
from armchair_policies.nano.processor_nano import make_nano_pre_post_processors
from armchair_policies.training.nano.batches import Examples, chunk_ends, draw_rows, episode_ends, hold_out, odds
from armchair_policies.training.nano.decoded_frames import decode_frames
from armchair_policies.training.training_data import join_training_data, read_training_data


@pytest.fixture
def copy(discs, tmp_path):
    """A dataset of its own, to be damaged."""
    return shutil.copytree(discs, tmp_path / "dataset")


def edit_info(root, **changes):
    path = root / "meta/info.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def edit_data(root, change):
    (path,) = root.glob("data/*/*.parquet")
    table = pq.read_table(path)
    pq.write_table(change(table), path)


def test_every_row_has_the_picture_that_lerobot_gives_it(record_discs):
    root = record_discs(episodes=5, frames=3, cameras={"front": (64, 96), "wrist": (96, 64)}, episodes_per_file=2)
    assert len(list(root.glob("videos/observation.images.wrist/*/*.mp4"))) == 4
    told = []
    ours = decode_frames(read_training_data(root), 48, told.append)
    theirs = LeRobotDataset("armchair/discs", root=root, video_backend="pyav")
    assert told[-1] == 1
    for row in range(15):
        for key in ("observation.images.front", "observation.images.wrist"):
            wanted = resize(theirs[row][key][None], 48)[0] * 255
            assert (ours[key][row].permute(2, 0, 1) - wanted).abs().max() < 2


def test_tables_hold_what_was_recorded(discs):
    tables = read_training_data(discs)
    theirs = LeRobotDataset("armchair/discs", root=discs, video_backend="pyav")
    assert tables.cameras == ("observation.images.front",)
    assert tables.lengths.tolist() == [6, 6, 6]
    assert torch.equal(theirs[7]["action"], torch.from_numpy(tables.action[7]))
    assert torch.equal(theirs[7]["observation.state"], torch.from_numpy(tables.state[7]))


def test_chunks_end_with_their_episode():
    ends = episode_ends(np.array([3, 2]))
    action = torch.arange(5.0)[:, None]
    sentence = torch.tensor([0, 0, 0, 1, 1])
    examples = Examples({}, action, action, ends, ends, 4, torch.tensor([1, 9]), ("here", "there"), sentence)
    batch = examples.batch(torch.tensor([1, 3]))
    assert batch["action"][:, :, 0].tolist() == [[1, 2, 2, 2], [3, 4, 4, 4]]
    assert batch["action_is_pad"].tolist() == [[False, False, True, True]] * 2
    assert batch["nano.ahead"][:, :, 0].tolist() == [[2, 2], [4, 4]]
    assert batch["task"] == ["here", "there"]


def test_chunks_end_where_the_arm_was_shoved():
    """What is asked for while it is shoved still counts: it answers to what is seen there."""
    ends = chunk_ends(episode_ends(np.array([5, 3])), np.array([0, 0, 1, 1, 0, 0, 1, 0], bool))
    assert ends.tolist() == [3, 3, 3, 4, 5, 7, 7, 8]


def test_held_out_episodes_are_whole_and_only_of_larger_datasets(discs, record_discs):
    rows, held_rows, held = hold_out(read_training_data(discs), seed=0)
    assert len(rows) == 18 and not len(held_rows) and held == []
    tables = read_training_data(record_discs(episodes=20, frames=2))
    rows, held_rows, (episode,) = hold_out(tables, seed=0)
    assert held_rows.tolist() == [2 * episode, 2 * episode + 1]
    assert sorted([*rows.tolist(), *held_rows.tolist()]) == list(range(40))


def test_rows_depend_on_seed_and_step_alone():
    rows = torch.arange(1000)
    assert torch.equal(draw_rows(rows, None, 8, 1, 2), draw_rows(rows, None, 8, 1, 2))
    assert not torch.equal(draw_rows(rows, None, 8, 1, 2), draw_rows(rows, None, 8, 2, 1))


def test_corrections_by_a_person_are_half_of_what_is_drawn():
    rows = torch.arange(100, 1100)
    helped, one = np.zeros(1000, bool), np.zeros(1000, int)
    helped[[3, 500, 999]] = True
    drawn = draw_rows(rows, odds(helped, one, one), 20_000, 0, 0)
    for row in (103, 600, 1099):
        assert (drawn == row).float().mean() == pytest.approx(1 / 6, abs=0.02)
    assert len(drawn.unique()) > 990
    assert torch.equal(drawn, draw_rows(rows, odds(helped, one, one), 20_000, 0, 0))
    assert odds(one > 0, one, one) is None
    assert odds(one == 0, one, one) is None


def test_a_task_is_drawn_as_often_as_it_has_episodes():
    episode = np.repeat(np.arange(5), [5, 5, 45, 40, 5])  # two short ones of the first task, three of the second
    sentence = (episode >= 2).astype(int)
    drawn = episode[draw_rows(torch.arange(100), odds(episode < 0, sentence, episode), 20_000, 0, 0)]
    shares = np.bincount(drawn) / len(drawn)
    assert shares == pytest.approx([0.2, 0.2, 0.3, 0.6 * 40 / 90, 0.6 * 5 / 90], abs=0.015)
    corrected = np.isin(episode, [0, 4])
    drawn = draw_rows(torch.arange(100), odds(corrected, sentence, episode), 20_000, 0, 0)
    assert corrected[drawn].mean() == pytest.approx(0.5, abs=0.015)


def test_two_datasets_are_one(record_discs, discs):
    other = record_discs(episodes=2, frames=4, task="look at the disc")
    third = record_discs(episodes=1, frames=2)
    tables = join_training_data([read_training_data(discs), read_training_data(other), read_training_data(third)])
    assert tables.sentences == ("point at the disc", "look at the disc")
    assert tables.sentence.tolist() == [0] * 18 + [1] * 8 + [0] * 2
    assert tables.lengths.tolist() == [6, 6, 6, 4, 4, 2]
    pictures = decode_frames(tables, 48)["observation.images.front"]
    assert torch.equal(pictures[18:26], decode_frames(read_training_data(other), 48)["observation.images.front"])
    assert torch.equal(pictures[26:], decode_frames(read_training_data(third), 48)["observation.images.front"])


def test_datasets_that_do_not_fit_together(record_discs, discs):
    other = record_discs(episodes=1, frames=2, cameras={"wrist": (96, 96)})
    with pytest.raises(ArmchairError, match="differ in cameras, and one policy cannot learn from both: train on each"):
        join_training_data([read_training_data(discs), read_training_data(other)])


def test_the_same_dataset_twice(discs):
    with pytest.raises(ArmchairError, match="is given twice"):
        join_training_data([read_training_data(discs), read_training_data(discs)])


def test_without_its_sentences(copy):
    (copy / "meta/tasks.parquet").unlink()
    with pytest.raises(ArmchairError, match=r"tasks.parquet, which holds the tasks' sentences, cannot be read"):
        read_training_data(copy)


def test_a_joint_that_never_moved_stays_small(make_config):
    stats = {
        "observation.state": {"mean": np.zeros(2), "std": np.array([10.0, 0.0])},
        "action": {"mean": np.ones(2), "std": np.zeros(2)},
    }
    before, after = make_nano_pre_post_processors(make_config(), stats)
    scaled = before({"observation.state": torch.tensor([[10.0, 0.05]])})["observation.state"]
    torch.testing.assert_close(scaled, torch.tensor([[1.0, 5.0]]))
    torch.testing.assert_close(after(torch.zeros(1, 2)), torch.ones(1, 2))


def test_not_a_dataset(tmp_path):
    with pytest.raises(ArmchairError, match="there is no folder"):
        read_training_data(tmp_path / "nowhere")


def test_old_version(copy):
    edit_info(copy, codebase_version="v2.1")
    with pytest.raises(ArmchairError, match=r"has LeRobot's version v2\.1 .*convert_dataset_v21_to_v30"):
        read_training_data(copy)


def test_films_outside_the_folder(copy):
    edit_info(copy, video_path="../{video_key}-{chunk_index}-{file_index}.mp4")
    with pytest.raises(ArmchairError, match="outside its folder: do not trust it"):
        read_training_data(copy)


def test_no_camera(copy):
    features = json.loads((copy / "meta/info.json").read_text())["features"]
    del features["observation.images.front"]
    edit_info(copy, features=features)
    with pytest.raises(ArmchairError, match="has no camera"):
        read_training_data(copy)


def test_no_joint_positions(copy):
    features = json.loads((copy / "meta/info.json").read_text())["features"]
    del features["observation.state"]
    edit_info(copy, features=features)
    with pytest.raises(ArmchairError, match=r"has no 'observation\.state'"):
        read_training_data(copy)


def test_no_episodes(copy):
    shutil.rmtree(copy / "meta/episodes")
    with pytest.raises(ArmchairError, match="meta/episodes is missing and 3 episodes are counted: try"):
        read_training_data(copy)


def test_recording_that_was_cut_off(copy):
    (path,) = copy.glob("data/*/*.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ArmchairError, match=r"cannot be read .*: try `armchair repair"):
        read_training_data(copy)


def test_missing_rows(copy):
    edit_data(copy, lambda table: table.slice(0, 17))
    with pytest.raises(ArmchairError, match="lists 18 frames but holds 17"):
        read_training_data(copy)


@pytest.mark.parametrize("column", ["observation.state", "action"])
def test_nan_is_located(copy, column):
    def spoil(table):
        values = table[column].to_pylist()
        values[8] = [float("nan"), 0.0]
        index = table.column_names.index(column)
        return table.set_column(index, column, pa.array(values, table.schema.field(column).type))

    edit_data(copy, spoil)
    with pytest.raises(ArmchairError, match=f"'{column}' .* not finite in episode 1"):
        read_training_data(copy)


def test_missing_video(copy):
    shutil.rmtree(copy / "videos")
    with pytest.raises(ArmchairError, match="cannot be read"):
        decode_frames(read_training_data(copy), 96)


def test_damaged_video(copy):
    (path,) = copy.glob("videos/*/*/*.mp4")
    path.write_bytes(b"no video")
    with pytest.raises(ArmchairError, match="cannot be read"):
        decode_frames(read_training_data(copy), 96)


def test_short_video(discs, copy, record_discs):
    (short,) = record_discs(episodes=2).glob("videos/*/*/*.mp4")
    (path,) = copy.glob("videos/*/*/*.mp4")
    shutil.copy(short, path)
    with pytest.raises(ArmchairError, match="holds 12 of 18 frames"):
        decode_frames(read_training_data(copy), 96)
