"""A dataset of two episodes by the expert, and copies of it to spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from armchair_policies.training.lerobot.job import TrainingJob
from armchair_policies.training.lerobot.presets import presets


@pytest.fixture(scope="session")
def reach(tmp_path_factory) -> Path:
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record

    root = tmp_path_factory.mktemp("stock") / "reach"
    record(SimulatedRecordingRequest("reach", "expert", 2, 0, root, height=96, width=96, workers=1))
    return root


@pytest.fixture
def spoilt(reach, tmp_path) -> Path:
    return shutil.copytree(reach, tmp_path / "spoilt")


@pytest.fixture
def job(reach, tmp_path) -> Callable[..., TrainingJob]:
    """A job on a laptop, of a few steps, whose policy is small."""

    def make(policy: str = "act", steps: int = 2, **other) -> TrainingJob:
        return TrainingJob(reach, tmp_path / "out", policy, presets()["laptop"], steps, **other)

    return make
