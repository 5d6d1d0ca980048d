"""Errors, seeds and workers."""

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.processes.parallel import map_in_order
from armchair_sim.seeds import FIRST_EVALUATION_SEED, evaluation_seeds, recording_seeds


def test_unknown_name_offers_the_nearest_and_all():
    assert str(unknown_name("task", "plase", ["place", "lift"])) == (
        "there is no task called 'plase': did you mean 'place'? choose one of lift, place."
    )
    assert "did you mean" not in str(unknown_name("task", "xyzzy", ["place", "lift"]))


def test_recording_and_evaluation_seeds_never_meet():
    assert recording_seeds(0, FIRST_EVALUATION_SEED)[-1] < evaluation_seeds(FIRST_EVALUATION_SEED, 1)[0]


@pytest.mark.parametrize(
    ("first", "count"), [(-1, 1), (FIRST_EVALUATION_SEED, 1), (FIRST_EVALUATION_SEED - 1, 2), (0, 0)]
)
def test_seeds_that_may_not_be_recorded(first, count):
    with pytest.raises(ArmchairError, match="use --"):
        recording_seeds(first, count)


@pytest.mark.parametrize(("first", "count"), [(0, 1), (FIRST_EVALUATION_SEED - 1, 5), (FIRST_EVALUATION_SEED, 0)])
def test_seeds_that_may_not_be_judged_on(first, count):
    with pytest.raises(ArmchairError, match="use --"):
        evaluation_seeds(first, count)


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_order(workers):
    assert list(map_in_order(abs, range(-20, 0), workers)) == list(range(20, 0, -1))


def test_a_workers_error_arrives():
    with pytest.raises(ValueError, match="invalid literal"):
        list(map_in_order(int, ["1", "x"], 2))


def test_leaving_early_does_not_wait_for_the_work():
    started_s = time.monotonic()
    with closing(map_in_order(time.sleep, [0.01, 300, 300], 2)) as naps:
        next(naps)
    assert time.monotonic() - started_s < 100


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_die_with_a_killed_parent(tmp_path):
    code = (
        "import sys, time; from armchair_core.processes.parallel import map_in_order\n"
        "if __name__ == '__main__':\n"
        "    for _ in map_in_order(time.sleep, [0.01, 0.01, 600, 600], 2): print('up', flush=True)\n"
    )
    (tmp_path / "killed.py").write_text(code)
    parent = subprocess.Popen([sys.executable, tmp_path / "killed.py"], stdout=subprocess.PIPE, cwd=tmp_path)
    assert parent.stdout.readline() == b"up\n"
    workers = _children(parent.pid)
    assert workers
    parent.kill()
    parent.wait()
    for _ in range(200):
        if not any(Path(f"/proc/{worker}").exists() for worker in workers):
            return
        time.sleep(0.05)
    pytest.fail(f"workers {workers} are still there 10 s after their parent was killed")


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
