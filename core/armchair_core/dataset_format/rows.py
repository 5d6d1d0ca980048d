"""The rows of a dataset's episodes as arrays, without pictures."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from armchair_core.dataset_format.columns import (
    ACTION,
    BOOKKEEPING,
    OBSERVED_S,
    STATE,
    SUCCESS,
    age_key,
    camera_name,
    taken_key,
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

    def times_s(self, fps: float) -> np.ndarray:
        """Return when each row was, float64[frames]: its timestamp, or frame / fps where that is no time to go by."""
        counted_s, told_s = np.arange(self.frames) / fps, self.columns.get("timestamp")
        if told_s is None or told_s.size != self.frames or not np.isfinite(told_s).all():
            return counted_s
        told_s = told_s.reshape(-1).astype(np.float64)
        return told_s if (np.diff(told_s) > 0).all() else counted_s

    def numbers(self, name: str) -> np.ndarray | None:
        """Return a column as float64[frames]; None if there is no such column."""
        return self.columns[name].reshape(self.frames).astype(np.float64) if name in self.columns else None

    def picture_ages(self, camera: str) -> np.ndarray | None:
        """Return how old a camera's pictures were when they were used, float64[frames], s; None if nobody measured."""
        taken_s, observed_s = self.numbers(taken_key(camera)), self.numbers(OBSERVED_S)
        if taken_s is None or observed_s is None:
            return self.numbers(age_key(camera))
        return observed_s - taken_s


def read_rows(layout: Layout, also: Collection[str] = ()) -> dict[int, Rows]:
    """Return the rows of every episode by its index, and of these columns those that there are. It lies in one file.

    Raises:
        ArmchairError: if a file is missing or damaged.
    """
    wanted = {STATE, ACTION, OBSERVED_S, SUCCESS, *BOOKKEEPING, *also}
    wanted |= {name(camera_name(key)) for key in layout.cameras for name in (taken_key, age_key)}
    found = {episode["episode_index"]: Rows() for episode in layout.episodes}
    for path in dict.fromkeys(layout.data_file(episode) for episode in layout.episodes):
        table = read_table(layout.root, path, wanted.__contains__)
        columns = {name: _numbers(layout.root, path, table, name) for name in table.column_names}
        if "episode_index" not in columns:
            raise broken(layout.root, f"{path.relative_to(layout.root)} lacks the column episode_index")
        found |= _by_episode(columns)
    return found


def _by_episode(columns: dict[str, np.ndarray]) -> dict[int, Rows]:
    """Return a file's rows parted by their episode, in whatever order they lie."""
    order = np.argsort(columns["episode_index"], kind="stable")
    numbers, firsts = np.unique(columns["episode_index"][order], return_index=True)
    mine = np.split(order, firsts[1:]) if len(order) else []
    return {
        int(number): Rows({name: values[rows] for name, values in columns.items()})
        for number, rows in zip(numbers, mine, strict=True)
    }


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
    for name in ("episode_index", column):
        if name not in table.column_names:
            raise broken(root, f"{path.relative_to(root)} lacks the column {name}")
    return _numbers(root, path, table, column)[table["episode_index"].to_numpy() == episode_index]


def _numbers(root: Path, path: Path, table: pa.Table, name: str) -> np.ndarray:
    """Return a column as [rows] or [rows, N].

    Raises:
        ArmchairError: if it holds anything but numbers, or its rows differ in length.
    """
    try:
        values = _array(table[name])
    except ValueError:
        raise broken(root, f"rows of {path.relative_to(root)} are empty or differ in length") from None
    if values.dtype.kind not in "biuf":
        raise broken(root, f"the column {name} of {path.relative_to(root)} holds something else than numbers")
    return values


def _array(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as [rows] or [rows, N], whatever its numbers' own shape is.

    Raises:
        ValueError: if its lists differ in length.
    """
    flat = column.combine_chunks()
    rows, is_list = len(flat), False
    while _is_list((flat := getattr(flat, "storage", flat)).type):
        if rows and pc.count_distinct(pc.list_value_length(flat), mode="all").as_py() != 1:
            raise ValueError("lists of different lengths")
        flat, is_list = flat.flatten(), True
    values = flat.to_numpy(zero_copy_only=False)
    if not is_list:
        return values
    return values.reshape(rows, -1) if rows else values.reshape(0, 0)


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
