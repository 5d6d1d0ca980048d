"""The assembly of finished episode folders into one LeRobotDataset v3.0, through LeRobot's own metadata class.

    episodes --rows-->    data/chunk-000/file-000.parquet
             --packets--> videos/<key>/chunk-000/file-000.mp4   (copied, never encoded again)
             --stats-->   meta/{info.json, stats.json, tasks.parquet, episodes/…}

The same episodes give the same bytes in every file. Episodes can be added to a dataset: its data and videos stay
as they are, the new ones get files of their own.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from lerobot.configs import RGBEncoderConfig
from lerobot.datasets import LeRobotDatasetMetadata
from lerobot.datasets.compute_stats import compute_episode_stats
from lerobot.datasets.feature_utils import get_hf_features_from_features
from lerobot.datasets.io_utils import write_info, write_stats

from armchair_core.dataset_format.columns import (
    ACTION,
    OBSERVED_S,
    SENT_ACTION,
    STATE,
    TASK_INDEX,
    age_key,
    image_key,
    taken_key,
)
from armchair_core.so101.kinematics import ROBOT_TYPE
from armchair_datasets.recording import video_encoder
from armchair_datasets.recording.episode_folder import Episode
from armchair_datasets.recording.format import Format
from armchair_datasets.recording.image_stats import image_stats


def assemble(episodes: Sequence[Episode], root: Path, form: Format, repo_id: str, base: Path | None = None) -> None:
    """Build the dataset of `episodes`, in this order and behind those of `base`, in the new folder `root`.

    Raises:
        OSError: if the disk refuses; `base` is only read.
    """
    if base is None:
        meta = LeRobotDatasetMetadata.create(
            repo_id, form.fps, form.features(), robot_type=ROBOT_TYPE, root=root, use_videos=True
        )
    else:
        _copy(base, root)
        meta = LeRobotDatasetMetadata(repo_id, root=root)
    first = meta.total_episodes
    meta.save_episode_tasks([form.instruction])
    task_index = meta.get_task_index(form.instruction)
    assert task_index is not None, "the sentence has just been saved"
    starts = _enumerate(episodes, first, meta.total_frames)
    columns = [_columns(episode, index, start, task_index, form) for episode, index, start in starts]
    places = _write_rows(meta, columns)
    for camera in form.cameras:
        for place, video_place in zip(places, _write_videos(meta, episodes, camera), strict=True):
            place |= video_place
    for index, (episode, rows, place) in enumerate(zip(episodes, columns, places, strict=True), first):
        stats = _episode_stats(episode, rows, meta.features, form.cameras)
        meta.save_episode(index, len(rows["index"]), [form.instruction], stats, place)
    for camera in form.cameras if base is None else ():
        meta.update_video_info(image_key(camera), _encoder_config(form.height))
    write_info(meta.info, root)
    joined = meta.stats
    assert joined is not None, "every episode has brought its own"
    # LeRobot joins statistics through a set, whose order changes from run to run.
    write_stats({key: joined[key] for key in meta.features}, root)
    meta.finalize()


def _copy(base: Path, root: Path) -> None:
    """Copy a dataset, sharing the files which are never written again: rows and videos, not meta/."""
    shutil.copytree(base / "meta", root / "meta")
    for folder in ("data", "videos", "images"):
        if (base / folder).exists():
            shutil.copytree(base / folder, root / folder, copy_function=_link)
    for file in base.iterdir():
        if file.is_file():  # a README, say
            shutil.copy2(file, root)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _enumerate(episodes: Sequence[Episode], first: int, start: int) -> Iterator[tuple[Episode, int, int]]:
    """Yield each episode with its index, from `first` on, and its first frame's in the dataset, from `start` on."""
    for index, episode in enumerate(episodes, first):
        yield episode, index, start
        start += len(episode.arrays["action"])


def _columns(episode: Episode, index: int, start: int, task_index: int, form: Format) -> dict[str, np.ndarray]:
    """Return an episode's rows as LeRobot stores them; timestamps are frame / fps by its definition."""
    clock = {}
    if form.clocked:
        observed_s = episode.arrays["observed_s"]
        ages = {camera: episode.arrays[f"{camera}_age_s"] for camera in form.cameras}
        pictures = {
            (age_key if form.ages else taken_key)(camera): age_s if form.ages else observed_s - age_s
            for camera, age_s in ages.items()
        }
        clock = {OBSERVED_S: observed_s, **pictures, SENT_ACTION: episode.arrays["sent"]}
    flags = {name: episode.arrays[name] for name in form.flags()}
    length = len(episode.arrays["action"])
    frame_index = np.arange(length)
    return {
        STATE: episode.arrays["state"],
        ACTION: episode.arrays["action"],
        **clock,
        **flags,
        "timestamp": frame_index / form.fps,
        "frame_index": frame_index,
        "episode_index": np.full(length, index),
        "index": start + frame_index,
        TASK_INDEX: np.full(length, task_index),
    }


def _write_rows(meta: LeRobotDatasetMetadata, columns: Sequence[dict[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Write the parquet files, one row group an episode, and say where each episode lies."""
    schema = get_hf_features_from_features(meta.features).arrow_schema
    tables = [pa.table({name: list(rows[name]) for name in schema.names}, schema=schema) for rows in columns]
    places = []
    groups = split_by_size([table.nbytes for table in tables], meta.data_files_size_in_mb * 2**20)
    for number, group in enumerate(groups, _files_so_far(meta, "data")):
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


def _files_so_far(meta: LeRobotDatasetMetadata, kind: str) -> int:
    """Return how many files of a kind ("data", "videos/<key>") the dataset has, as its episodes tell."""
    there = meta.episodes
    if there is None or not meta.total_episodes:
        return 0
    chunks, files = there[f"{kind}/chunk_index"], there[f"{kind}/file_index"]
    return 1 + max(chunk * meta.chunks_size + file for chunk, file in zip(chunks, files, strict=True))


def _write_videos(meta: LeRobotDatasetMetadata, episodes: Sequence[Episode], camera: str) -> Iterator[dict[str, Any]]:
    """Join one camera's videos into files below LeRobot's size and say where each episode lies (seconds)."""
    key, parts, template = image_key(camera), [episode.video(camera) for episode in episodes], meta.video_path
    assert template is not None, "a dataset with videos says where they lie"
    groups = split_by_size([part.stat().st_size for part in parts], meta.video_files_size_in_mb * 2**20)
    for number, group in enumerate(groups, _files_so_far(meta, f"videos/{key}")):
        chunk, file = divmod(number, meta.chunks_size)
        path = meta.root / template.format(video_key=key, chunk_index=chunk, file_index=file)
        path.parent.mkdir(parents=True, exist_ok=True)
        start = 0
        for length in video_encoder.join_videos([parts[index] for index in group], path, meta.fps):
            times = {"from_timestamp": start / meta.fps, "to_timestamp": (start + length) / meta.fps}
            place = {"chunk_index": chunk, "file_index": file} | times
            yield {f"videos/{key}/{name}": value for name, value in place.items()}
            start += length


def _episode_stats(
    episode: Episode, rows: dict[str, np.ndarray], features: dict[str, Any], cameras: Sequence[str]
) -> dict[str, dict[str, np.ndarray]]:
    """Return the statistics of every feature of an episode, in LeRobot's shape."""
    stats = compute_episode_stats(dict(rows), features)
    for camera in cameras:
        stats[image_key(camera)] = image_stats(episode.arrays[f"{camera}_counts"], len(rows["index"]))
    return stats


def _encoder_config(height: int) -> RGBEncoderConfig:
    """Return what `video_encoder` did, in the words of info.json."""
    settings = video_encoder.settings_for(height)
    return RGBEncoderConfig(
        vcodec=video_encoder.CODEC,
        pix_fmt=settings.pix_fmt,
        g=video_encoder.KEYFRAME_EVERY,
        crf=settings.crf,
        preset=settings.preset,
        extra_options=dict(settings.options),
    )


def split_by_size(sizes: Sequence[int], limit: int) -> list[list[int]]:
    """Return the indices in order, in runs whose sizes add up to `limit` at most (a bigger one stands alone)."""
    groups: list[list[int]] = []
    room = -1
    for index, size in enumerate(sizes):
        if size > room:
            groups.append([])
            room = limit
        groups[-1].append(index)
        room -= size
    return groups
