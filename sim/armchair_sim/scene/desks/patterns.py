"""The patterns of tables and mats, made by code: textures whose colour is the table's own. No I/O."""

from collections.abc import Callable

import mujoco
import numpy as np

PIXELS = 128
_REPEATS = (2.0, 3.0)  # of the picture along a table's sides

type Pattern = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def _planks(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    tones = rng.uniform(0.75, 1.0, 4)[(4 * x).astype(int)]
    grain = 0.08 * np.sin(2 * np.pi * (9 * x + 0.6 * np.sin(2 * np.pi * y)))
    return np.where((4 * x) % 1 < 0.06, 0.55, tones + grain)


def _checks(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(((4 * x).astype(int) + (4 * y).astype(int)) % 2, 1.0, 0.6)


def _stripes(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where((6 * (x + y)) % 1 < 0.5, 1.0, 0.65)


def _stone(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.8 + 0.35 * _clouds(x, y, rng, waves=24, highest=9)


def _terrazzo(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    tone = np.full(x.shape, 0.95)
    for middle_x, middle_y, radius in zip(rng.random(60), rng.random(60), rng.uniform(0.01, 0.04, 60), strict=True):
        off_x, off_y = (np.abs((at - middle + 0.5) % 1 - 0.5) for at, middle in ((x, middle_x), (y, middle_y)))
        tone[np.hypot(off_x, off_y) < radius] = rng.uniform(0.4, 0.8)
    return tone


def _cloth(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    threads = np.sin(2 * np.pi * 32 * x) * np.sin(2 * np.pi * 32 * y)
    return 0.85 + 0.1 * threads + 0.15 * _clouds(x, y, rng, waves=8, highest=3)


def _rings(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    away = np.hypot(x - 0.5, y - 0.5)
    return 0.8 + 0.2 * np.cos(2 * np.pi * 7 * away)


def _print(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(_clouds(x, y, rng, waves=12, highest=4) > 0.15, 0.5, 1.0)


def _clouds(x: np.ndarray, y: np.ndarray, rng: np.random.Generator, waves: int, highest: int) -> np.ndarray:
    """Return a sum of waves that repeats at the picture's edges, with a spread of about 0.5."""
    total = np.zeros(x.shape)
    for along, across in rng.integers(-highest, highest + 1, (waves, 2)):
        total += np.cos(2 * np.pi * (along * x + across * y + rng.random()))
    return total / np.sqrt(2 * waves)


PATTERNS: dict[str, Pattern] = {
    "planks": _planks, "checks": _checks, "stripes": _stripes, "stone": _stone, "terrazzo": _terrazzo,
    "cloth": _cloth, "rings": _rings, "print": _print,
}  # fmt: skip


def draw_pattern(name: str) -> np.ndarray:
    """Return the pattern called `name`, uint8[PIXELS, PIXELS, 3]: grey, to be multiplied by a colour; it repeats."""
    at = (np.arange(PIXELS) + 0.5) / PIXELS
    x, y = np.meshgrid(at, at, indexing="ij")
    tone = PATTERNS[name](x, y, np.random.default_rng(list(PATTERNS).index(name)))
    grey = (255 * tone.clip(0, 1)).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def add_patterns(spec: mujoco.MjSpec) -> None:
    """Add a material with a texture for each pattern to `spec`."""
    for name in PATTERNS:
        texture = spec.add_texture(
            name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=PIXELS, height=PIXELS, nchannel=3
        )
        texture.data = draw_pattern(name).tobytes()
        material = spec.add_material(name=name, texrepeat=_REPEATS)
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
