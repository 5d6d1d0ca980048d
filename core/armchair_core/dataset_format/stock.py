"""The obstacles to stock LeRobot in a dataset that our own readers take: lerobot 0.6.1 fails or goes wrong at them.

Each is a sentence's end, as in "the dataset … is broken, as …", and each is mended by a repair without loss.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from armchair_core.dataset_format.about import ABOUT
from armchair_core.dataset_format.columns import TASK_INDEX
from armchair_core.dataset_format.info import INFO, STATS, Feature
from armchair_core.dataset_format.layout import Layout
from armchair_core.dataset_format.rows import Rows
from armchair_core.dataset_format.tables import TASKS, read_table, sentence_column
from armchair_core.dataset_format.videos import shown_times_s
from armchair_core.files import has_byte_order_mark

TOLERANCE_S = 1e-4  # LeRobot's own `tolerance_s`: a picture farther from its row's time is none
_PLACE = ("chunk_index", "file_index")
_JSON = (INFO, STATS, ABOUT)
_CHANNELS = ("channel", "channels")  # how LeRobot knows that the last axis counts colours (utils/feature_utils.py)


def loading_obstacles(layout: Layout) -> Iterator[str]:
    """Yield why LeRobot's loader refuses a dataset, or gives its rows a wrong sentence."""
    for path in _JSON:
        if (layout.root / path).is_file() and has_byte_order_mark(layout.root / path):
            yield f"{path.as_posix()} begins with a byte-order mark, which LeRobot cannot read"
    yield from _tasks(layout)
    yield from _episodes(layout)


def training_obstacles(layout: Layout) -> Iterator[str]:
    """Yield why LeRobot does not train on a dataset, or trains on something else than it holds."""
    yield from loading_obstacles(layout)
    for key, feature in layout.info.features.items():
        if feature.dtype in ("image", "video") and not axes_are_named(feature):
            yield f"meta/info.json does not say in LeRobot's words which axis of {key} is which"


def misplaced_pictures(layout: Layout, rows: Mapping[int, Rows]) -> Iterator[str]:
    """Yield for each camera how far its pictures are shown from the rows' times, if LeRobot would load none there.

    Reads all videos and decodes none. No repair can help.
    """
    for key in (key for key, feature in layout.cameras.items() if feature.dtype == "video"):
        shown: dict[Path, np.ndarray] = {}
        worst_s, fps = 0.0, layout.info.fps
        for episode in layout.episodes:
            path = layout.video_file(episode, key)
            if path not in shown:
                shown[path] = shown_times_s(path)
            begin_s, times_s = layout.begins_s(episode, key), rows[episode["episode_index"]].times_s(fps)
            worst_s = max(worst_s, _farthest_s(begin_s + times_s, shown[path]))
        if worst_s > TOLERANCE_S:
            far = "there are none" if np.isinf(worst_s) else f"up to {worst_s * 1e3:.1f} ms away"
            yield f"the pictures of {key} are not shown at their rows' times ({far}, and LeRobot takes 0.1 ms)"


def _farthest_s(wanted_s: np.ndarray, shown_s: np.ndarray) -> float:
    """Return how far the nearest picture is from a wanted time, at the worst."""
    if not len(shown_s):
        return np.inf if len(wanted_s) else 0.0
    behind = np.searchsorted(shown_s, wanted_s)
    beside = (shown_s[np.clip(behind - n, 0, len(shown_s) - 1)] for n in (0, 1))
    return float(np.minimum(*(np.abs(wanted_s - one_s) for one_s in beside)).max(initial=0.0))


def axes_are_named(feature: Feature) -> bool:
    """Return whether LeRobot finds a picture's colours: their axis is named, or it comes first and others are named."""
    names = feature.names
    if len(feature.shape) != 3 or not isinstance(names, list) or len(names) != 3:
        return False
    return (names[2] in _CHANNELS) == (feature.shape[2] in (1, 3) and feature.size == tuple(feature.shape[:2]))


def picture_names(feature: Feature | dict[str, Any]) -> list[str]:
    """Return the names of a picture's axes in LeRobot's words."""
    one = feature if isinstance(feature, Feature) else Feature.model_validate(feature)
    last = one.size == tuple(one.shape[:2])
    return ["height", "width", "channels"] if last else ["channels", "height", "width"]


def _tasks(layout: Layout) -> Iterator[str]:
    """LeRobot takes a sentence's place in the table for its number, and the table's index for the sentences."""
    if not (layout.root / TASKS).is_file():
        return  # a finding of its own, where rows name tasks
    table = read_table(layout.root, layout.root / TASKS)
    sentence = sentence_column(table)
    if TASK_INDEX not in table.column_names or sentence is None:
        return  # `read_tasks` refuses it
    if sentence not in (table.schema.pandas_metadata or {}).get("index_columns", ()):
        yield "meta/tasks.parquet holds its sentences in a column, and LeRobot looks for them in the index"
    elif table[TASK_INDEX].to_pylist() != list(range(len(table))):
        yield "the tasks in meta/tasks.parquet are not numbered 0, 1, 2 … in their order, as LeRobot counts them"


def _episodes(layout: Layout) -> Iterator[str]:
    """LeRobot takes an episode's place in the table for its number."""
    numbers = [row["episode_index"] for row in layout.episodes]
    if numbers != list(range(len(numbers))):
        yield "the episodes in meta/episodes are not numbered 0, 1, 2 …, as LeRobot counts them"
    places = [f"data/{name}" for name in _PLACE]
    for key in (key for key, feature in layout.info.features.items() if feature.dtype == "video"):
        places += [f"videos/{key}/{name}" for name in (*_PLACE, "from_timestamp", "to_timestamp")]
    for name in ("dataset_from_index", "dataset_to_index", *places):
        if any(row.get(name) is None for row in layout.episodes):
            yield f"meta/episodes lacks the column {name}, by which LeRobot finds rows and pictures"
            return
    ends = np.cumsum([row["length"] for row in layout.episodes])
    if [row["dataset_to_index"] for row in layout.episodes] != ends.tolist():
        yield "the rows of the episodes in meta/episodes are not counted one behind the other, as LeRobot counts them"
