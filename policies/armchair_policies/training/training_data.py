"""The training data of a LeRobotDataset v3.0, all but its pictures, read without touching the Hub.

LeRobot's own loader turns to the Hub as soon as a local file is missing, and its message then speaks of the
network; these readers say what is wrong with the folder instead. Layout: lerobot 0.6.1, datasets/utils.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from armchair_core.dataset_format.about import read_about
from armchair_core.dataset_format.columns import ACTION, INTERVENTION, SHOVED, STATE, TASK_INDEX
from armchair_core.dataset_format.info import DatasetInfo, read_info
from armchair_core.dataset_format.tables import (
    DATA,
    EPISODES,
    TASKS,
    TableError,
    parquet_files,
    read_tables,
    read_tasks,
    without_statistics,
)
from armchair_core.errors import ArmchairError


@dataclass(frozen=True)
class TrainingData:
    """One dataset or several of the same form, N frames in all.

    `episodes` holds one row an episode, in order, as meta/episodes has it, and where its dataset lies under "root".
    `sentences` are the tasks' sentences; a frame's is `sentences[sentence[frame]]`. `intervention` says in which
    frames a person had taken the arm over from a policy, `shoved` in which the arm was made to do something else than
    `action`.
    """

    roots: tuple[Path, ...]
    info: DatasetInfo  # the first one's
    episodes: list[dict[str, Any]]
    state: np.ndarray  # float32 [N, S]
    action: np.ndarray  # float32 [N, A]
    cameras: tuple[str, ...]
    sentences: tuple[str, ...]
    sentence: np.ndarray  # int64 [N]
    intervention: np.ndarray  # bool [N]
    shoved: np.ndarray  # bool [N]
    provenances: tuple[dict[str, Any], ...]  # each root's meta/armchair.json, {} for datasets recorded elsewhere

    @property
    def name(self) -> str:
        """For people: ``lift + place``."""
        return " + ".join(root.name for root in self.roots)

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.info.fps

    @property
    def joint_names(self) -> list[str] | None:
        """What an action moves, joint by joint; None if the dataset does not say it."""
        return list(self.info.features[ACTION].flat_names) or None

    @property
    def lengths(self) -> np.ndarray:
        """Frames an episode, int64 [E]."""
        return np.array([episode["length"] for episode in self.episodes])


def read_training_data(root: Path) -> TrainingData:
    """Read and check everything that training needs besides the pictures.

    Raises:
        ArmchairError: if `root` is no complete LeRobotDataset v3.0, or holds no episode, no camera, no joint
            positions, no actions, or a number that is not finite.
    """
    info = read_info(root)
    cameras = _check_features(root, info)
    episodes = _read_tables(root, EPISODES, without_statistics).to_pylist()
    if not episodes:
        raise ArmchairError(f"the dataset {root} holds no episodes: record some with 'armchair record'.")
    flags = [name for name in (INTERVENTION, SHOVED) if name in info.features]
    data = _read_tables(root, DATA, {STATE, ACTION, TASK_INDEX, *flags}.__contains__)
    state, action = (np.stack(data[key].to_numpy()).astype(np.float32) for key in (STATE, ACTION))
    intervention, shoved = (
        np.array(data[name]).reshape(-1).astype(bool) if name in flags else np.zeros(len(state), bool)
        for name in (INTERVENTION, SHOVED)
    )
    sentences = read_sentences(root)
    tables = TrainingData(
        (root,), info, [{**episode, "root": root} for episode in episodes], state, action, cameras,
        sentences, data[TASK_INDEX].to_numpy(), intervention, shoved, (read_about(root),),
    )  # fmt: skip
    _check_numbers(tables)
    return tables


def join_training_data(parts: Sequence[TrainingData]) -> TrainingData:
    """Return several datasets as one, in their order; the same sentence in two of them is one sentence.

    Raises:
        ArmchairError: if they differ in cameras, joints or frame rate, or one is given twice.
    """
    first = parts[0]
    roots = [part.roots[0].resolve() for part in parts]
    if twice := {root for root in roots if roots.count(root) > 1}:
        raise ArmchairError(f"the dataset {twice.pop()} is given twice, and would only count double: give it once.")
    for part in parts[1:]:
        _check_alike(first, part)
    sentences = tuple(dict.fromkeys(text for part in parts for text in part.sentences))
    number = [np.array([sentences.index(text) for text in part.sentences])[part.sentence] for part in parts]
    return TrainingData(
        roots=tuple(root for part in parts for root in part.roots),
        info=first.info,
        episodes=[episode for part in parts for episode in part.episodes],
        state=np.concatenate([part.state for part in parts]),
        action=np.concatenate([part.action for part in parts]),
        cameras=first.cameras,
        sentences=sentences,
        sentence=np.concatenate(number),
        intervention=np.concatenate([part.intervention for part in parts]),
        shoved=np.concatenate([part.shoved for part in parts]),
        provenances=tuple(about for part in parts for about in part.provenances),
    )


def _check_alike(one: TrainingData, other: TrainingData) -> None:
    differing = [
        word
        for word, a, b in (
            ("cameras", sorted(one.cameras), sorted(other.cameras)),
            ("joints", one.joint_names, other.joint_names),
            ("joint positions", one.state.shape[1], other.state.shape[1]),
            ("frame rate", one.fps, other.fps),
        )
        if a != b
    ]
    if differing:
        raise ArmchairError(
            f"{one.name} and {other.name} differ in {' and '.join(differing)}, and one policy cannot learn from both: "
            "train on each by itself, or record them alike."
        )


def read_sentences(root: Path) -> tuple[str, ...]:
    """Return the tasks' sentences, in the order of their index.

    Raises:
        ArmchairError: if they cannot be read.
    """
    try:
        by_index = read_tasks(root)
    except TableError as error:
        raise ArmchairError(
            f"{root / TASKS}, which holds the tasks' sentences, cannot be read ({error.reason}): "
            "record or download it anew."
        ) from None
    return tuple(by_index[index] for index in sorted(by_index))


def _check_features(root: Path, info: DatasetInfo) -> tuple[str, ...]:
    for key in (STATE, ACTION):
        if key not in info.features:
            raise ArmchairError(f"the dataset {root} has no {key!r}, only {', '.join(info.features)}: record it anew.")
    cameras = tuple(key for key, feature in info.features.items() if feature.dtype == "video" and not feature.is_depth)
    if not cameras:
        pictures = [key for key, feature in info.features.items() if feature.dtype == "image"]
        found = f"stores {pictures[0]!r} as single pictures" if pictures else "has no camera"
        raise ArmchairError(f"the dataset {root} {found}, and nano learns from videos: record it with cameras.")
    return cameras


def _read_tables(root: Path, folder: Path, wanted: Callable[[str], bool]) -> pa.Table:
    """Return all files of data/ or meta/episodes/ as one table."""
    if not parquet_files(root / folder):
        raise ArmchairError(f"the dataset {root} holds no episodes, for {folder.as_posix()} is empty: record it anew.")
    try:
        return read_tables(root, folder, wanted)
    except TableError as error:
        raise ArmchairError(
            f"{error.path} cannot be read, perhaps because recording was cut off ({error.reason}): record it anew."
        ) from None


def _check_numbers(tables: TrainingData) -> None:
    (root,), frames = tables.roots, int(tables.lengths.sum())
    if len(tables.state) != frames:
        raise ArmchairError(f"the dataset {root} lists {frames} frames but holds {len(tables.state)}: record it anew.")
    for key, values in ((STATE, tables.state), (ACTION, tables.action)):
        check_finite(root, key, values, tables.lengths)


def check_finite(root: Path, key: str, values: np.ndarray, lengths: np.ndarray) -> None:
    """Raise ArmchairError if a frame of `values` [N, …] is not finite; it names the episode, of so many frames each."""
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        episode = int(np.searchsorted(lengths.cumsum(), bad[0], side="right"))
        raise ArmchairError(
            f"{key!r} of {root} holds a number that is not finite in episode {episode} "
            f"({len(bad)} of {len(values)} frames): delete that episode with lerobot-edit-dataset."
        )
