"""The training data of a LeRobotDataset v3.0, all but its pictures, read without touching the Hub.

LeRobot's own loader turns to the Hub as soon as a local file is missing, and its message then speaks of the
network; these readers say what is wrong with the folder instead. Layout: lerobot 0.6.1, datasets/utils.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from armchair_core.command_line import named, typed
from armchair_core.dataset_format.about import read_about
from armchair_core.dataset_format.columns import ACTION, INTERVENTION, SHOVED, STATE, TASK_INDEX
from armchair_core.dataset_format.info import DatasetInfo, broken
from armchair_core.dataset_format.layout import Layout, open_layout
from armchair_core.dataset_format.rows import Rows, read_rows
from armchair_core.dataset_format.tables import TASKS, TableError, read_tasks
from armchair_core.errors import ArmchairError
from armchair_policies.training.data_checks import check_finite, check_rate, check_shapes
from armchair_policies.training.units import units_of


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
    time_s: np.ndarray  # float64 [N], since the episode's first frame: by it a frame's pictures are found
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
    def units(self) -> str | None:
        """What the joints seem to count in, as `units_of` says."""
        return units_of(self.info.robot_type, self.joint_names or (), self.action)

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
    layout = open_layout(root)
    cameras = _check_features(root, layout.info)
    if not layout.episodes:
        raise ArmchairError(f"the dataset {root} holds no episodes: record some with `{named('record')}`.")
    rows = _rows_of_episodes(layout)
    check_rate(layout, rows)
    flags = [name for name in (INTERVENTION, SHOVED) if name in layout.info.features]
    state, action = (np.concatenate([one.vectors(key) for one in rows]) for key in (STATE, ACTION))
    intervention, shoved = (
        np.concatenate([one.columns[name] for one in rows]).reshape(-1).astype(bool)
        if name in flags
        else np.zeros(len(state), bool)
        for name in (INTERVENTION, SHOVED)
    )
    sentences, sentence = _sentences_of_frames(root, np.concatenate([one.columns[TASK_INDEX] for one in rows]))
    tables = TrainingData(
        (root,), layout.info, [{**episode, "root": root} for episode in layout.episodes], state, action,
        np.concatenate([one.times_s(layout.info.fps) for one in rows]), cameras,
        sentences, sentence, intervention, shoved, (read_about(root),),
    )  # fmt: skip
    for key, values in ((STATE, state), (ACTION, action)):
        check_finite(root, key, values, tables.lengths)
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
        time_s=np.concatenate([part.time_s for part in parts]),
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


def read_sentences(root: Path) -> dict[int, str]:
    """Return the tasks' sentences by their index, in its order.

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
    return dict(sorted(by_index.items()))


def _sentences_of_frames(root: Path, task_index: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the sentences, each once, and which one each frame carries, int64 [N].

    Raises:
        ArmchairError: if a frame carries one that is not written down.
    """
    by_index = read_sentences(root)
    if unknown := sorted(set(np.unique(task_index).tolist()) - set(by_index)):
        raise broken(root, f"rows name the task {unknown[0]:g}, which meta/tasks.parquet does not have")
    sentences = tuple(dict.fromkeys(by_index.values()))
    place = {index: sentences.index(text) for index, text in by_index.items()}
    return sentences, np.array([place[index] for index in task_index.tolist()], np.int64)


def _check_features(root: Path, info: DatasetInfo) -> tuple[str, ...]:
    """Return the keys of the cameras.

    Raises:
        ArmchairError: if there is none, or no state or action, or one that is no row of numbers.
    """
    for key in (STATE, ACTION):
        if key not in info.features:
            raise ArmchairError(f"the dataset {root} has no {key!r}, only {', '.join(info.features)}: record it anew.")
    check_shapes(root, info)
    cameras = tuple(
        key for key, feature in info.features.items() if feature.dtype in ("image", "video") and not feature.is_depth
    )
    if not cameras:
        raise ArmchairError(f"the dataset {root} has no camera, and nano learns from pictures: record it with cameras.")
    return cameras


def _rows_of_episodes(layout: Layout) -> list[Rows]:
    """Return the rows of every episode of meta/episodes, in its order.

    Raises:
        ArmchairError: if one has more rows than it says, or fewer, or lacks a column.
    """
    found, frames = read_rows(layout, {INTERVENTION, SHOVED}), sum(row["length"] for row in layout.episodes)
    rows = [found[row["episode_index"]] for row in layout.episodes]
    if [one.frames for one in rows] != [row["length"] for row in layout.episodes]:
        held = sum(one.frames for one in rows)
        raise ArmchairError(
            f"the dataset {layout.root} lists {frames} frames but holds {held}: try `{typed('repair', layout.root)}`."
            if held != frames
            else f"the dataset {layout.root} counts other frames in its episodes than they have: record it anew."
        )
    for name in (STATE, ACTION, TASK_INDEX):
        if any(name not in one.columns for one in rows):
            raise broken(layout.root, f"its rows lack the column {name}")
    return rows
