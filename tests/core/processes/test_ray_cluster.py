"""The same results from a Ray cluster as from one process, even if one of its workers is killed half-way."""

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_core.processes.parallel import map_in_order


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ArmchairError, match=r"Ray is not installed: type `.* install .*armchair\[ray\]'`"):
        list(map_in_order(abs, [1], workers="local"))


@pytest.fixture
def travelling():
    """What is defined here goes to the workers as it is: they cannot import a test."""
    cloudpickle = pytest.importorskip("ray.cloudpickle")
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    yield
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def _die_once(notes: Path, number: int) -> int:
    """The first attempt at number 3 kills its worker in the middle; every attempt leaves a note."""
    attempt = len(list(notes.glob(f"{number}-*")))
    (notes / f"{number}-{attempt}").write_text(str(os.getpid()))
    if number == 3 and attempt == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return number * number


def _complain(number: int) -> int:
    if number == 2:
        raise ArmchairError("two is refused: use three.")
    return number


@pytest.mark.slow
def test_a_killed_worker_costs_nothing(tmp_path, travelling):
    found = list(map_in_order(partial(_die_once, tmp_path), range(12), workers="local"))
    assert found == [number * number for number in range(12)]
    assert len(list(tmp_path.glob("3-*"))) == 2
    assert len({note.read_text() for note in tmp_path.iterdir()}) >= 2, "no other worker took part"


@pytest.mark.slow
def test_errors_come_out_as_they_were(travelling):
    with pytest.raises(ArmchairError, match=r"^two is refused: use three\.$"):
        list(map_in_order(_complain, range(4), workers="local"))


@pytest.mark.parametrize("address", ["127.0.0.1:9", "nonsense"])
def test_no_cluster_there(address):
    pytest.importorskip("ray")
    with pytest.raises(ArmchairError, match=f"no Ray cluster answers at {address}: start one with `ray start --head`"):
        list(map_in_order(abs, [1], workers=address))


@pytest.mark.slow
def test_an_evaluation_is_the_same_row_for_row(tmp_path):
    pytest.importorskip("ray")
    from armchair_policies.evaluation.evaluate import evaluate
    from armchair_policies.evaluation.request import EvalRequest

    for name, workers in (("here", 1), ("there", "local")):
        evaluate(EvalRequest("expert", "reach", 4, 100_000, tmp_path / name), workers)
    assert (tmp_path / "there/report.html").exists()
    rows = [(tmp_path / name / "episodes.jsonl").read_bytes() for name in ("here", "there")]
    assert rows[0] == rows[1]


@pytest.mark.slow
def test_a_recording_is_the_same_byte_for_byte(tmp_path):
    pytest.importorskip("ray")
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record

    here, there = (tmp_path / place / "reach" for place in ("here", "there"))  # its card names the folder
    record(SimulatedRecordingRequest("reach", "expert", 3, 0, here, workers=1))
    record(SimulatedRecordingRequest("reach", "expert", 3, 0, there, workers="local"))
    # info.json and armchair.json name nothing that differs; pictures, rows and episodes are compared as files.
    files = sorted(path.relative_to(here) for path in here.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(there) for path in there.rglob("*") if path.is_file())
    assert not [file for file in files if (here / file).read_bytes() != (there / file).read_bytes()]
