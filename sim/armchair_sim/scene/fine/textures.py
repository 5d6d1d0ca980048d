"""The picture of the table's top: planks of wood, and the mat with its grid. No I/O.

Made by code, the same in every process. A table of another colour is of other wood.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

PIXELS_PER_M = 800
_PLANK_M, _FINE_M, _COARSE_M = 0.15, 0.01, 0.05  # planks across the table; the mat's lines
_WARM = np.array([1.06, 1.0, 0.92])  # wood beside paint of the same colour
_BROWN = np.array([0.85, 1.0, 1.3])  # its dark flecks are browner, too
_ROUND_M = 0.006  # the mat's corners
_TABLE_TILE_M, _MAT_TILE_M = 0.40, 0.11  # one repeat of a pattern, about as large as in the plain level


def shape_of_top(half_m: Sequence[float]) -> tuple[int, int]:
    """Return the rows and columns of the picture of a table with half of its edges (x, y) so long."""
    return round(2 * PIXELS_PER_M * half_m[0]), round(2 * PIXELS_PER_M * half_m[1])


@lru_cache(maxsize=4)
def table_top(
    half_m: tuple[float, ...],
    rgb: tuple[float, ...],
    mat_half_m: tuple[float, ...],
    mat_at_m: tuple[float, ...],
    mat_rgb: tuple[float, ...],
    patterns: tuple[str, str] = ("", ""),
) -> np.ndarray:
    """Return the top of a table, uint8[H, W, 3]: rows along its x from low to high, columns along its y.

    `half_m` are half of its edges (x, y), `mat_at_m` is the mat's middle from the table's; `patterns` are those of
    `desks.patterns` on table and mat, "" for wood and grid. Takes some 50 ms, once for each colour.
    """
    rows, columns = shape_of_top(half_m)
    x = (np.arange(rows)[:, None] + 0.5) / PIXELS_PER_M - half_m[0]
    y = (np.arange(columns)[None] + 0.5) / PIXELS_PER_M - half_m[1]
    if patterns[0]:
        picture = _tiled(patterns[0], x, y)[..., None] * np.array(rgb[:3])
    else:
        picture = _wood(x, y)[..., None] ** _BROWN * np.array(rgb[:3]) * _WARM
    mat, share = _mat(x - mat_at_m[0], y - mat_at_m[1], mat_half_m)
    if patterns[1]:
        mat = _tiled(patterns[1], x - mat_at_m[0], y - mat_at_m[1], _MAT_TILE_M)
    picture += share[..., None] * (mat[..., None] * np.array(mat_rgb[:3]) - picture)
    picture = (255 * picture.clip(0, 1)).round().astype(np.uint8)
    picture.flags.writeable = False
    return picture


def _tiled(name: str, x: np.ndarray, y: np.ndarray, tile_m: float = _TABLE_TILE_M) -> np.ndarray:
    """Return how bright a pattern is, float64[H, W], repeated every `tile_m`."""
    from armchair_sim.scene.desks.patterns import draw_pattern  # few tables have one

    tone = draw_pattern(name)[..., 0] / 255
    rows, columns = (((at / tile_m) % 1 * len(tone)).astype(int) for at in (x, y))
    return tone[rows, columns]


def _wood(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how bright the wood is, float64[H, W] about 1: planks along y, each with its own tone and grain."""
    import cv2

    rng = np.random.default_rng(7)
    rows, columns = shape = np.broadcast_shapes(x.shape, y.shape)
    grain = np.zeros(shape)
    for along, across, strength in ((110, 1.5, 0.030), (250, 6.0, 0.032), (60, 26.0, 0.015)):  # pixels a fleck
        noise = rng.normal(size=(round(rows / across), round(columns / along)))
        grain += strength * cv2.resize(noise, (columns, rows), interpolation=cv2.INTER_CUBIC)
    plank = np.floor((x - x[0]) / _PLANK_M).astype(int)
    tone = rng.uniform(0.95, 1.03, plank.max() + 1)[plank]
    seam = np.abs((x - x[0]) / _PLANK_M - np.round((x - x[0]) / _PLANK_M)) * _PLANK_M
    return (tone + grain) * (1 - 0.22 * np.exp(-((seam / 0.0012) ** 2)))


def _mat(x: np.ndarray, y: np.ndarray, half_m: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return how bright the mat is and how much of each pixel it covers, float64[H, W] each, from its own middle."""
    pixel = 1 / PIXELS_PER_M
    beyond = [np.maximum(np.abs(at) - half + _ROUND_M, 0) for at, half in zip((x, y), half_m, strict=False)]
    edge = _ROUND_M - np.hypot(*beyond)  # metres from the mat's edge, positive inside
    inner = np.minimum(half_m[0] - np.abs(x), half_m[1] - np.abs(y))
    bright = 1.0 + 0.10 * _lines(x, y, _FINE_M, pixel) + 0.22 * _lines(x, y, _COARSE_M, 1.4 * pixel)
    bright = np.where(inner > _FINE_M / 2, bright, 1.0) + 0.45 * np.exp(-(((inner - _FINE_M / 2) / pixel) ** 2))
    return bright, np.clip(edge / pixel + 0.5, 0, 1)


def _lines(x: np.ndarray, y: np.ndarray, apart: float, width: float) -> np.ndarray:
    away = [np.abs(at / apart - np.round(at / apart)) * apart for at in (x, y)]
    return np.maximum(np.exp(-((away[0] / width) ** 2)), np.exp(-((away[1] / width) ** 2)))
