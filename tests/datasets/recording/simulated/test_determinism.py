"""The real environment, real processes: the same dataset from any number of workers, and after `kill -9`."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record
from armchair_datasets.recording.workspace import Workspace

RECORDING = {"task": "lift", "hand": "expert", "episodes": 5, "seed": 7, "height": 48, "width": 48}


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> dict[str, bytes]:
    """What one worker records, undisturbed by anything."""
    summary = record(
        SimulatedRecordingRequest(**RECORDING, out=tmp_path_factory.mktemp("reference") / "lift", workers=1)
    )
    return files(summary.root)


def test_the_dataset_does_not_depend_on_the_number_of_workers(reference, tmp_path):
    parallel = files(record(SimulatedRecordingRequest(**RECORDING, out=tmp_path / "lift", workers=2)).root)
    assert parallel.keys() == reference.keys()
    assert [name for name in reference if parallel[name] != reference[name]] == []


def test_pushes_change_the_dataset(reference, tmp_path):
    calm = files(record(SimulatedRecordingRequest(**RECORDING, out=tmp_path / "lift", workers=2, disturb=False)).root)
    undisturbed, disturbed = (
        pq.read_table(io.BytesIO(dataset["data/chunk-000/file-000.parquet"])) for dataset in (calm, reference)
    )
    assert "shoved" not in undisturbed.column_names
    assert 0.05 < np.mean(disturbed["shoved"].to_pylist()) < 0.4
    assert undisturbed["action"] != disturbed["action"]


def test_each_episode_on_a_desk_of_its_own(reference, tmp_path):
    asked = RECORDING | {"desks": "varied"}
    varied = [
        files(record(SimulatedRecordingRequest(**asked, out=tmp_path / name / "lift", workers=workers)).root)
        for name, workers in (("one", 1), ("two", 2))
    ]
    assert varied[0] == varied[1]
    about, usual = (json.loads(each["meta/armchair.json"]) for each in (varied[0], reference))
    assert about["desks"] == "varied" and "desks" not in usual
    with pytest.raises(ArmchairError, match="no desk called 'varid': did you mean 'varied'"):
        record(SimulatedRecordingRequest(**RECORDING | {"desks": "varid"}, out=tmp_path / "lift"))


def test_kill_minus_nine_loses_no_finished_episode(reference, tmp_path):
    work = Workspace(tmp_path / "lift")
    code = (
        "from pathlib import Path; from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest; "
    )
    code += "from armchair_datasets.recording.simulated.record import record; "
    code += f"record(SimulatedRecordingRequest(**{RECORDING}, out=Path({str(work.out)!r}), workers=2))"
    victim = subprocess.Popen(
        [sys.executable, "-c", f"if __name__ == '__main__': {code}"],
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        _wait(lambda: work.finished() >= 2, "two episodes")
        victim.kill()
        victim.wait()
        _wait(lambda: not _alive(victim.pid), "the workers to end with their parent")
    finally:
        if _alive(victim.pid):
            os.killpg(victim.pid, signal.SIGKILL)
    assert not work.out.exists()
    survivors = {path: path.stat().st_mtime_ns for path in work.episodes.glob("[0-9]" * 6 + "/frames.npz")}
    assert len(survivors) >= 2
    again = []
    resumed = record(
        SimulatedRecordingRequest(**RECORDING, out=work.out, workers=1, resume=True),
        on_episode=lambda report: again.append(
            all(path.stat().st_mtime_ns == written for path, written in survivors.items())
        ),
    )
    assert again == [True] * 5  # nothing finished was recorded twice
    resumed_files = files(resumed.root)
    assert [name for name in reference if resumed_files.get(name) != reference[name]] == []
    assert not work.root.exists()


def _alive(group: int) -> bool:
    """Whether any process of the group runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _wait(condition, what: str, limit_s: float = 120.0) -> None:
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, f"waited {limit_s} s for {what}"
        time.sleep(0.02)
