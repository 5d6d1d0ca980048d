"""A disk that is really full: a small file system in memory, recorded on until nothing more fits."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from armchair_datasets.recording.build import finish
from armchair_datasets.recording.real_time import disk_space
from armchair_datasets.recording.real_time.record import RecordingRequest, record_takes
from armchair_datasets.recording.real_time.scenes import OwnTable
from armchair_datasets.recording.real_time.session import Rules, SessionOperator
from armchair_datasets.recording.real_time.station import Station

_MATRIX = Path(__file__).parents[4] / "benchmarks/kill_matrix.py"
_spec = importlib.util.spec_from_file_location("kill_matrix", _MATRIX)
kill_matrix = importlib.util.module_from_spec(_spec)
sys.modules["kill_matrix"] = kill_matrix
_spec.loader.exec_module(kill_matrix)


class NoisyArm(kill_matrix.ScriptedArm):
    """Pictures that hardly compress."""

    def get_observation(self) -> dict:
        noise = np.random.default_rng(self.count).integers(0, 255, (kill_matrix.HEIGHT, kill_matrix.WIDTH, 3), np.uint8)
        return super().get_observation() | {"front": noise}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 600 kB, and how to make it larger."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(*options: str) -> subprocess.CompletedProcess:
        command = ["mount", "-t", "tmpfs", *options, "tmpfs", str(place)]
        return subprocess.run(command, capture_output=True)

    if sys.platform != "linux" or mount("-o", "size=600k").returncode:
        pytest.skip("only root on Linux may mount a small file system")
    yield place, lambda: mount("-o", "remount,size=64m")
    subprocess.run(["umount", "-l", str(place)], check=True)


class Listener(SessionOperator):
    """Notes what was saved."""

    def __init__(self, notes: list) -> None:
        self._notes = notes

    def saved(self, saved, kept: int) -> None:
        self._notes.append(saved)


def record(root: Path, saved: list) -> object:
    arm = NoisyArm()
    station = Station(arm, arm, OwnTable(), "Push the bar.", {"hand": "leader"}, kill_matrix.FPS)
    return record_takes(station, RecordingRequest(Rules(100, 0.1, 0.0), root), Listener(saved))


def test_what_was_saved_before_the_disk_was_full_is_not_lost(small_disk, monkeypatch):
    place, enlarge = small_disk
    monkeypatch.setattr(disk_space, "RESERVE_BYTES", 0)
    monkeypatch.setattr(disk_space, "_BYTES_PER_PIXEL", 0)
    saved = []
    with pytest.raises(OSError, match="No space left"):  # there is no room to build the dataset either
        record(place / "data", saved)
    assert len(saved) >= 2
    assert not (place / "data").exists()
    assert enlarge().returncode == 0
    assert finish(place / "data") == len(saved)
    assert kill_matrix.loadable(place / "data") == len(saved)


def test_the_reserve_keeps_the_disk_from_filling(small_disk, monkeypatch):
    place, _ = small_disk
    monkeypatch.setattr(disk_space, "RESERVE_BYTES", 450_000)
    monkeypatch.setattr(disk_space, "_BYTES_PER_PIXEL", 0.1)
    saved = []
    summary = record(place / "data", saved)
    assert "kept free" in summary.halted
    assert summary.kept == len(saved) >= 1
    assert kill_matrix.loadable(place / "data") == len(saved)
