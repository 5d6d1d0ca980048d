"""The examples and the documents' code run as they stand."""

import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from armchair_sim.expert.expert import Expert
from armchair_sim.scene.world import FPS, World
from armchair_sim.task import Task

ROOT = Path(__file__).parents[1]


def run(*words: str, cwd: Path) -> str:
    done = subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_watch_the_expert(tmp_path):
    said = run(str(ROOT / "examples/01_watch_the_expert.py"), "--task", "reach", cwd=tmp_path)
    assert said.startswith("success")
    assert (tmp_path / "expert.png").stat().st_size > 10_000


def test_gymnasium(tmp_path):
    assert "missed the ball" in run(str(ROOT / "examples/02_gymnasium.py"), cwd=tmp_path)


@pytest.fixture
def task_from_contributing() -> Task:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    module = types.ModuleType("point")
    exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    return module.Point()


def test_the_task_in_contributing_works(task_from_contributing):
    world = World(task_from_contributing)
    expert = Expert(world)
    for seed in range(5):
        world.reset(seed)
        expert.reset()
        ticks = 0
        while not world.success and ticks < task_from_contributing.time_limit_s * FPS:
            world.step(expert.act())
            ticks += 1
        assert world.success
