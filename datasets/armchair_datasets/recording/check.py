"""The check of a freshly made dataset through stock LeRobot, before it takes its place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from lerobot.datasets import LeRobotDataset, LeRobotDatasetMetadata

from armchair_core.dataset_format.columns import ACTION, IMAGE_PREFIX, STATE
from armchair_datasets.recording import video_encoder
from armchair_datasets.recording.episode_folder import Episode
from armchair_datasets.recording.reader_cache import caching_in


def check_dataset(episodes: Sequence[Episode], root: Path, repo_id: str, base: Path | None = None) -> int:
    """Open the dataset with stock LeRobot, compare it with the episodes, and return how many frames they have.

    The last rows and pictures of the first and the last episode are compared bit for bit: one frame lost or
    doubled anywhere would shift the last one.

    Raises:
        RuntimeError: if anything differs.
    """
    before = LeRobotDatasetMetadata(repo_id, root=base) if base is not None else None
    first, old_frames = (before.total_episodes, before.total_frames) if before else (0, 0)
    frames = sum(len(episode.arrays["action"]) for episode in episodes)
    expected = (first + len(episodes), old_frames + frames, old_frames + frames)
    with caching_in(root.with_name(root.name + ".cache")):
        dataset = LeRobotDataset(repo_id, root=root, video_backend="pyav", return_uint8=True)
        if (dataset.num_episodes, dataset.num_frames, len(dataset)) != expected:
            raise RuntimeError(f"{root} holds {dataset.num_episodes} episodes, {len(dataset)} frames, not {expected}")
        there = dataset.meta.episodes
        assert there is not None, "LeRobot has read the table of episodes"
        for index in {0, len(episodes) - 1}:
            row = dataset[int(there[first + index]["dataset_to_index"]) - 1]
            assert isinstance(row, dict), "one index gives one row"
            _compare(row, episodes[index], dataset.meta.video_keys)
    return frames


def _compare(row: dict[str, Any], episode: Episode, video_keys: Sequence[str]) -> None:
    expected = {ACTION: episode.arrays["action"][-1], STATE: episode.arrays["state"][-1]}
    for key in video_keys:
        expected[key] = video_encoder.last_frame(episode.video(key.removeprefix(IMAGE_PREFIX))).transpose(2, 0, 1)
    for key, value in expected.items():
        if not np.array_equal(row[key].numpy(), value):
            raise RuntimeError(f"the last {key} of {episode.folder} differs in the dataset")
