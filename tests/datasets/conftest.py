"""Made-up episodes: smooth pictures that move, one row a picture, no simulator. And a hub to push them to."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from armchair_datasets.recording.episode_folder import Episode, EpisodeWriter
from armchair_robot.loop.episode import Outcome, Tick

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


@dataclass
class ClassroomHub:
    """A hub that is being served: `url` without a slash at its end, `folder` as `Store` takes it."""

    url: str
    folder: Path


@pytest.fixture
def serve_app():
    """(ASGI application) -> the address at which it is served, on this machine, until the test ends."""
    from armchair_datasets.hub.server.serve import addresses, listen, make_server

    running = []

    def serve(app) -> str:
        listener, server = listen(0), make_server(app)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        running.append((server, thread))
        return addresses(listener)[0]

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def classroom_hub(tmp_path: Path, serve_app) -> Iterator[ClassroomHub]:
    """A hub without tokens, empty at first."""
    from armchair_datasets.hub.server.app import create_app
    from armchair_datasets.hub.store.store import Store

    store = Store(tmp_path / "hub")
    with store.served():
        yield ClassroomHub(serve_app(create_app(store)), store.folder)


@pytest.fixture
def hub_env(tmp_path: Path):
    """(address, token) -> the environment of a client with a home of its own; `home` names it, for a second one."""

    def environment(url: str, token: str = "any", home: str = "home") -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
        return {**kept, "HF_ENDPOINT": url, "HF_TOKEN": token, "HF_HOME": str(tmp_path / home)}

    return environment
