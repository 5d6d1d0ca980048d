"""A LeRobotDataset v3.0's tables, read without turning to the Hub as LeRobot's own loader does.

meta/info.json, meta/tasks.parquet, meta/stats.json
meta/episodes/**.parquet    one row an episode: its length, and which files hold it
data/**.parquet             one row a frame
videos/<camera>/**.mp4      many episodes a file
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from armchair_core.dataset_format.info import DatasetInfo, Feature, broken, inside, read_info

if TYPE_CHECKING:
    import pyarrow as pa

STATE, ACTION = "observation.state", "action"
_EPISODE_COLUMNS = re.compile(r"episode_index|length|tasks|(data|videos)/.*|dataset_(from|to)_index")


@dataclass(frozen=True)
class Layout:
    """What a dataset says of itself. Tables are read when first asked for."""

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
        paths = sorted((self.root / "meta" / "episodes").rglob("*.parquet"))
        if not paths and self.info.total_episodes:
            raise broken(self.root, f"meta/episodes is missing and {self.info.total_episodes} episodes are counted")
        tables = [read_table(self.root, path, lambda name: bool(_EPISODE_COLUMNS.fullmatch(name))) for path in paths]
        rows = [row for table in tables for row in table.to_pylist()]
        if any(row.get(name) is None for row in rows for name in ("episode_index", "length")):
            raise broken(self.root, "meta/episodes lacks the columns episode_index and length")
        return sorted(rows, key=lambda row: row["episode_index"])

    @cached_property
    def tasks(self) -> dict[int, str]:
        """meta/tasks.parquet: index -> sentence, {} if it is missing."""
        path = self.root / "meta" / "tasks.parquet"
        if not path.is_file():
            return {}
        rows = read_table(self.root, path).to_pylist()
        # LeRobot writes a pandas frame whose index are the sentences, with or without the name "task".
        return {row["task_index"]: str(row.get("task", row.get("__index_level_0__"))) for row in rows}

    def data_file(self, episode: dict[str, Any]) -> Path:
        """The parquet file with an episode's rows."""
        return self._follow(self.info.data_path, episode, "data")

    def video_file(self, episode: dict[str, Any], camera: str) -> Path:
        """The video of a camera that holds an episode."""
        return self._follow(self.info.video_path or "", episode, f"videos/{camera}", camera)

    def _follow(self, template: str, episode: dict[str, Any], columns: str, camera: str = "") -> Path:
        places = {name: episode.get(f"{columns}/{name}") for name in ("chunk_index", "file_index")}
        if None in places.values():
            raise broken(self.root, f"meta/episodes does not say where {columns} of each episode lies")
        return inside(self.root, template.format(video_key=camera, **places))


def open_layout(root: Path) -> Layout:
    """The dataset in `root`. See `read_info` for what it raises."""
    return Layout(root, read_info(root))


def read_table(root: Path, path: Path, wanted: Callable[[str], bool] = lambda name: True) -> "pa.Table":
    """The columns of a parquet file whose names are `wanted`.

    Raises:
        ArmchairError: if it is missing, or has no footer, as when stock LeRobot is killed while it records.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return file.read(columns=[name for name in file.schema_arrow.names if wanted(name)])
    except FileNotFoundError:
        raise broken(root, f"{path.relative_to(root)} is missing") from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).strip().partition("\n")[0].partition(". ")[0].rstrip(".") or type(error).__name__
        raise broken(root, f"{path.relative_to(root)} cannot be read ({reason})") from None
