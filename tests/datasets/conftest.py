"""Made-up episodes: smooth pictures that move, one row a picture, no simulator."""

from pathlib import Path

import numpy as np
import pytest

from armchair_datasets.episode import Episode, EpisodeWriter
from armchair_robot.loop import Outcome, Tick

HEIGHT, WIDTH, FPS = 48, 64, 30


def picture(step: int, seed: int) -> np.ndarray:
    """uint8[48,64,3]: a soft blob that walks over a gradient."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    blob = np.exp(-((x - 10 - 2 * step) ** 2 + (y - 20 - seed) ** 2) / 60)
    planes = [80 + x, 60 + 2 * y, np.full_like(x, 90 + 10 * seed)]
    return np.stack([plane + 60 * blob for plane in planes], axis=-1).astype(np.uint8)


def ticks(seed: int, length: int) -> list[Tick]:
    """`length` ticks of an episode whose every number depends on the seed and the step."""
    rng = np.random.default_rng(seed)
    return [
        Tick(
            {
                "pixels": {"front": picture(step, seed), "wrist": picture(step, seed)[::-1].copy()},
                "agent_pos": rng.normal(size=6).astype(np.float32),
            },
            rng.normal(size=6).astype(np.float32),
        )
        for step in range(length)
    ]


@pytest.fixture
def make_ticks():
    return ticks


@pytest.fixture
def make_episode(tmp_path: Path):
    """(number, length) -> a finished episode folder, read back."""

    def make(number: int, length: int, success: bool = True) -> Episode:
        writer = EpisodeWriter(FPS)
        for tick in ticks(number, length):
            writer(tick)
        folder = tmp_path / "episodes" / f"{number:06d}"
        writer.save(folder, Outcome(number, success, length, "success" if success else "timed out"))
        return Episode(folder)

    return make
