"""The rows of a dataset's episodes as arrays, without pictures."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from armchair_core.dataset_format.columns import (
    ACTION,
    BOOKKEEPING,
    OBSERVED_S,
    STATE,
    SUCCESS,
    age_key,
    camera_name,
)
from armchair_core.dataset_format.info import broken, is_dataset
from armchair_core.dataset_format.layout import Layout
from armchair_core.dataset_format.tables import DATA, parquet_files, read_table
from armchair_core.errors import ArmchairError


@dataclass
class Rows:
    """The rows of one episode: column -> [frames] or [frames, N]."""

    columns: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))

    def vectors(self, name: str) -> np.ndarray:
        """Return a column as float32[frames, N]; N is 0 if there is no such column."""
        if name not in self.columns:
            return np.zeros((self.frames, 0), np.float32)
        return self.columns[name].reshape(self.frames, -1).astype(np.float32)

    def numbers(self, name: str) -> np.ndarray | None:
        """Return a column as float64[frames]; None if there is no such column."""
        return self.columns[name].reshape(self.frames).astype(np.float64) if name in self.columns else None


def read_rows(layout: Layout) -> dict[int, Rows]:
    """Return the rows of every episode by its index. An episode lies in one file.

    Raises:
        ArmchairError: if a file is missing or damaged.
    """
    wanted = {STATE, ACTION, OBSERVED_S, SUCCESS, *BOOKKEEPING}
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


def read_column(layout: Layout, episode: dict[str, Any], column: str) -> np.ndarray:
    """Return one column of an episode, given by its row in meta/episodes: [frames] or [frames, N].

    Raises:
        ArmchairError: if its file is missing or damaged.
    """
    return _column_of_episode(layout.root, layout.data_file(episode), column, episode["episode_index"])


def read_actions(root: Path, episode: str) -> np.ndarray:
    """Return the recorded actions of one episode of the dataset in `root`: float32[n,6].

    Raises:
        ArmchairError: if there is no such dataset or episode, or a file is damaged.
    """
    if not is_dataset(root) or not episode.isdigit():
        raise ArmchairError(f"{root}:{episode} is no recorded episode: name a dataset's folder and a number, data:0.")
    for path in parquet_files(root / DATA):
        if len(actions := _column_of_episode(root, path, ACTION, int(episode))):
            return actions
    raise ArmchairError(f"{root} has no episode {episode}: use {root}:0.")


def _column_of_episode(root: Path, path: Path, column: str, episode_index: int) -> np.ndarray:
    table = read_table(root, path, {"episode_index", column}.__contains__)
    return _array(table[column])[table["episode_index"].to_numpy() == episode_index]


def _array(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as [rows] or [rows, N].

    Raises:
        ValueError: if its lists differ in length.
    """
    if not (pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type)):
        return column.to_numpy()
    flat = column.combine_chunks()
    values = flat.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(flat), -1) if len(flat) else values.reshape(0, 0)
