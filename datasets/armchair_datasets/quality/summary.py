"""The summary of a dataset: what it holds and how well it kept time. No picture is decoded."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from armchair_core.command_line import typed
from armchair_core.dataset_format.columns import IMAGE_PREFIX, OBSERVED_S, age_key, taken_key
from armchair_core.dataset_format.info import read_info
from armchair_core.dataset_format.tables import DATA, TASKS, TableError, read_tables, read_tasks
from armchair_core.errors import ArmchairError


@dataclass(frozen=True)
class Clock:
    """Measured times of a dataset recorded in real time.

    `achieved_fps` is frames by measured time; `late` counts the intervals of more than one and a half periods, the
    longest of which took `longest_s`; `ages_s` are the median and the oldest age of each camera's pictures.
    """

    achieved_fps: float
    late: int
    longest_s: float
    ages_s: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class DatasetSummary:
    """What a dataset holds; `cameras` by name, (height, width) in pixels each.

    `size_bytes` is what the dataset takes on the disk; `clock` is None where times were not measured.
    """

    episodes: int
    frames: int
    fps: float
    tasks: tuple[str, ...]
    cameras: dict[str, tuple[int, int]]
    robot_type: str | None
    size_bytes: int
    clock: Clock | None


def summarise_dataset(root: Path) -> DatasetSummary:
    """Summarise the LeRobotDataset v3.0 in `root`.

    Raises:
        ArmchairError: if it is none, or its rows cannot be read.
    """
    info = read_info(root)
    cameras = {
        name.removeprefix(IMAGE_PREFIX): feature.size
        for name, feature in info.features.items()
        if feature.dtype in ("video", "image")
    }
    try:
        tasks = tuple(read_tasks(root).values()) if info.total_episodes or (root / TASKS).exists() else ()
        clock = _read_clock(root, info.fps, cameras) if OBSERVED_S in info.features else None
    except (TableError, KeyError, ValueError) as error:
        why = error.reason if isinstance(error, TableError) else error
        raise ArmchairError(
            f"{root} is damaged ({why}): see what `{typed('repair', root, '--dry-run')}` says."
        ) from None
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    return DatasetSummary(
        info.total_episodes, info.total_frames, info.fps, tasks, cameras, info.robot_type, size, clock
    )  # fmt: skip


def _read_clock(root: Path, fps: float, cameras: dict[str, tuple[int, int]]) -> Clock:
    times = {name(camera) for camera in cameras for name in (taken_key, age_key)}
    table = read_tables(root, DATA, {"episode_index", OBSERVED_S, *times}.__contains__)
    observed_s = np.ravel(table[OBSERVED_S].to_numpy())
    same = np.diff(table["episode_index"].to_numpy()) == 0
    intervals_s = np.diff(observed_s)[same]
    if not len(intervals_s):
        return Clock(0.0, 0, 0.0, {})
    return Clock(
        float(1 / intervals_s.mean()),
        int((intervals_s > 1.5 / fps).sum()),
        float(intervals_s.max()),
        {camera: _middle_and_worst(_ages(table, camera, observed_s)) for camera in cameras},
    )


def _ages(table: pa.Table, camera: str, observed_s: np.ndarray) -> np.ndarray:
    """Return how old a camera's pictures were, [rows], s."""
    if taken_key(camera) in table.column_names:
        return observed_s - np.ravel(table[taken_key(camera)].to_numpy())
    return np.ravel(table[age_key(camera)].to_numpy())


def _middle_and_worst(ages_s: np.ndarray) -> tuple[float, float]:
    return float(np.median(ages_s)), float(ages_s.max())
