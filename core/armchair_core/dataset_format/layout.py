"""The layout of a LeRobotDataset v3.0, read without turning to the Hub as LeRobot's own loader does.

meta/info.json              its columns, frame rate, counts and path templates
meta/tasks.parquet          the tasks' sentences
meta/stats.json             the statistics that training normalises with
meta/episodes/**.parquet    one row an episode: its length, and which files hold it
data/**.parquet             one row a frame
videos/<camera>/**.mp4      many episodes a file
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from armchair_core.dataset_format.columns import STATE
from armchair_core.dataset_format.info import DatasetInfo, Feature, broken, inside, read_info
from armchair_core.dataset_format.tables import EPISODES, TASKS, parquet_files, read_table, read_tasks

_EPISODE_COLUMNS = re.compile(r"episode_index|length|tasks|(data|videos)/.*|dataset_(from|to)_index")


@dataclass(frozen=True)
class Layout:
    """A dataset's description of itself. Tables are read when first asked for."""

    root: Path
    info: DatasetInfo

    @property
    def names(self) -> tuple[str, ...]:
        """The joints' names of the state."""
        return self.info.features[STATE].flat_names if STATE in self.info.features else ()

    @property
    def cameras(self) -> dict[str, Feature]:
        """The cameras by the key of their column; depth maps are left out."""
        pictures = {key: one for key, one in self.info.features.items() if one.dtype in ("image", "video")}
        return {key: one for key, one in pictures.items() if not one.is_depth}

    @cached_property
    def episodes(self) -> list[dict[str, Any]]:
        """meta/episodes without its statistics: one dict an episode, by index."""
        paths = parquet_files(self.root / EPISODES)
        if not paths and self.info.total_episodes:
            raise broken(self.root, f"meta/episodes is missing and {self.info.total_episodes} episodes are counted")
        tables = [read_table(self.root, path, lambda name: bool(_EPISODE_COLUMNS.fullmatch(name))) for path in paths]
        rows = [row for table in tables for row in table.to_pylist()]
        if any(row.get(name) is None for row in rows for name in ("episode_index", "length")):
            raise broken(self.root, "meta/episodes lacks the columns episode_index and length")
        return sorted(rows, key=lambda row: row["episode_index"])

    @cached_property
    def tasks(self) -> dict[int, str]:
        """The tasks' sentences by their index, {} if meta/tasks.parquet is missing."""
        return read_tasks(self.root) if (self.root / TASKS).is_file() else {}

    def data_file(self, episode: dict[str, Any]) -> Path:
        """Return the parquet file with an episode's rows."""
        return self._follow(self.info.data_path, episode, "data")

    def video_file(self, episode: dict[str, Any], camera: str) -> Path:
        """Return the video of a camera, by the key of its column, that holds an episode."""
        if self.info.video_path is None:
            raise broken(self.root, "meta/info.json does not say where its videos are")
        return self._follow(self.info.video_path, episode, f"videos/{camera}", camera)

    def begins_s(self, episode: dict[str, Any], camera: str) -> float:
        """Return when an episode begins in that video."""
        begin_s = episode.get(f"videos/{camera}/from_timestamp")
        if begin_s is None:
            raise broken(self.root, f"meta/episodes does not say where videos/{camera} of each episode lies")
        return float(begin_s)

    def _follow(self, template: str, episode: dict[str, Any], columns: str, camera: str = "") -> Path:
        places = {name: episode.get(f"{columns}/{name}") for name in ("chunk_index", "file_index")}
        if None in places.values():
            raise broken(self.root, f"meta/episodes does not say where {columns} of each episode lies")
        return inside(self.root, template.format(video_key=camera, **places))


def open_layout(root: Path) -> Layout:
    """Return the layout of the dataset in `root`. See `read_info` for what it raises."""
    return Layout(root, read_info(root))
