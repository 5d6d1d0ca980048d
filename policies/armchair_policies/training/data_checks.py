"""The checks of training data, whoever trains on it: shapes, frame rate, numbers. No I/O."""

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from armchair_core.command_line import typed
from armchair_core.dataset_format.columns import ACTION, STATE
from armchair_core.dataset_format.info import DatasetInfo
from armchair_core.dataset_format.layout import Layout
from armchair_core.dataset_format.rows import Rows
from armchair_core.errors import ArmchairError

_RATE_ROOM = 0.05  # of the rate: clocks differ by less


def check_shapes(root: Path, info: DatasetInfo) -> None:
    """Raise ArmchairError if state or action is no row of numbers."""
    for key in (STATE, ACTION):
        shape = info.features[key].shape if key in info.features else ()
        if len(shape) > 1:
            raise ArmchairError(
                f"{key!r} of {root} has the shape {' x '.join(map(str, shape))}, and a policy learns from one row of "
                f"{math.prod(shape)} numbers: write it as that."
            )


def check_rate(layout: Layout, rows: Iterable[Rows]) -> None:
    """Raise ArmchairError if the rows come at another rate than the dataset says, at which the policy would be run."""
    steps_s = np.concatenate([np.zeros(0), *(np.diff(one.times_s(layout.info.fps)) for one in rows)])
    told = layout.info.fps
    rate = 1 / float(np.median(steps_s)) if len(steps_s) else told
    if abs(rate - told) > _RATE_ROOM * told:
        raise ArmchairError(
            f"the rows of {layout.root} come {rate:.4g} a second by their timestamps, and meta/info.json says fps "
            f"{told:g}: write the true one there."
        )


def check_finite(root: Path, key: str, values: np.ndarray, lengths: np.ndarray) -> None:
    """Raise ArmchairError if a frame of `values` [N, …] is not finite; it names the episode, of so many frames each."""
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        episode = int(np.searchsorted(lengths.cumsum(), bad[0], side="right"))
        raise ArmchairError(
            f"{key!r} of {root} holds a number that is not finite in episode {episode} "
            f"({len(bad)} of {len(values)} frames): `{typed('repair', root)}` leaves that episode out."
        )
