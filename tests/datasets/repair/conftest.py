"""Datasets that stock LeRobot broke for real, and the eyes of stock LeRobot on what became of them."""

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("stock_sessions.py")


@pytest.fixture(scope="session")
def stock():
    """The module `stock_sessions`: what every frame holds."""
    spec = importlib.util.spec_from_file_location("stock_sessions", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Sessions:
    """Runs sessions in processes that may die. `last` is what the last one printed itself."""

    def __init__(self, log: Path) -> None:
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "SVT_LOG": "1"}
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log.open("w"), text=True, env=environment,
        )  # fmt: skip
        self.last = {}

    def __call__(self, session: str, root: Path, kill_after_s: float | None = None, **options) -> int:
        """The exit status of a session; -9 if it was killed."""
        print(json.dumps({"session": session, "root": str(root)} | options), file=self._server.stdin, flush=True)
        child = self._read()["child"]
        if kill_after_s is not None:
            threading.Timer(kill_after_s, _kill, [child]).start()
        self.last = {}
        while "status" not in (line := self._read()):
            self.last = line
        return line["status"]

    def _read(self) -> dict:
        return json.loads(self._server.stdout.readline())

    def close(self) -> None:
        self._server.stdin.close()
        self._server.wait(timeout=30)


def _kill(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it was faster
        os.kill(child, signal.SIGKILL)


@pytest.fixture(scope="session")
def sessions(tmp_path_factory):
    server = Sessions(tmp_path_factory.mktemp("sessions") / "log.txt")
    yield server
    server.close()


@pytest.fixture(scope="session")
def _made(tmp_path_factory, sessions):
    """Every kind of broken dataset is recorded once."""
    made = {}

    def make(session: str, **options) -> Path:
        key = json.dumps([session, options])
        if key not in made:
            made[key] = tmp_path_factory.mktemp(session) / "dataset"
            sessions(session, made[key], **options)
        return made[key]

    return make


@pytest.fixture
def broken(_made, tmp_path):
    """(session, options) -> a fresh copy of what that session left behind, in tmp_path/lift."""

    def copy(session: str, **options) -> Path:
        return Path(shutil.copytree(_made(session, **options), tmp_path / "lift"))

    return copy


@pytest.fixture(scope="session")
def fingerprint():
    """root -> every path under it with the hash of its content: equal trees are equal byte for byte."""

    def take(root: Path) -> dict[str, str]:
        return {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            for path in sorted(root.rglob("*"))
        }

    return take


@pytest.fixture(scope="session")
def assert_holds(stock):
    """(root, episodes) -> stock LeRobot opens the dataset and every row of it is what was recorded."""

    def check(root: Path, episodes: list[int], writer: int = 0, pictures: bool = True) -> None:
        from lerobot.datasets import LeRobotDataset

        dataset = LeRobotDataset("me/repaired", root=root, video_backend="pyav", return_uint8=True)
        told = [(number, frame) for number in episodes for frame in range(stock.length(number))]
        assert (dataset.num_episodes, len(dataset)) == (len(episodes), len(told))
        for index, (number, frame) in enumerate(told):
            seen, truth = dataset[index], stock.truth(number, frame, writer)
            assert seen["task"] == truth["task"]
            assert (seen["index"], seen["frame_index"], seen["episode_index"]) == (
                index, frame, episodes.index(number),
            )  # fmt: skip
            for key in ("observation.state", "action", "done"):
                assert seen[key].numpy().tobytes() == truth[key].tobytes(), (key, number, frame)
            assert seen["timestamp"].item() == np.float32(frame / stock.FPS)
            for camera in stock.CAMERAS if pictures else ():
                _assert_same_picture(seen[f"observation.images.{camera}"], truth[f"observation.images.{camera}"])

    return check


def _assert_same_picture(seen, truth: np.ndarray) -> None:
    """Blue tells the frame, 20 apart; green tells the episode, 16 apart."""
    seen = seen.numpy().transpose(1, 2, 0)
    seen = seen if seen.dtype == np.uint8 else seen * 255.0
    difference = np.abs(seen.astype(float) - truth)
    assert np.median(difference[..., 2]) < 8
    assert np.median(difference[..., 1]) < 8
