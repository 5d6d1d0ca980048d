"""The rows of every episode in `data/`, whether or not their files have footers.

A reader of its own, beside the one in `armchair_core.dataset_format`: here files without footers are the subject.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from armchair_core.dataset_format.tables import DATA, numbers_of
from armchair_datasets.repair.parquet.footer import open_without_footer

Numbers = tuple[int, int]  # of the chunk and of the file, as in chunk-000/file-001


@dataclass(frozen=True, eq=False)
class DataFile:
    """One opened data file; `whole` if its footer was there."""

    path: Path
    numbers: Numbers
    parquet: pq.ParquetFile
    whole: bool


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one episode, as (row group, first, behind the last) in `file`.

    `flaw` says why they are no episode, and is empty if they are one. `first_index` is LeRobot's `index` of the
    first row, `tasks` the task indices in the order in which they come.
    """

    episode: int
    file: DataFile
    pieces: tuple[tuple[int, int, int], ...]
    length: int
    first_index: int
    tasks: tuple[int, ...]
    flaw: str

    def table(self) -> pa.Table:
        """Read all columns from the disk."""
        parts = [_group(self.file, group)[first:end] for group, first, end in self.pieces]
        return pa.concat_tables(parts).combine_chunks()


def data_files(root: Path) -> list[Path]:
    """Return all parquet files where LeRobot's reader looks for rows (`load_nested_dataset`), in order."""
    return sorted((root / DATA).glob("*/*.parquet"), key=numbers_of)


def read_rows(root: Path, schema: pa.Schema) -> tuple[list[Rows], list[str]]:
    """Return all episodes' rows in the order of the files, and what is wrong with the files."""
    found, faults = [], []
    for path in data_files(root):
        name = path.relative_to(root)
        try:
            file = _open(path, schema)
        except (OSError, pa.ArrowException):
            file = None
        if file is None:
            faults.append(f"{name} has no footer and no whole rows")
            continue
        if not file.whole:
            faults.append(f"{name} has no footer")
        rows, damaged = _episodes(file, schema.names)
        found += rows
        if damaged:
            faults.append(f"{name} has {damaged} damaged row group{'s' * (damaged > 1)}")
    return found, faults


def _open(path: Path, schema: pa.Schema) -> DataFile | None:
    try:
        return DataFile(path, numbers_of(path), pq.ParquetFile(path), True)
    except (pa.ArrowException, OSError):
        recovered = open_without_footer(path, schema)
    return recovered and DataFile(path, numbers_of(path), recovered, False)


def _episodes(file: DataFile, columns: Sequence[str]) -> tuple[list[Rows], int]:
    """Return the episodes of one file, and how many row groups cannot be read."""
    pieces: dict[int, list[tuple[int, int, int]]] = {}
    numbers: dict[int, list[pa.Table]] = {}
    damaged = 0
    for group in range(file.parquet.num_row_groups):
        try:
            table = _group(file, group).select(columns)
        except (pa.ArrowException, OSError, KeyError):
            damaged += 1
            continue
        table = table.select([name for name in columns if not pa.types.is_struct(table.schema.field(name).type)])
        episode = table["episode_index"].to_numpy()
        starts = [0, *(np.flatnonzero(np.diff(episode)) + 1)] if len(episode) else []
        for first, end in zip(starts, [*starts[1:], len(episode)], strict=True):
            pieces.setdefault(int(episode[first]), []).append((group, int(first), int(end)))
            numbers.setdefault(int(episode[first]), []).append(table[first:end])
    return [_describe(file, number, pieces[number], pa.concat_tables(numbers[number])) for number in pieces], damaged


def _describe(file: DataFile, number: int, pieces: list[tuple[int, int, int]], table: pa.Table) -> Rows:
    frames = table["frame_index"].to_numpy()
    tasks = tuple(dict.fromkeys(table["task_index"].to_pylist()))
    whole = np.array_equal(frames, np.arange(len(frames)))
    flaw = _not_finite(table) if whole else "its rows are not numbered from 0 on without a gap"
    return Rows(number, file, tuple(pieces), len(frames), table["index"][0].as_py(), tasks, flaw)


def _not_finite(table: pa.Table) -> str:
    """Return where a number that a policy learns from is none: LeRobot's statistics would not survive it."""
    for name in table.column_names:
        if name.split(".")[0] in ("observation", "action"):
            values = flat(table[name])
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                frame = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
                return f"{name} is not a number in frame {frame}"
    return ""


def flat(column: pa.ChunkedArray) -> np.ndarray:
    """Return the numbers of a column as [frames, numbers], whatever its shape is."""
    array = column.combine_chunks()
    array = array.storage if isinstance(array, pa.ExtensionArray) else array
    while pa.types.is_list(array.type) or pa.types.is_fixed_size_list(array.type):
        array = array.flatten()
    return array.to_numpy(zero_copy_only=False).reshape(len(column), -1)


@lru_cache(maxsize=2)
def _group(file: DataFile, group: int) -> pa.Table:
    return file.parquet.read_row_group(group)
