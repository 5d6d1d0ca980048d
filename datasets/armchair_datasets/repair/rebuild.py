"""The rebuilding of a broken dataset: its whole episodes as a new one, through LeRobot's own metadata class.

Rows keep their bits, videos their bytes; only what counts episodes and frames is counted anew.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from lerobot.datasets import LeRobotDatasetMetadata
from lerobot.datasets.feature_utils import get_hf_features_from_features
from lerobot.datasets.io_utils import write_info, write_stats, write_tasks

from armchair_core.dataset_format.columns import TASK_INDEX
from armchair_core.dataset_format.info import INFO, STATS
from armchair_core.dataset_format.tables import DATA, EPISODES, TASKS
from armchair_datasets.repair.examine import Findings, WholeEpisode
from armchair_datasets.repair.staged import encode_staged
from armchair_datasets.repair.stats import episode_stats
from armchair_datasets.repair.videos import Span, VideoFile, cut

REBUILT = (DATA.name, "images", "videos")
REBUILT_META = tuple(path.name for path in (INFO, STATS, TASKS, EPISODES))


def rebuild(found: Findings, target: Path) -> dict[int, str]:
    """Write the dataset of `found.kept` into the new folder `target`.

    Returns:
        Why an episode had to be left out after all, because its pictures cannot be decoded.

    Raises:
        OSError: if the disk refuses.
    """
    info = found.info
    meta = LeRobotDatasetMetadata.create("armchair/repaired", info.fps, info.features, root=target)
    meta.info = replace(info, total_episodes=0, total_frames=0, total_tasks=0, splits={})
    meta.tasks = found.tasks.assign(task_index=range(len(found.tasks)))  # LeRobot takes the place for the number
    try:
        left_out = _fill(meta, found)
    except BaseException:
        meta._metadata_buffer.clear()  # or its destructor writes them after all else has been cleared away
        raise
    copy_the_rest(found.root, target)
    return left_out


def _fill(meta: LeRobotDatasetMetadata, found: Findings) -> dict[int, str]:
    write_tasks(meta.tasks, meta.root)
    videos = {key: _write_videos(found, key, meta.root) for key in meta.video_keys}
    words = dict(zip(found.tasks["task_index"], found.tasks.index, strict=True))
    places = {number: place for place, number in enumerate(found.tasks["task_index"])}
    left_out = {}
    with _RowWriter(meta) as rows:
        for episode in found.kept:
            try:
                _save(meta, rows, episode, videos, (words, places))
            except ValueError as error:
                left_out[episode.rows.episode] = str(error)
    if len(left_out) == len(found.kept):
        return left_out
    for key in meta.video_keys:
        if not meta.features[key].get("info"):
            meta.update_video_info(key)
    write_info(meta.info, meta.root)
    joined = meta.stats or {}
    # LeRobot joins statistics through a set, whose order changes from run to run.
    write_stats({key: joined[key] for key in meta.features if key in joined}, meta.root)
    meta.finalize()
    return left_out


def _save(
    meta: LeRobotDatasetMetadata,
    rows: "_RowWriter",
    episode: WholeEpisode,
    videos: Mapping[str, Mapping[VideoFile, VideoFile]],
    tasks: tuple[Mapping[int, str], Mapping[int, int]],
) -> None:
    """Append an episode; `tasks` are the tasks' sentences and their new places, both by their old index.

    Raises:
        ValueError: if its pictures cannot be decoded; then nothing was written.
    """
    number, (words, places) = meta.info.total_episodes, tasks
    table = episode.rows.table()
    task_index = pa.array([places[task] for task in table[TASK_INDEX].to_pylist()], pa.int64())
    table = table.set_column(table.schema.get_field_index(TASK_INDEX), TASK_INDEX, task_index)
    table = renumber(table, number, meta.info.total_frames, rows.schema)
    spans = {key: Span(videos[key][span.video], span.first) for key, span in episode.spans.items()}
    stats = episode_stats(table, spans, episode.row, meta.features, meta.fps)
    place: dict[str, Any] = rows.write(table)
    for key, span in spans.items():
        place |= {f"videos/{key}/{name}": value for name, value in _describe(span, len(table), meta.fps).items()}
    meta.save_episode(number, len(table), [words[task] for task in episode.rows.tasks], stats, place)


def _describe(span: Span, length: int, fps: float) -> dict[str, Any]:
    chunk, file = span.video.numbers
    times = {"from_timestamp": span.first / fps, "to_timestamp": (span.first + length) / fps}
    return {"chunk_index": chunk, "file_index": file, **times}


def renumber(table: pa.Table, episode: int, first_index: int, schema: pa.Schema) -> pa.Table:
    """Return the rows with their new places in the dataset, and LeRobot's types."""
    counts = {
        "episode_index": np.full(len(table), episode),
        "index": np.arange(first_index, first_index + len(table)),
    }
    for name, values in counts.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, pa.int64()))
    table = table.select(schema.names)
    return table.replace_schema_metadata(schema.metadata) if table.schema.equals(schema) else table.cast(schema)


class _RowWriter:
    """Writes episodes into data files below LeRobot's size, one row group each."""

    def __init__(self, meta: LeRobotDatasetMetadata) -> None:
        self.schema = get_hf_features_from_features(meta.features).arrow_schema
        self._meta = meta
        self._writer: Any = None
        self._number, self._bytes = -1, 0

    def __enter__(self) -> "_RowWriter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, table: pa.Table) -> dict[str, Any]:
        """Append an episode and return where it lies."""
        if self._writer is None or self._bytes + table.nbytes > self._meta.data_files_size_in_mb * 2**20:
            self._next_file()
        self._writer.write_table(table)
        self._bytes += table.nbytes
        chunk, file = divmod(self._number, self._meta.chunks_size)
        first = self._meta.info.total_frames
        return {
            "data/chunk_index": chunk,
            "data/file_index": file,
            "dataset_from_index": first,
            "dataset_to_index": first + len(table),
        }

    def _next_file(self) -> None:
        self.__exit__()
        self._number, self._bytes = self._number + 1, 0
        chunk, file = divmod(self._number, self._meta.chunks_size)
        path = self._meta.root / self._meta.data_path.format(chunk_index=chunk, file_index=file)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, self.schema, compression="snappy", use_dictionary=True)


def _write_videos(found: Findings, key: str, target: Path) -> dict[VideoFile, VideoFile]:
    """Put one camera's videos in place, numbered anew, and return which became which."""
    videos, template = list(dict.fromkeys(episode.spans[key].video for episode in found.kept)), found.info.video_path
    assert template is not None, "`read_info` refuses videos without a place"
    placed = {}
    for number, video in enumerate(videos):
        chunk, file = divmod(number, found.info.chunks_size)
        path = target / template.format(video_key=key, chunk_index=chunk, file_index=file)
        path.parent.mkdir(parents=True, exist_ok=True)
        if video.path.is_dir():
            encode_staged(video.path, path, found.info, key)
        elif not video.whole:
            cut(video.path, path, (_frames_used(video, found.kept, key) - 0.25) / found.info.fps)
        else:
            # Older LeRobots record on into a camera's last file: that one must be no other dataset's as well.
            _place(video.path, path, may_share=video is not videos[-1])
        placed[video] = VideoFile(path, (chunk, file), video.frames, True)
    return placed


def _frames_used(video: VideoFile, episodes: Sequence[WholeEpisode], key: str) -> int:
    spans = [(episode.spans[key], episode.rows.length) for episode in episodes]
    return max(span.first + length for span, length in spans if span.video == video)


def _place(source: Path, target: Path, may_share: bool) -> None:
    if may_share:
        with suppress(OSError):  # another disk, or a file system without hard links
            os.link(source.resolve(), target)
            return
    shutil.copyfile(source, target)


def copy_the_rest(root: Path, target: Path) -> None:
    """Copy what a person or another program put beside the dataset's own files: README.md and so on."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0] in REBUILT or (parts[0] == "meta" and parts[1:2] and parts[1] in REBUILT_META):
            continue
        if parts[0].startswith("tmp") and path.suffix == ".mp4":  # a video of an unfinished episode
            continue
        if path.is_file() or path.is_symlink():
            place = target.joinpath(*parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place, follow_symlinks=False)
