"""The checks of a dataset before stock LeRobot trains on it: what is wrong, in one sentence. Decodes no picture.

LeRobot would train on a number that is not one without a word, and every weight is one no longer a step later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from armchair_core.command_line import named, typed
from armchair_core.dataset_format.about import read_about
from armchair_core.dataset_format.columns import ACTION, STATE, camera_name
from armchair_core.dataset_format.info import broken
from armchair_core.dataset_format.layout import Layout, open_layout
from armchair_core.dataset_format.rows import Rows, read_rows
from armchair_core.dataset_format.statistics import statistics_faults
from armchair_core.dataset_format.stock import misplaced_pictures, training_obstacles
from armchair_core.errors import ArmchairError
from armchair_policies.training.data_checks import check_finite, check_rate, check_shapes
from armchair_policies.training.training_data import TrainingData, read_sentences
from armchair_policies.training.units import DEGREES, units_of


@dataclass(frozen=True)
class DatasetFacts:
    """A checked dataset of N frames: state float32 [N, S] (S is 0 without one) and action float32 [N, A]."""

    layout: Layout
    state: np.ndarray
    action: np.ndarray
    provenance: dict[str, Any]

    @property
    def root(self) -> Path:
        """The dataset's folder."""
        return self.layout.root

    @property
    def joints(self) -> tuple[str, ...]:
        """The names of what an action moves."""
        return self.layout.info.features[ACTION].flat_names

    @cached_property
    def cameras(self) -> dict[str, tuple[int, int]]:
        """Camera name -> (height, width) in pixels."""
        return {camera_name(key): one.size for key, one in self.layout.cameras.items()}

    @property
    def units(self) -> str | None:
        """What the joints seem to count in, as `units_of` says."""
        return units_of(self.layout.info.robot_type, self.joints, self.action)

    def tables(self) -> TrainingData:
        """Return the same as `training_provenance` reads it."""
        cameras = tuple(self.layout.cameras)
        frames = len(self.state)
        return TrainingData(
            (self.root,), self.layout.info, self.layout.episodes, self.state, self.action, np.zeros(frames), cameras,
            tuple(read_sentences(self.root).values()), np.zeros(frames, np.int64), np.zeros(frames, bool),
            np.zeros(frames, bool), (self.provenance,),
        )  # fmt: skip


def read_dataset_facts(root: Path) -> DatasetFacts:
    """Read and check the dataset in `root`.

    Raises:
        ArmchairError: if it is no LeRobotDataset v3.0, is empty or broken, holds a number that is not finite, or lacks
            the statistics by which LeRobot normalises.
    """
    layout = open_layout(root)
    for key in (ACTION,):
        if key not in layout.info.features:
            raise ArmchairError(
                f"the dataset {root} has no {key!r}, only {', '.join(layout.info.features)}: record it anew."
            )
    check_shapes(root, layout.info)
    if not layout.episodes:
        raise ArmchairError(f"the dataset {root} holds no episodes: record some with `{named('record')}`.")
    found = read_rows(layout)
    rows = [one for _, one in sorted(found.items())]
    vectors = {key: np.concatenate([one.vectors(key) for one in rows]) for key in (STATE, ACTION)}
    lengths = np.array([one.frames for one in rows])
    for key, values in vectors.items():
        check_finite(root, key, values, lengths)
    _check_more_than_one(layout)
    check_rate(layout, rows)
    _check_for_stock(layout, found)
    return DatasetFacts(layout, vectors[STATE], vectors[ACTION], read_about(root))


def _check_more_than_one(layout: Layout) -> None:
    """Raise ArmchairError for a robot of one joint: LeRobot stores its numbers without an axis, which policies need."""
    for key in (STATE, ACTION):
        if key in layout.info.features and layout.info.features[key].shape == (1,):
            raise ArmchairError(
                f"LeRobot's policies fail at {key!r} of {layout.root}, one number a frame: use --policy nano."
            )


def _check_for_stock(layout: Layout, rows: Mapping[int, Rows]) -> None:
    """Raise ArmchairError for the first thing at which stock LeRobot fails, or would learn something else."""
    for words in (*statistics_faults(layout.root, layout.info.features), *training_obstacles(layout)):
        raise broken(layout.root, words)
    for words in misplaced_pictures(layout, rows):
        raise ArmchairError(f"LeRobot cannot train on {layout.root}, as {words}: see `{typed('check', layout.root)}`.")


def warnings_about(facts: DatasetFacts, preset: str) -> list[str]:
    """Return what need not be wrong, a sentence each."""
    said = []
    if facts.units not in (None, DEGREES):
        said.append(
            f"The joints of {facts.root} seem to count in {facts.units}, and `{named('eval')}` and `{named('run')}` "
            "move them in degrees: a policy that learns from this suits only an arm that counts the same way."
        )
    large = {name: size for name, size in facts.cameras.items() if max(size) > 160}
    if preset == "laptop" and large:
        name, (height, width) = next(iter(large.items()))
        said.append(
            f"The camera {name} has {height} x {width} pixels, {height * width / 96**2:.0f} times as many as 96 x 96, "
            "and each step takes about so much longer: a GPU (--preset cuda, mps), or nano, is made for that."
        )
    return said
