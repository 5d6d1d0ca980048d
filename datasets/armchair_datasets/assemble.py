"""Finished episode folders -> one LeRobotDataset v3.0, through LeRobot's own metadata class.

    episodes --rows-->    data/chunk-000/file-000.parquet
             --packets--> videos/<key>/chunk-000/file-000.mp4   (copied, never encoded again)
             --stats-->   meta/{info.json, stats.json, tasks.parquet, episodes/…}

The same episodes give the same bytes in every file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair_datasets import video
from armchair_datasets.episode import Episode
from armchair_datasets.stats import image_stats
from armchair_sim.so101 import ROBOT_TYPE

if TYPE_CHECKING:
    from lerobot.datasets import LeRobotDatasetMetadata


@dataclass(frozen=True)
class Format:
    """What all episodes of a dataset share. `instruction` is the sentence that every frame carries."""

    instruction: str
    joints: tuple[str, ...]
    cameras: tuple[str, ...]
    height: int
    width: int
    fps: int

    def features(self) -> dict[str, dict[str, Any]]:
        """LeRobot's description of the columns, without the bookkeeping ones that LeRobot adds."""
        vector = {"dtype": "float32", "shape": (len(self.joints),), "names": list(self.joints)}
        image = {
            "dtype": "video",
            "shape": (self.height, self.width, 3),
            "names": ["height", "width", "channels"],
        }
        images = {image_key(camera): dict(image) for camera in self.cameras}
        return {"observation.state": dict(vector), "action": dict(vector), **images}


def image_key(camera: str) -> str:
    """LeRobot's name for a camera's feature."""
    return f"observation.images.{camera}"


def assemble(episodes: Sequence[Episode], root: Path, form: Format, repo_id: str) -> None:
    """Build the dataset of `episodes`, in this order, in the new folder `root`."""
    from lerobot.datasets import LeRobotDatasetMetadata
    from lerobot.datasets.io_utils import write_info, write_stats

    meta = LeRobotDatasetMetadata.create(
        repo_id, form.fps, form.features(), robot_type=ROBOT_TYPE, root=root, use_videos=True
    )
    meta.save_episode_tasks([form.instruction])
    columns = [_columns(episode, index, start, form.fps) for episode, index, start in _enumerate(episodes)]
    places = _write_rows(meta, columns)
    for camera in form.cameras:
        for place, video_place in zip(places, _write_videos(meta, episodes, camera), strict=True):
            place |= video_place
    for index, (episode, rows, place) in enumerate(zip(episodes, columns, places, strict=True)):
        stats = _episode_stats(episode, rows, meta.features, form.cameras)
        meta.save_episode(index, len(rows["index"]), [form.instruction], stats, place)
    for camera in form.cameras:
        meta.update_video_info(image_key(camera), _encoder_config())
    write_info(meta.info, root)
    # LeRobot joins statistics through a set, whose order changes from run to run.
    write_stats({key: meta.stats[key] for key in meta.features}, root)
    meta.finalize()


def check_dataset(episodes: Sequence[Episode], root: Path, repo_id: str) -> int:
    """Open the dataset with stock LeRobot, compare it with the episodes, and return its number of frames.

    The last rows and pictures of the first and the last episode are compared bit for bit: one frame lost or
    doubled anywhere would shift the last one.

    Raises:
        RuntimeError: if anything differs.
    """
    from lerobot.datasets import LeRobotDataset

    dataset = LeRobotDataset(repo_id, root=root, video_backend="pyav", return_uint8=True)
    frames = sum(len(episode.arrays["action"]) for episode in episodes)
    if (dataset.num_episodes, dataset.num_frames, len(dataset)) != (len(episodes), frames, frames):
        raise RuntimeError(f"{root} holds {dataset.num_episodes} episodes and {len(dataset)} frames, not {frames}")
    for index in {0, len(episodes) - 1}:
        row = dataset[int(dataset.meta.episodes[index]["dataset_to_index"]) - 1]
        _compare(row, episodes[index], dataset.meta.video_keys)
    return frames


def _compare(row: dict[str, Any], episode: Episode, video_keys: Sequence[str]) -> None:
    expected = {"action": episode.arrays["action"][-1], "observation.state": episode.arrays["state"][-1]}
    for key in video_keys:
        expected[key] = video.last_frame(episode.video(key.removeprefix(image_key("")))).transpose(2, 0, 1)
    for key, value in expected.items():
        if not np.array_equal(row[key].numpy(), value):
            raise RuntimeError(f"the last {key} of {episode.folder} differs in the dataset")


def _enumerate(episodes: Sequence[Episode]) -> Iterator[tuple[Episode, int, int]]:
    """Each episode with its index and the dataset's index of its first frame."""
    start = 0
    for index, episode in enumerate(episodes):
        yield episode, index, start
        start += len(episode.arrays["action"])


def _columns(episode: Episode, index: int, start: int, fps: int) -> dict[str, np.ndarray]:
    """An episode's rows as LeRobot stores them; timestamps are frame / fps by its definition."""
    length = len(episode.arrays["action"])
    frame_index = np.arange(length)
    return {
        "observation.state": episode.arrays["state"],
        "action": episode.arrays["action"],
        "timestamp": frame_index / fps,
        "frame_index": frame_index,
        "episode_index": np.full(length, index),
        "index": start + frame_index,
        "task_index": np.zeros(length, dtype=np.int64),
    }


def _write_rows(meta: "LeRobotDatasetMetadata", columns: Sequence[dict[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Write the parquet files, one row group an episode, and say where each episode lies."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from lerobot.datasets.feature_utils import get_hf_features_from_features

    schema = get_hf_features_from_features(meta.features).arrow_schema
    tables = [pa.table({name: list(rows[name]) for name in schema.names}, schema=schema) for rows in columns]
    places = []
    groups = split_by_size([table.nbytes for table in tables], meta.data_files_size_in_mb * 2**20)
    for number, group in enumerate(groups):
        chunk, file = divmod(number, meta.chunks_size)
        path = meta.root / meta.data_path.format(chunk_index=chunk, file_index=file)
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=True) as writer:
            for index in group:
                writer.write_table(tables[index])
                first, last = (int(columns[index]["index"][end]) for end in (0, -1))
                place = {"data/chunk_index": chunk, "data/file_index": file}
                places.append(place | {"dataset_from_index": first, "dataset_to_index": last + 1})
    return places


def _write_videos(meta: "LeRobotDatasetMetadata", episodes: Sequence[Episode], camera: str) -> Iterator[dict[str, Any]]:
    """Join one camera's videos into files below LeRobot's size and say where each episode lies (seconds)."""
    key, parts = image_key(camera), [episode.video(camera) for episode in episodes]
    groups = split_by_size([part.stat().st_size for part in parts], meta.video_files_size_in_mb * 2**20)
    for number, group in enumerate(groups):
        chunk, file = divmod(number, meta.chunks_size)
        path = meta.root / meta.video_path.format(video_key=key, chunk_index=chunk, file_index=file)
        path.parent.mkdir(parents=True, exist_ok=True)
        start = 0
        for length in video.join_videos([parts[index] for index in group], path, meta.fps):
            times = {"from_timestamp": start / meta.fps, "to_timestamp": (start + length) / meta.fps}
            place = {"chunk_index": chunk, "file_index": file} | times
            yield {f"videos/{key}/{name}": value for name, value in place.items()}
            start += length


def _episode_stats(
    episode: Episode, rows: dict[str, np.ndarray], features: dict[str, Any], cameras: Sequence[str]
) -> dict[str, dict[str, np.ndarray]]:
    from lerobot.datasets.compute_stats import compute_episode_stats

    stats = compute_episode_stats(rows, features)
    for camera in cameras:
        stats[image_key(camera)] = image_stats(episode.arrays[f"{camera}_counts"], len(rows["index"]))
    return stats


def _encoder_config():
    """What `video` did, in the words of info.json."""
    from lerobot.configs import RGBEncoderConfig

    return RGBEncoderConfig(
        vcodec=video.CODEC,
        pix_fmt=video.PIXEL_FORMAT,
        g=video.KEYFRAME_EVERY,
        crf=video.CRF,
        preset=video.PRESET,
        extra_options=dict(video.EXTRA_OPTIONS),
    )


def split_by_size(sizes: Sequence[int], limit: int) -> list[list[int]]:
    """Indices in order, in runs whose sizes add up to `limit` at most (a bigger one stands alone)."""
    groups: list[list[int]] = []
    room = -1
    for index, size in enumerate(sizes):
        if size > room:
            groups.append([])
            room = limit
        groups[-1].append(index)
        room -= size
    return groups
