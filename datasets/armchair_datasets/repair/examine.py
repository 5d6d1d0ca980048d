"""The examination of a dataset: what its files still hold. Changes nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

import pandas as pd
from lerobot.datasets.feature_utils import get_hf_features_from_features
from lerobot.datasets.utils import DatasetInfo

from armchair_core.dataset_format.info import Feature
from armchair_core.dataset_format.layout import open_layout
from armchair_core.dataset_format.stock import training_obstacles
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.repair.info import read_info
from armchair_datasets.repair.parquet.rows import Rows, read_rows
from armchair_datasets.repair.parquet.tables import check_stats, read_episode_table, recover_tasks
from armchair_datasets.repair.staged import find_staged, has_leftovers, unfinished_episodes
from armchair_datasets.repair.videos import Row, Span, VideoFile, place, read_video


@dataclass(frozen=True)
class WholeEpisode:
    """An episode of which everything is there: rows, and for each camera that is video as many frames.

    `row` is its row in the table of episodes, empty if that was lost.
    """

    rows: Rows
    spans: Mapping[str, Span]
    row: Row


@dataclass(frozen=True)
class Findings:
    """A dataset as it was found. `lost` says why, by episode; `faults` are all else that is wrong.

    `obstacles` are what stock LeRobot fails at in what is whole: a rebuilt dataset has none of them.
    `saved` counts the episodes that info.json promises, None if nobody knows any more.
    """

    root: Path
    info: DatasetInfo
    tasks: pd.DataFrame
    saved: int | None
    kept: Sequence[WholeEpisode]
    lost: Mapping[int, str]
    faults: Sequence[str]
    obstacles: Sequence[str]


def examine(root: Path) -> Findings:
    """Read everything that can be read.

    Raises:
        ArmchairError: if nothing can be made of it (see `read_info`).
    """
    info, info_faults = read_info(root)
    found, row_faults = read_rows(root, get_hf_features_from_features(info.features).arrow_schema)
    table, table_faults = read_episode_table(root)
    episodes = _choose(found, table)
    tasks, task_faults = recover_tasks(root, episodes, table)
    places = {key: _places(root, info, key, episodes, table) for key in _video_keys(info)}
    kept, lost = _sort(episodes, places, table)
    saved = None if info_faults else info.total_episodes
    lost |= _never_written(root, saved or 0, episodes)
    features = {key: Feature.model_validate(feature) for key, feature in info.features.items()}
    faults = [*info_faults, *row_faults, *table_faults, *task_faults]
    if len(found) != len(episodes):
        faults.append(f"{len(found) - len(episodes)} sets of rows belong to an episode that has another")
    if not info_faults:
        faults += _disagreements(info, episodes, table)
    if has_leftovers(root):
        faults.append("pictures that never became a video were left behind")
    obstacles = [*check_stats(root, features), *([] if faults else _obstacles(root))]
    return Findings(root, info, tasks, saved, kept, dict(sorted(lost.items())), faults, obstacles)


def _obstacles(root: Path) -> list[str]:
    try:
        return list(training_obstacles(open_layout(root)))
    except ArmchairError as error:
        return [str(error).rstrip(".")]


def _video_keys(info: DatasetInfo) -> list[str]:
    return [key for key, feature in info.features.items() if feature["dtype"] == "video"]


def _choose(found: Sequence[Rows], table: Mapping[int, Row]) -> list[Rows]:
    """Return one set of rows for each episode: the one that its row in the table names, or else the last."""
    chosen: dict[int, Rows] = {}
    for rows in found:
        row = table.get(rows.episode, {})
        is_named = (row.get("data/chunk_index"), row.get("data/file_index")) == rows.file.numbers
        if is_named or not row or rows.episode not in chosen:
            chosen[rows.episode] = rows
    return [chosen[number] for number in sorted(chosen)]


def _places(
    root: Path, info: DatasetInfo, key: str, episodes: Sequence[Rows], table: Mapping[int, Row]
) -> dict[int, Span | str]:
    """Return where each episode's frames of a camera are, or why they are not."""
    placed = place(episodes, _video_files(root, info, key), table, key, info.fps)
    is_depth = (info.features[key].get("info") or {}).get("is_depth_map", False)
    for rows in episodes:
        if isinstance(placed[rows.episode], str) and not is_depth:
            staged = find_staged(root, key, rows.episode, rows.length, info.fps)
            placed[rows.episode] = staged or placed[rows.episode]
    return placed


def _video_files(root: Path, info: DatasetInfo, key: str) -> list[VideoFile]:
    """Return the camera's video files in order."""
    path = str(info.video_path).replace("{video_key}", key)
    parts = re.split(r"\{(chunk|file)_index[^}]*\}", path)
    pattern = "".join("*" if odd % 2 else escape(part) for odd, part in enumerate(parts))
    shape = "".join(rf"(?P<{part}>\d+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
    videos = []
    for file in root.glob(pattern):
        if match := re.fullmatch(shape, file.relative_to(root).as_posix()):
            videos.append((int(match["chunk"]), int(match["file"]), file))
    return [read_video(file, (chunk, number), info.fps) for chunk, number, file in sorted(videos)]


def _sort(
    episodes: Sequence[Rows], places: Mapping[str, Mapping[int, Span | str]], table: Mapping[int, Row]
) -> tuple[list[WholeEpisode], dict[int, str]]:
    kept, lost = [], {}
    for rows in episodes:
        spans = {key: placed[rows.episode] for key, placed in places.items()}
        why = rows.flaw or next((span for span in spans.values() if isinstance(span, str)), "")
        if why:
            lost[rows.episode] = why
        else:
            whole = {key: span for key, span in spans.items() if isinstance(span, Span)}
            kept.append(WholeEpisode(rows, whole, table.get(rows.episode, {})))
    return kept, lost


def _never_written(root: Path, saved: int, episodes: Sequence[Rows]) -> dict[int, str]:
    there = {rows.episode for rows in episodes}
    begun = unfinished_episodes(root) - there
    lost = dict.fromkeys(begun, "it was being recorded: its pictures are there, its rows never left the memory")
    if len(there) >= saved:  # numbered otherwise, and all there
        return lost
    return lost | dict.fromkeys(set(range(saved)) - there, "its rows never reached the disk")


def _disagreements(info: DatasetInfo, episodes: Sequence[Rows], table: Mapping[int, Row]) -> list[str]:
    """Return where the counts of info.json and of the table of episodes are not those of the rows."""
    faults = []
    frames = sum(rows.length for rows in episodes)
    if (info.total_episodes, info.total_frames) != (len(episodes), frames):
        faults.append(
            f"meta/info.json says {info.total_episodes} episodes of {info.total_frames} frames, and the files hold "
            f"{len(episodes)} of {frames}"
        )
    if table and sorted(table) != [rows.episode for rows in episodes]:
        faults.append(f"meta/episodes lists {number_of(len(table), 'episode')}, and the files hold {len(episodes)}")
    start = 0
    for number, rows in enumerate(episodes):
        end = start + rows.length
        row: Mapping[str, Any] = table.get(rows.episode, {})
        told = (row.get("length"), row.get("dataset_from_index"), row.get("dataset_to_index"))
        if rows.episode != number or rows.first_index != start or (row and told != (rows.length, start, end)):
            faults.append(f"the rows from episode {rows.episode} on are not numbered as LeRobot counts")
            break
        start = end
    return faults
