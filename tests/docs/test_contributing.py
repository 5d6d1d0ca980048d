"""The recipes of CONTRIBUTING.md: all are put in place in a copy of the house, and what they say is tested there."""

import os
import re
import shutil
import subprocess
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import pytest

from armchair_sim.expert.expert import Expert
from armchair_sim.scene.world import FPS, World
from armchair_sim.task import Task

ROOT = Path(__file__).parents[2]
HOUSES = ("core", "sim", "robot", "datasets", "policies", "console", "plugin")
RECIPES = ("A task", "A teleoperator", "A policy", "A quality rule", "A twin's fault", "A doctor's check", "A command",
           "A page view")  # fmt: skip
# What is run in the copy: the recipes' own tests, and the contracts of the house that must hold with them.
TESTS = {
    "A task": ["tests/sim/test_tasks.py", "-k", "point"],
    "A teleoperator": ["tests/robot/teleoperators/test_sway.py"],
    "A policy": ["tests/policies/test_linear.py"],
    "A quality rule": ["tests/datasets/quality/test_chattering_gripper.py"],
    "A twin's fault": ["tests/sim/twin/test_faults.py", "tests/firmware_notes/test_pages.py", "-k", "heat or section"],
    "A doctor's check": ["tests/robot/doctor/test_faults.py", "-k", "heat-limit or healthy"],
    "A command": ["tests/console/commands/test_tasks.py"],
}
_WHERE = re.compile(r"(?:#|//) (?P<path>[\w./-]+)(?P<end>, at its end)?(?:, below \"(?P<line>.+)\")?\n")


@dataclass(frozen=True)
class Block:
    """A block of a recipe: `text` makes a file, or goes to the `end` of one, or below its first line with `line`."""

    path: str
    end: bool
    line: str | None
    text: str

    def put(self, root: Path) -> None:
        file = root / self.path
        if self.line:
            before, found, after = file.read_text().partition(self.line)
            assert found, f"{self.path} has no line with {self.line!r}"
            rest_of_line, _, after = after.partition("\n")
            file.write_text(f"{before}{found}{rest_of_line}\n{self.text}{after}")
        elif self.end:
            file.write_text(file.read_text() + self.text)
        else:
            assert not file.exists(), f"{self.path} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.text)


def recipes() -> dict[str, list[Block]]:
    """The blocks of each recipe, by its heading."""
    _, _, text = (ROOT / "CONTRIBUTING.md").read_text().partition("\n# Recipes\n")
    found = {}
    for section in re.split(r"\n## (?=A )", text.partition("\n# Habits")[0])[1:]:
        heading, _, body = section.partition("\n")
        blocks = []
        for code in re.findall(r"```(?:python|tsx|markdown)\n(.*?)```", body, re.DOTALL):
            where = _WHERE.match(code)
            assert where, f"{heading}: a block does not say where it goes: {code[:60]}"
            blocks.append(Block(where["path"], bool(where["end"]), where["line"], code[where.end() :]))
        found[heading] = blocks
    return found


def test_there_is_a_recipe_for_each():
    assert tuple(recipes()) == RECIPES
    assert all(recipes().values())


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A copy of the sources and tests with every recipe followed."""
    copy = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", "static", ".pytest_cache", ".mypy_cache")
    for folder in (*HOUSES, "tests", "firmware_notes"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for blocks in recipes().values():
        for block in blocks:
            block.put(copy)
    return copy


def run_in(house: Path, *words: str) -> subprocess.CompletedProcess:
    """A command that imports from the copy: PYTHONPATH comes before what is installed."""
    without = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "ARMCHAIR"))}
    paths = os.pathsep.join(str(house / each) for each in HOUSES)
    env = {**without, "PYTHONPATH": paths, "HF_HUB_OFFLINE": "1"}
    return subprocess.run(words, cwd=house, env=env, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("recipe", TESTS)
def test_the_recipe_works(house, recipe):
    run_tests(house, *TESTS[recipe])


@pytest.mark.slow
def test_the_recipes_policy_is_trained_and_judged(house):
    run_tests(house, *TESTS["A policy"], "-m", "slow")


def run_tests(house: Path, *words: str) -> None:
    done = run_in(house, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


def test_the_page_with_its_new_view_is_sound(house):
    tools = ROOT / "console" / "page" / "node_modules"
    if not (tools / ".bin" / "tsc").exists() or not shutil.which("node"):
        pytest.skip("needs the page's tools: npm install --no-package-lock in console/page")
    page = house / "console" / "page"
    (page / "node_modules").symlink_to(tools)
    done = subprocess.run([tools / ".bin" / "tsc", "--noEmit"], cwd=page, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES if recipe != "A page view"])
def test_python_of_the_recipe_is_as_the_rest_of_the_house(house, recipe):
    files = {block.path for block in recipes()[recipe] if block.path.endswith(".py")}
    done = run_in(house, sys.executable, "-m", "ruff", "check", "--fix", "--quiet", *files)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def task_from_contributing() -> Task:
    (block,) = recipes()["A task"]
    module = types.ModuleType("point")
    exec(compile(block.text, "CONTRIBUTING.md", "exec"), module.__dict__)
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
