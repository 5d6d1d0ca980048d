"""Kills at random moments, few of them; benchmarks/kill_matrix.py does hundreds, and stock LeRobot for comparison."""

import subprocess
import sys
from pathlib import Path

MATRIX = Path(__file__).parents[1] / "benchmarks" / "kill_matrix.py"


def test_nothing_saved_is_lost_and_nothing_earlier_harmed(tmp_path):
    done = subprocess.run(
        [sys.executable, MATRIX, "--rounds", "12", "--only", "ours"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[1:3] for row in rows] == [
        [job, number] for job in ("recording", "appending") for number in ("SIGKILL", "SIGTERM", "SIGHUP")
    ]
    for _, job, _, kills, saved, lost, harmed in rows:
        assert (int(kills), int(lost), int(harmed)) == (2, 0, 0)
        assert int(saved) >= (8 if job == "appending" else 0)
    assert sum(int(row[4]) for row in rows) > 24, "some takes were saved before their recorder was killed"
