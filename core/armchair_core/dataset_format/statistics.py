"""The statistics of a dataset, meta/stats.json, by which LeRobot normalises: are they there, finite, whole?"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from armchair_core.dataset_format.columns import ACTION, STATE
from armchair_core.dataset_format.info import STATS, Feature
from armchair_core.files import read_json

_SHAPES = {True: 3, False: 1}  # axes of a picture and of a row of numbers: of others LeRobot counts in its own way
_NEEDED = ("mean", "std", "min", "max")


def statistics_faults(root: Path, features: Mapping[str, Feature]) -> Iterator[str]:
    """Yield what is wrong with them for what a policy learns from: joints, actions and cameras. Reads one file."""
    try:
        known = read_json(root / STATS)
    except FileNotFoundError:
        yield "it has no meta/stats.json, by which everything is normalised"
        return
    except (ValueError, OSError) as error:
        yield f"meta/stats.json is damaged ({error})"
        return
    for key, feature in features.items():
        is_picture = feature.dtype in ("image", "video") and not feature.is_depth
        if key in (STATE, ACTION) or is_picture:
            yield from _of_feature(key, feature, known.get(key) if isinstance(known, dict) else None, is_picture)


def _of_feature(key: str, feature: Feature, told: Any, is_picture: bool) -> Iterator[str]:
    size = _channels(feature) if is_picture else math.prod(feature.shape)
    for name in _NEEDED:
        values = _as_numbers(told.get(name) if isinstance(told, dict) else None)
        if not values.size or not np.isfinite(values).all():
            yield f"meta/stats.json has no finite {name} of {key!r}, by which it is normalised"
            return
        if values.size != size and len(feature.shape) <= _SHAPES[is_picture]:
            yield f"meta/stats.json has {values.size} numbers as the {name} of {key!r}, which has {size}"
            return


def _channels(feature: Feature) -> int:
    height, width = feature.size
    return math.prod(feature.shape) // (height * width) if height and width else 3


def _as_numbers(value: Any) -> np.ndarray:
    try:
        return np.ravel(np.asarray([] if value is None else value, dtype=np.float64))
    except (ValueError, TypeError):
        return np.zeros(0)
