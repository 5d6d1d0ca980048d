"""The parquet files of a LeRobotDataset as tables: which there are, their columns, and the tasks' sentences."""

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from armchair_core.dataset_format.columns import TASK_INDEX
from armchair_core.dataset_format.info import broken
from armchair_core.errors import ArmchairError

DATA, EPISODES = Path("data"), Path("meta", "episodes")  # folders
TASKS = Path("meta", "tasks.parquet")


class TableError(ArmchairError):
    """A parquet file of a dataset that is missing or damaged: its `path`, and the `reason` in the reader's words.

    Of a missing file the reason is its path.
    """

    path: Path
    reason: str


def parquet_files(folder: Path) -> list[Path]:
    """Return the files of `data/` or `meta/episodes/`, in the order of their numbers."""
    return sorted(folder.glob("chunk-*/file-*.parquet"), key=lambda path: (*numbers_of(path), path))


def numbers_of(path: Path) -> tuple[int, int]:
    """Return (0, 1) of …/chunk-000/file-001.parquet; the last two numbers of any other path."""
    found = [0, 0, *map(int, re.findall(r"\d+", f"{path.parent.name}/{path.stem}"))]
    return found[-2], found[-1]


def read_table(root: Path, path: Path, wanted: Callable[[str], bool] = lambda name: True) -> pa.Table:
    """Return the columns of a parquet file whose names are `wanted`.

    Raises:
        TableError: if it is missing, or has no footer, as when stock LeRobot is killed while it records.
    """
    try:
        with pq.ParquetFile(path) as file:
            return file.read(columns=[name for name in file.schema_arrow.names if wanted(name)])
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(root, path, error) from None


def read_tables(root: Path, folder: Path, wanted: Callable[[str], bool]) -> pa.Table:
    """Return the `wanted` columns of all files of `folder`, DATA or EPISODES, as one table.

    Raises:
        TableError: if there is no file, or one of them cannot be read.
    """
    tables = [read_table(root, path, wanted) for path in parquet_files(root / folder)]
    if not tables:
        raise _unreadable(root, root / folder, FileNotFoundError())
    return pa.concat_tables(tables)


def without_statistics(name: str) -> bool:
    """Return whether a column of meta/episodes is none of the statistics, which are most of what it holds."""
    return not name.startswith("stats/")


def read_tasks(root: Path) -> dict[int, str]:
    """Return meta/tasks.parquet as {task index: sentence}, in the order of the file.

    LeRobot writes a pandas frame whose index is the sentences, with or without the name "task" (lerobot 0.6.1,
    datasets/dataset_metadata.py, `save_episode_tasks`); others write the sentences as a column, and more beside it.

    Raises:
        TableError: if it is missing or damaged.
    """
    table = read_table(root, root / TASKS)
    sentence = sentence_column(table)
    if TASK_INDEX not in table.column_names or sentence is None:
        missing = TASK_INDEX if TASK_INDEX not in table.column_names else "task"
        raise _unreadable(root, root / TASKS, ValueError(f"it has no column {missing}"))
    return dict(zip(table[TASK_INDEX].to_pylist(), map(str, table[sentence].to_pylist()), strict=True))


def sentence_column(table: pa.Table) -> str | None:
    """Return which column of the tasks holds their sentences: "task", or else pandas' index, or else any with text."""
    texts = [field.name for field in table.schema if _is_text(field.type)]
    indices = [name for name in (table.schema.pandas_metadata or {}).get("index_columns", ()) if isinstance(name, str)]
    return next((name for name in ("task", *indices, "__index_level_0__", *texts) if name in texts), None)


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _unreadable(root: Path, path: Path, error: Exception) -> TableError:
    missing = isinstance(error, FileNotFoundError)
    reason = str(path if missing else error)
    short = reason.strip().partition("\n")[0].partition(". ")[0].rstrip(".") or type(error).__name__
    what = "is missing" if missing else f"cannot be read ({short})"
    unreadable = TableError(*broken(root, f"{path.relative_to(root).as_posix()} {what}").args)
    unreadable.path, unreadable.reason = path, reason
    return unreadable
