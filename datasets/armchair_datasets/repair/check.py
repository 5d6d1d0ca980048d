"""The check of a rebuilt dataset through stock LeRobot, before anything of the broken one is moved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from lerobot.datasets import LeRobotDataset
from lerobot.datasets.video_utils import FrameTimestampError

from armchair_core.command_line import named
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.reader_cache import caching_in
from armchair_datasets.repair.examine import WholeEpisode, examine
from armchair_datasets.repair.parquet.rows import flat


def check(kept: Sequence[WholeEpisode], root: Path, cache: Path) -> None:
    """Open the dataset in `root` and compare the first and the last row of every episode with the recovered ones.

    Their pictures are decoded too. `cache` is where LeRobot's reader may put its working files.

    Raises:
        ArmchairError: if its timestamps, which nothing here changes, are not those of its pictures.
        RuntimeError: if anything differs or cannot be read.
    """
    seen = examine(root)
    if seen.faults or seen.lost:
        raise RuntimeError(f"the dataset rebuilt in {root} is not healthy: {seen.faults} {seen.lost}")
    with caching_in(cache):
        dataset = LeRobotDataset("armchair/repaired", root=root, video_backend="pyav")
        frames = sum(episode.rows.length for episode in kept)
        if (dataset.num_episodes, len(dataset)) != (len(kept), frames):
            raise RuntimeError(f"{root} holds {dataset.num_episodes} episodes and {len(dataset)} frames, not {frames}")
        start = 0
        for episode in kept:
            for frame in {0, episode.rows.length - 1}:
                try:
                    row = dataset[start + frame]
                except FrameTimestampError:
                    raise ArmchairError(
                        f"LeRobot finds no picture at the time of frame {frame} of episode {episode.rows.episode}, and "
                        f"nothing was changed: see what `{named('check')}` says of timestamps and pictures."
                    ) from None
                assert isinstance(row, dict), "one index gives one row"
                _compare(row, episode, frame)
            start += episode.rows.length


def _compare(seen: dict[str, Any], episode: WholeEpisode, frame: int) -> None:
    table = episode.rows.table()
    for name in table.column_names:
        column = table[name]
        if (
            name in ("index", "episode_index", "task_index")
            or pa.types.is_struct(column.type)
            or pa.types.is_string(column.type)
        ):
            continue
        got = np.ravel(seen[name].numpy())
        wanted = flat(column)[frame].astype(got.dtype)  # LeRobot's reader makes float32 of float64
        if not np.array_equal(got, wanted, equal_nan=True):
            raise RuntimeError(f"{name} in frame {frame} of episode {episode.rows.episode} was not recovered")
