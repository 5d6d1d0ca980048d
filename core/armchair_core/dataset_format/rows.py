"""A dataset's episodes as signals: numbers from parquet, pictures from reels."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.dataset_format.columns import OBSERVED_S, age_key, camera_name
from armchair_core.dataset_format.info import broken
from armchair_core.dataset_format.layout import ACTION, STATE, Layout, read_table
from armchair_core.errors import ArmchairError

if TYPE_CHECKING:
    import pyarrow as pa


SUCCESS_COLUMN = "next.success"  # LeRobot's word (utils/constants.py), true from the frame on that reached the goal
LEDGER_COLUMNS = ("timestamp", "frame_index", "episode_index", "index", "task_index")


@dataclass
class Rows:
    """The rows of one episode: column -> [frames] or [frames, N]."""

    columns: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def vectors(self, name: str) -> np.ndarray:
        """A column as float32[frames, N]; N is 0 if there is no such column."""
        if name not in self.columns:
            return np.zeros((self.frames, 0), np.float32)
        return self.columns[name].reshape(self.frames, -1).astype(np.float32)

    def numbers(self, name: str) -> np.ndarray | None:
        """A column as float64[frames]; None if there is no such column."""
        return self.columns[name].reshape(self.frames).astype(np.float64) if name in self.columns else None


def read_rows(layout: Layout) -> dict[int, Rows]:
    """The rows of every episode by its index, without pictures. An episode lies in one file."""
    wanted = {STATE, ACTION, OBSERVED_S, SUCCESS_COLUMN, *LEDGER_COLUMNS}
    wanted |= {age_key(camera_name(key)) for key in layout.cameras}
    found = {episode["episode_index"]: Rows() for episode in layout.episodes}
    for path in dict.fromkeys(layout.data_file(episode) for episode in layout.episodes):
        table = read_table(layout.root, path, wanted.__contains__)
        try:
            columns = {name: _array(table[name]) for name in table.column_names}
        except ValueError:
            raise broken(
                layout.root, f"rows of {path.relative_to(layout.root)} are empty or differ in length"
            ) from None
        if "episode_index" not in columns:
            raise broken(layout.root, f"{path.relative_to(layout.root)} lacks the column episode_index")
        for index in np.unique(columns["episode_index"]):
            mine = columns["episode_index"] == index
            found[int(index)] = Rows({name: values[mine] for name, values in columns.items()})
    return found


def _array(column: "pa.ChunkedArray") -> np.ndarray:
    """A column as [rows] or [rows, N]."""
    import pyarrow as pa

    if not (pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type)):
        return column.to_numpy()
    flat = column.combine_chunks()
    values = flat.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(flat), -1) if len(flat) else values.reshape(0, 0)


def read_actions(root: Path, episode: str) -> np.ndarray:
    """The recorded actions of one episode of a LeRobotDataset v3.0, float32[n,6]."""
    import pyarrow.dataset

    if not (root / "meta" / "info.json").exists() or not episode.isdigit():
        raise ArmchairError(f"{root}:{episode} is no recorded episode: name a dataset's folder and a number, data:0.")
    rows = pyarrow.dataset.dataset(root / "data").to_table(
        columns=["action"], filter=pyarrow.dataset.field("episode_index") == int(episode)
    )
    if not len(rows):
        raise ArmchairError(f"{root} has no episode {episode}: use {root}:0.")
    return np.stack(rows["action"].to_numpy())
