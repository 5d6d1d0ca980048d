"""The dataset against stock LeRobot: its reader, its statistics, its own recording of the same content."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from armchair_datasets.recording import video_encoder
from armchair_datasets.recording.assemble import assemble, split_by_size
from armchair_datasets.recording.check import check_dataset
from armchair_datasets.recording.format import Format

LENGTHS = (9, 5, 12)
JOINTS = tuple(f"joint_{number}.pos" for number in range(6))
FORM = Format("Lift the cube.", JOINTS, ("front", "wrist"), 48, 64, 30)


@pytest.fixture
def episodes(make_episode):
    return [make_episode(number, length) for number, length in enumerate(LENGTHS)]


@pytest.fixture
def root(episodes, tmp_path):
    assemble(episodes, tmp_path / "ours", FORM, "armchair/lift")
    return tmp_path / "ours"


@pytest.fixture
def stock(tmp_path, make_ticks):
    """The same content through LeRobot's own recording calls and the same encoder settings."""
    from lerobot.configs import RGBEncoderConfig
    from lerobot.datasets import LeRobotDataset

    encoder = RGBEncoderConfig(
        vcodec="h264", pix_fmt=video_encoder.SMALL.pix_fmt, g=video_encoder.KEYFRAME_EVERY, crf=video_encoder.SMALL.crf,
        preset=video_encoder.SMALL.preset, extra_options=dict(video_encoder.EXTRA_OPTIONS),
    )  # fmt: skip
    dataset = LeRobotDataset.create(
        "armchair/lift", 30, FORM.features(), root=tmp_path / "stock", robot_type="so_follower",
        rgb_encoder=encoder, encoder_threads=1,
    )  # fmt: skip
    for number, length in enumerate(LENGTHS):
        for tick in make_ticks(number, length):
            images = {f"observation.images.{name}": image for name, image in tick.observation["pixels"].items()}
            state = tick.observation["agent_pos"]
            dataset.add_frame({"observation.state": state, "action": tick.action, "task": "Lift the cube."} | images)
        dataset.save_episode(parallel_encoding=False)
    dataset.finalize()
    return tmp_path / "stock"


def read(root, path):
    return pq.read_table(root / path)


def test_rows_and_info_are_what_stock_lerobot_writes(root, stock):
    data = "data/chunk-000/file-000.parquet"
    ours, theirs = (json.loads(read(place, data).schema.metadata[b"huggingface"]) for place in (root, stock))
    assert ours["info"] == theirs["info"]  # stock adds a fingerprint that changes from run to run
    assert read(root, data).equals(read(stock, data))
    tasks = "meta/tasks.parquet"
    assert read(root, tasks).equals(read(stock, tasks))
    ours, theirs = (json.loads((place / "meta/info.json").read_text()) for place in (root, stock))
    assert ours == theirs
    assert ours["robot_type"] == "so_follower"
    assert ours["features"]["action"]["names"] == list(JOINTS)


def test_episode_table_has_the_stock_columns_and_places(root, stock):
    path = "meta/episodes/chunk-000/file-000.parquet"
    ours, theirs = read(root, path), read(stock, path)
    assert set(ours.column_names) == set(theirs.column_names)
    for name in theirs.column_names:
        assert ours.schema.field(name).type == theirs.schema.field(name).type, name
        if not name.startswith("stats/observation.images"):
            np.testing.assert_allclose(
                np.stack(ours[name].to_numpy()) if name != "tasks" else [],
                np.stack(theirs[name].to_numpy()) if name != "tasks" else [],
                atol=1e-9, err_msg=name,
            )  # fmt: skip
    assert ours["tasks"].to_pylist() == theirs["tasks"].to_pylist()


def test_statistics_are_the_stock_ones(root, stock):
    ours, theirs = (json.loads((place / "meta/stats.json").read_text()) for place in (root, stock))
    assert list(ours) == list(json.loads((root / "meta/info.json").read_text())["features"])
    assert set(ours) == set(theirs)
    for feature in theirs:
        assert set(ours[feature]) == set(theirs[feature])
        # Images: ours count every pixel, LeRobot's quantiles are binned.
        atol = 1 / 255 if "images" in feature else 1e-9
        for name, value in theirs[feature].items():
            assert np.shape(ours[feature][name]) == np.shape(value)
            np.testing.assert_allclose(ours[feature][name], value, atol=atol, err_msg=f"{feature} {name}")


def test_stock_reader_gives_the_right_frames_offline(root, make_ticks, monkeypatch):
    from lerobot.datasets import LeRobotDataset

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    dataset = LeRobotDataset("armchair/lift", root=root, video_backend="pyav")
    assert (dataset.num_episodes, len(dataset)) == (3, sum(LENGTHS))
    told = [tick for number, length in enumerate(LENGTHS) for tick in make_ticks(number, length)]
    for index, tick in enumerate(told):
        row = dataset[index]
        assert row["task"] == "Lift the cube."
        np.testing.assert_array_equal(row["action"], tick.action)
        np.testing.assert_array_equal(row["observation.state"], tick.observation["agent_pos"])
        for camera, image in tick.observation["pixels"].items():
            seen = row[f"observation.images.{camera}"].numpy().transpose(1, 2, 0) * 255
            assert 10 * np.log10(255**2 / np.mean((seen - image) ** 2)) > 30, (index, camera)


def test_same_episodes_same_bytes(root, episodes, tmp_path):
    assemble(episodes, tmp_path / "again", FORM, "armchair/lift")
    files = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    assert len(files) >= 7
    for file in files:
        assert (root / file).read_bytes() == (tmp_path / "again" / file).read_bytes(), file


def test_large_datasets_are_split_into_files(episodes, tmp_path, monkeypatch):
    from lerobot.datasets import LeRobotDataset, LeRobotDatasetMetadata

    create = LeRobotDatasetMetadata.create
    small = {"video_files_size_in_mb": 0.001, "data_files_size_in_mb": 0.0012, "chunks_size": 2}

    def create_small(*args, **options):
        return create(*args, **options, **small)

    monkeypatch.setattr(LeRobotDatasetMetadata, "create", create_small)
    assemble(episodes, tmp_path / "split", FORM, "armchair/lift")
    assert len(list((tmp_path / "split").glob("data/*/*.parquet"))) > 1
    assert len(list((tmp_path / "split").glob("videos/observation.images.front/chunk-001/*.mp4"))) == 1
    assert check_dataset(episodes, tmp_path / "split", "armchair/lift") == sum(LENGTHS)
    dataset = LeRobotDataset("armchair/lift", root=tmp_path / "split", video_backend="pyav", return_uint8=True)
    end = 0
    for episode, length in zip(episodes, LENGTHS, strict=True):
        end += length
        seen = dataset[end - 1]["observation.images.wrist"].numpy().transpose(1, 2, 0)
        np.testing.assert_array_equal(seen, video_encoder.last_frame(episode.video("wrist")))


def test_the_check_sees_a_shifted_video(root, episodes):
    assert check_dataset(episodes, root, "armchair/lift") == sum(LENGTHS)
    target = root / "videos/observation.images.front/chunk-000/file-000.mp4"
    target.unlink()
    video_encoder.join_videos([episodes[number].video("front") for number in (1, 2, 0)], target, 30)
    with pytest.raises(RuntimeError, match="differs"):
        check_dataset(episodes, root, "armchair/lift")


def test_split_by_size():
    assert split_by_size([4, 4, 4, 20, 1, 1], 10) == [[0, 1], [2], [3], [4, 5]]
    assert split_by_size([], 10) == []
