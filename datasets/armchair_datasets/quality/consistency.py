"""The consistency of a dataset: its description against what it holds, in counts, statistics, tasks, timestamps.

Training rests on these: LeRobot normalises with stats.json, finds pictures by timestamp and rows by index, and
none of it is checked when a dataset is loaded.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from armchair_core.dataset_format.columns import ACTION, STATE, camera_name
from armchair_core.dataset_format.info import STATS
from armchair_core.dataset_format.layout import Layout
from armchair_core.dataset_format.rows import Rows
from armchair_core.dataset_format.statistics import statistics_faults
from armchair_core.dataset_format.stock import TOLERANCE_S, training_obstacles
from armchair_core.dataset_format.videos import FrameReader
from armchair_core.files import read_json
from armchair_datasets.quality.finding import Finding, at

STATS_TOLERANCE = 0.01  # of a number's range; an edit that forgot the statistics moves them far more
# What people leave in the field because a tool insisted on something.
PLACEHOLDERS = {"task", "todo", "test", "dummy", "none", "null", "default", "placeholder", "dummy task", "test task"}
SHORTEST_TASK = 4  # letters


def dataset_findings(layout: Layout, rows: Mapping[int, Rows], readers: Mapping[str, FrameReader]) -> Iterator[Finding]:
    """Yield what concerns the dataset as a whole. The frame readers must have been read to their end."""
    yield from _counts(layout, rows)
    yield from _tasks(layout, rows)
    yield from _statistics(layout, rows)
    regular = not any(list(_timestamps(layout, one)) for one in rows.values())
    for key, reader in readers.items():
        yield from _pictures(layout, key, reader)
        if regular and reader.off_s > TOLERANCE_S:  # else it has been said that the rows' times are wrong
            far = f"{reader.off_s * 1e3:.1f} ms from their rows' times, and LeRobot loads none more than 0.1 ms away"
            words = f"the pictures of the {camera_name(key)} camera are shown up to {far}"
            yield Finding("picture times", "bad", words)
    for words in training_obstacles(layout):
        yield Finding("stock LeRobot", "bad", words)


def episode_findings(layout: Layout, episode: dict[str, Any], rows: Rows) -> Iterator[Finding]:
    """Yield where an episode's row in meta/episodes and its bookkeeping columns disagree with its rows."""
    if rows.frames != episode["length"]:
        words = f"it has {rows.frames} rows, and meta/episodes counts {episode['length']}"
        yield Finding("row count", "bad", words)
    begin, end = episode.get("dataset_from_index"), episode.get("dataset_to_index")
    index, frame_index = rows.columns.get("index"), rows.columns.get("frame_index")
    held = None if index is None or not len(index) else (index[0], index[-1] + 1)
    if held is not None and begin is not None and end is not None and held != (begin, end):
        words = f"its rows have the indices {held[0]} to {held[1] - 1} and meta/episodes says {begin} to {end - 1}"
        yield Finding("row index", "bad", words)
    if frame_index is not None and not np.array_equal(frame_index, np.arange(rows.frames)):
        yield Finding("row index", "bad", "its frame_index does not count 0, 1, 2 …")
    yield from _timestamps(layout, rows)


def _timestamps(layout: Layout, rows: Rows) -> Iterator[Finding]:
    """Yield where timestamps do not rise by one period a frame, from 0 on."""
    times_s = rows.numbers("timestamp")
    if times_s is None or not rows.frames:
        yield Finding("timestamps", "bad", "it has no timestamps")
        return
    off_s = np.abs(times_s - np.arange(rows.frames) / layout.info.fps)
    # A float32, as LeRobot stores it, is exact to 6e-8 of its value.
    if (wrong := ~(off_s <= TOLERANCE_S + 1e-6 * times_s)).any():
        frame = int(wrong.argmax())
        falls = (np.diff(times_s) <= 0).any()
        what = "stand still or run backwards" if falls else f"are up to {np.nanmax(off_s):.3f} s off frame / fps"
        yield Finding("timestamps", "bad", f"its timestamps {what}, first {at(frame, layout.info.fps)}")


def _counts(layout: Layout, rows: Mapping[int, Rows]) -> Iterator[Finding]:
    info, counted = layout.info, sum(one.frames for one in rows.values())
    told = (
        ("episodes", info.total_episodes, len(layout.episodes)),
        ("frames", info.total_frames, counted),
        ("tasks", info.total_tasks, len(layout.tasks)),
    )
    for what, claimed, held in told:
        if claimed != held:
            yield Finding("counts", "bad", f"the dataset holds {held} {what}, and info.json counts {claimed}")
    if strangers := sorted(set(rows) - {episode["episode_index"] for episode in layout.episodes}):
        words = f"the data holds {len(strangers)} episodes that meta/episodes does not know, such as {strangers[0]}"
        yield Finding("counts", "bad", words)


def _tasks(layout: Layout, rows: Mapping[int, Rows]) -> Iterator[Finding]:
    used = {int(index) for one in rows.values() for index in np.unique(one.columns.get("task_index", []))}
    if unknown := sorted(used - set(layout.tasks)):
        words = f"rows name the task {unknown[0]}, which meta/tasks.parquet does not have"
        yield Finding("tasks", "bad", words)
    for task in layout.tasks.values():
        bare = task.strip().strip(".!").lower()
        if bare in PLACEHOLDERS or len(bare) < SHORTEST_TASK:
            yield Finding("tasks", "odd", f"the task {task!r} says nothing to a policy that reads it")


def _statistics(layout: Layout, rows: Mapping[int, Rows]) -> Iterator[Finding]:
    path = layout.root / STATS
    try:
        stats = read_json(path) if path.is_file() else {}
    except ValueError:
        stats = {}
    if not stats or not isinstance(stats, dict) or not all(isinstance(one, dict) for one in stats.values()):
        yield Finding(
            "statistics", "bad", "the file meta/stats.json is missing or damaged, and training normalises with it"
        )
        return
    for feature in sorted(stats):
        values = np.concatenate(
            [np.ravel(np.array(value, float)) for value in stats[feature].values()] or [np.zeros(0)]
        )
        if not np.isfinite(values).all():
            yield Finding("statistics", "bad", f"the numbers that stats.json holds for {feature} are not all finite")
    for words in statistics_faults(layout.root, layout.cameras):
        yield Finding("statistics", "bad", words)
    for feature in (STATE, ACTION):
        shape = layout.info.features[feature].shape if feature in layout.info.features else ()
        if len(shape) > 1:
            axes = " x ".join(map(str, shape))
            yield Finding("shape", "bad", f"the shape of {feature} is {axes}, and policies learn from a row of numbers")
        elif feature in layout.info.features:
            values = [one.vectors(feature) for one in rows.values() if one.frames]
            yield from _compared(feature, stats.get(feature, {}), np.concatenate(values or [np.zeros((0, 1))]))


def _compared(feature: str, told: dict[str, Any], values: np.ndarray) -> Iterator[Finding]:
    """Compare the stored minimum, maximum and mean with those of the rows."""
    values = values[np.isfinite(values).all(axis=1)].astype(np.float64)
    if not values.size:
        return
    room = STATS_TOLERANCE * np.ptp(values, axis=0) + 1e-3
    for name, true in (("min", values.min(axis=0)), ("max", values.max(axis=0)), ("mean", values.mean(axis=0))):
        stored = np.ravel(np.array(told.get(name, []), float))
        if stored.shape != true.shape:
            words = f"there is no {name} in stats.json for each of the {true.size} numbers of {feature}"
            yield Finding("statistics", "bad", words)
            return
        if (off := np.abs(stored - true) > room).any():
            joint = int(off.argmax())
            words = f"the {name} of {feature}[{joint}] is {true[joint]:.4g}, and stats.json says {stored[joint]:.4g}"
            yield Finding("statistics", "bad", words)
            return


def _pictures(layout: Layout, key: str, reader: FrameReader) -> Iterator[Finding]:
    for fault in dict.fromkeys(reader.faults):
        yield Finding("unreadable pictures", "bad", fault)
    told = tuple(layout.cameras[key].size)
    if others := sorted(reader.sizes - {told}):
        height, width = others[0]
        words = f"the pictures of the {camera_name(key)} camera have {width} x {height} pixels, "
        yield Finding("picture size", "bad", words + "and info.json says " + " x ".join(map(str, reversed(told))))
