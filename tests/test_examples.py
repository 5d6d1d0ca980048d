"""The examples, chapter by chapter, as they stand but small."""

import ast
import contextlib
import io
import os
import runpy
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
CHAPTERS = sorted(EXAMPLES.glob("*.py"))
OFFLINE = {**os.environ, "HF_HUB_OFFLINE": "1"}


def run(chapter: int, *words: object, cwd: Path) -> str:
    """What a chapter prints."""
    (file,) = EXAMPLES.glob(f"{chapter:02d}_*.py")
    command = [sys.executable, str(file), *map(str, words)]
    done = subprocess.run(command, cwd=cwd, env=OFFLINE, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_here(chapter: int, *words: object) -> str:
    """What a chapter prints, in this process and folder: what it imports, the chapters before it have imported."""
    (file,) = EXAMPLES.glob(f"{chapter:02d}_*.py")
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(sys, "argv", [str(file), *map(str, words)])
        patch.setenv("HF_HUB_OFFLINE", "1")
        runpy.run_path(str(file), run_name="__main__")
    return printed.getvalue()


def test_they_are_numbered_and_each_leads_to_the_next():
    assert [int(file.name[:2]) for file in CHAPTERS] == list(range(1, len(CHAPTERS) + 1))
    for file, following in pairwise(CHAPTERS):
        assert f"Next: examples/{following.name}" in file.read_text(), file.name


@pytest.mark.parametrize("file", CHAPTERS, ids=lambda file: file.stem)
def test_each_says_what_one_learns_and_how_long_it_takes(file):
    said = ast.get_docstring(ast.parse(file.read_text()))
    assert "You learn" in said and "Takes" in said
    assert f"python examples/{file.name}" in said


def test_look_at_the_world(tmp_path):
    said = run(1, "--task", "reach", "--seeds", 3, cwd=tmp_path)
    assert "seed 3: joints" in said and "'front': Box(0, 255, (240, 240, 3), uint8)" in said
    assert (tmp_path / "chapters/world.png").stat().st_size > 10_000


def test_drive_it(tmp_path):
    said = run(2, cwd=tmp_path)
    assert "your wave: missed the ball after 6.0 s" in said
    assert "the expert: success" in said
    assert (tmp_path / "chapters/drive.png").stat().st_size > 10_000


@pytest.fixture(scope="module")
def chapters(tmp_path_factory) -> dict[int, str]:
    """What chapters 3 to 7 said, one after the other, in the folder under 0."""
    folder = tmp_path_factory.mktemp("chapters")
    with contextlib.chdir(folder):
        said = {0: str(folder), 3: run(3, "--episodes", 2, cwd=folder), 4: run_here(4)}
        said[5] = run_here(5, "--minutes", 0.05)
        said[6] = run_here(6, "--scenes", 1)
        said[7] = run_here(7)
    return said


def test_record(chapters):
    assert "2 of 2 kept" in chapters[3] and "2 episodes," in chapters[3]
    assert "observation.images.wrist   (3, 96, 96)" in chapters[3]


def test_check(chapters):
    assert "2 episodes" in chapters[4] and "episode 1: Good" in chapters[4]
    assert "Episode 0 with a sensor that slipped is bad" in chapters[4]


def test_train(chapters):
    assert "nano sees ['observation.images.front', 'observation.images.wrist', 'observation.state']" in chapters[5]
    assert (Path(chapters[0]) / "chapters/policy/loss.png").exists()


def test_judge(chapters):
    assert "chapters/policy at reach:" in chapters[6] and "With 95 % confidence" in chapters[6]
    assert (Path(chapters[0]) / "chapters/report/report.html").exists()


def test_compare(chapters):
    assert "Scenes of both: 1. A, chapters/policy," in chapters[7] and "B, expert, 1 times:" in chapters[7]
    assert "Cannot tell" in chapters[7]
    assert (Path(chapters[0]) / "chapters/report-expert/compare.html").exists()


@pytest.mark.real_time
@pytest.mark.skipif(sys.platform != "linux", reason="LeRobot's own class needs a pty that carries 1 Mbaud")
def test_through_the_wire(tmp_path):
    """With a policy: tests/test_main_job.py."""
    said = run(8, cwd=tmp_path)
    assert "shoulder_pan went from" in said and "the front camera sees (480, 640, 3)" in said


@pytest.mark.real_time
def test_break_and_diagnose(tmp_path):
    said = run(9, "dead-servo", cwd=tmp_path)
    healthy, broken = said.split("dead-servo:")
    assert "healthy: True" in healthy
    assert "broken, certain: " in broken and "elbow_flex" in broken and "healthy: False" in broken


def test_push_to_a_hub(chapters, tmp_path):
    said = run(10, Path(chapters[0]) / "chapters/data", cwd=tmp_path)
    assert "Arrived: " in said
    assert "LeRobot has loaded 2 episodes from me/chapters: Touch the red ball." in said


def test_reinforcement_learning(tmp_path):
    pytest.importorskip("stable_baselines3")
    said = run(11, "--steps", 64, "--scenes", 1, "--episode-s", 0.2, cwd=tmp_path)
    assert "After 0 steps: " in said and "After 64 steps: " in said


def test_your_own_task(tmp_path):
    said = run(12, "--scenes", 3, cwd=tmp_path)
    assert said.count("success after") == 3
