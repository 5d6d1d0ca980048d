"""Kills at random moments, few of them; benchmarks/kill_matrix.py does hundreds, and stock LeRobot for comparison."""

import subprocess
import sys
from pathlib import Path

import pytest

MATRIX = Path(__file__).parents[1] / "benchmarks" / "kill_matrix.py"


def kills(folder: Path, *jobs: str) -> list[list[str]]:
    """The table's rows of 12 kills."""
    command = [sys.executable, MATRIX, "--rounds", "12", "--only", "ours", "--while", *jobs]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:7]]
    assert [row[1:3] for row in rows] == [[job, number] for job in jobs for number in ("SIGKILL", "SIGTERM", "SIGHUP")]
    return rows


def test_nothing_saved_is_lost_and_nothing_earlier_harmed(tmp_path):
    rows = kills(tmp_path, "recording", "appending")
    for _, job, _, count, saved, lost, harmed in rows:
        assert (int(count), int(lost), int(harmed)) == (2, 0, 0)
        assert int(saved) >= (8 if job == "appending" else 0)
    assert sum(int(row[4]) for row in rows) > 24, "some takes were saved before their recorder was killed"


@pytest.mark.slow
def test_nor_by_a_push_or_a_repair(tmp_path):
    for _, job, _, count, saved, lost, harmed in kills(tmp_path, "pushing", "repairing"):
        assert (int(count), int(saved), int(lost), int(harmed)) == (2, 16 if job == "pushing" else 6, 0, 0)
