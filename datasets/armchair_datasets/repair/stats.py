"""The statistics of an episode as LeRobot's recorder would have computed them (datasets/compute_stats.py, 0.6.1)."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from lerobot.datasets.compute_stats import compute_episode_stats, sample_indices
from PIL import Image

from armchair_datasets.recording.episode_folder import count_values
from armchair_datasets.recording.image_stats import image_stats
from armchair_datasets.repair.parquet.rows import flat
from armchair_datasets.repair.videos import Row, Span, pictures

Stats = dict[str, dict[str, np.ndarray]]


def episode_stats(table: pa.Table, spans: Mapping[str, Span], row: Row, features: dict[str, Any], fps: float) -> Stats:
    """Return the statistics of every feature by name, from the rows and from as many pictures as LeRobot samples.

    Those of depth pictures are taken from `row`, if the table of episodes still has them.

    Raises:
        ValueError: if a picture cannot be decoded; the message says which.
    """
    stats: Stats = compute_episode_stats(dict(_numbers(table, features)), features)
    wanted = sample_indices(len(table))
    for key, feature in features.items():
        if feature["dtype"] not in ("image", "video"):
            continue
        if (feature.get("info") or {}).get("is_depth_map", False):
            stats |= {key: told} if (told := _told(row, key)) else {}
            continue
        if feature["dtype"] == "video":
            seen = pictures(spans[key], len(table), set(wanted), fps)
        else:
            seen = (unpack(table[key][frame].as_py()["bytes"]) for frame in wanted)
        counts = np.sum([count_values(image) for image in seen], axis=0)
        stats[key] = image_stats(counts, len(wanted))
    return stats


def _numbers(table: pa.Table, features: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each column of numbers as [frames] or [frames, …].

    A column that no policy learns from may have gaps (NaN); they do not count.
    """
    for key in table.column_names:
        if features[key]["dtype"] in ("image", "string", "language"):
            continue
        values, shape = flat(table[key]), tuple(features[key]["shape"])
        if values.dtype.kind == "f":
            values = values[np.isfinite(values).all(axis=1)]
        if len(values):
            yield key, values.ravel() if shape == (1,) else values.reshape(-1, *shape)


def _told(row: Row, key: str) -> dict[str, np.ndarray]:
    """Return a feature's statistics in a row of the table of episodes: the columns stats/<feature>/<name>."""
    start = f"stats/{key}/"
    return {name.removeprefix(start): np.asarray(value) for name, value in row.items() if name.startswith(start)}


def unpack(png: bytes) -> np.ndarray:
    """Return a compressed picture as uint8[H,W,3].

    Raises:
        ValueError: if it is none.
    """
    try:
        with Image.open(io.BytesIO(png)) as image:
            return np.asarray(image.convert("RGB"))
    except OSError as error:
        raise ValueError(f"a picture cannot be decoded: {error}") from None
