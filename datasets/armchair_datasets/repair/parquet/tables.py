"""The small tables of `meta/`: episodes, tasks and statistics, each as far as it can be read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from armchair_core.dataset_format.columns import TASK_INDEX
from armchair_core.dataset_format.info import STATS, Feature
from armchair_core.dataset_format.statistics import statistics_faults
from armchair_core.dataset_format.tables import (
    EPISODES,
    TASKS,
    TableError,
    numbers_of,
    read_table,
    read_tasks,
    sentence_column,
)
from armchair_core.files import read_json
from armchair_datasets.repair.parquet.rows import Rows


def read_episode_table(root: Path) -> tuple[dict[int, dict[str, Any]], list[str]]:
    """Return the rows of `meta/episodes` by episode, statistics included, and what is wrong with its files."""
    table: dict[int, dict[str, Any]] = {}
    faults: list[str] = []
    paths = sorted((root / EPISODES).glob("*/*.parquet"), key=numbers_of)
    for path in paths:
        try:
            rows = read_table(root, path).to_pylist()
            table |= {row["episode_index"]: row for row in rows}
        except (TableError, KeyError):
            faults.append(f"{path.relative_to(root)} cannot be read")
    return table, faults if paths else ["meta/episodes is missing"]


def recover_tasks(
    root: Path, episodes: Sequence[Rows], table: Mapping[int, Mapping[str, Any]]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the tasks as LeRobot holds them (words as the index, column `task_index`), and what is wrong with them.

    Words that are lost come from the table of episodes, or else are made up. What else is said of a task is kept.
    """
    faults = []
    try:
        words = read_tasks(root)
    except TableError:
        words = {}
        faults.append("meta/tasks.parquet cannot be read")
    for rows in episodes:
        told = table.get(rows.episode, {}).get("tasks") or []
        if len(told) == len(rows.tasks) == 1:
            words.setdefault(rows.tasks[0], told[0])
    for number in sorted({number for rows in episodes for number in rows.tasks} - set(words)):
        words[number] = f"task {number}, whose words were lost"
        faults.append(f"the words of task {number} are lost: write them into meta/tasks.parquet")
    numbers = sorted(words)
    index = pd.Index([words[number] for number in numbers], name="task")
    more = _more_columns(root) if not faults else {}
    return pd.DataFrame(
        {"task_index": numbers} | {name: [of.get(n) for n in numbers] for name, of in more.items()}, index
    ), faults


def _more_columns(root: Path) -> dict[str, dict[int, Any]]:
    """Return what others write of a task beside its sentence: column -> {task index: value}."""
    table = read_table(root, root / TASKS)
    numbers, known = table[TASK_INDEX].to_pylist(), (TASK_INDEX, sentence_column(table))
    names = [name for name in table.column_names if name not in known]
    return {name: dict(zip(numbers, table[name].to_pylist(), strict=True)) for name in names}


def check_stats(root: Path, features: Mapping[str, Feature]) -> list[str]:
    """Return what is wrong with `meta/stats.json`."""
    if faults := list(statistics_faults(root, features)):
        return faults
    stats = read_json(root / STATS)
    try:
        poisoned = [key for key, values in stats.items() if _is_input(key) and not _is_finite(values)]
    except (ValueError, AttributeError, TypeError):
        return ["meta/stats.json cannot be read"]
    return [f"the statistics of {key} hold numbers that are none" for key in poisoned]


def _is_input(key: str) -> bool:
    return key.split(".")[0] in ("observation", "action")


def _is_finite(values: Mapping[str, Any]) -> bool:
    return all(np.isfinite(np.asarray(value, dtype=float)).all() for value in values.values())
