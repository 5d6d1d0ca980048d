"""The shape of the house: which room may import which, and what LeRobot finds when it looks for us."""

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Each may import what stands above it.
HOUSES = {
    "armchair_core": "core",
    "armchair_sim": "sim",
    "armchair_robot": "robot",
    "armchair_datasets": "datasets",
    "armchair_policies": "policies",
    "armchair": "console",
    "lerobot_robot_armchair": "plugin",
}
ROOMS = list(HOUSES)


def imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_to_the_left(room):
    files = list((ROOT / HOUSES[room] / room).rglob("*.py"))
    assert files
    forbidden = set(ROOMS[ROOMS.index(room) + 1 :])
    wrong = {str(file.relative_to(ROOT)): both for file in files if (both := imports(file) & forbidden)}
    assert not wrong


@pytest.mark.parametrize("house", HOUSES.values())
def test_source_roots_are_not_packages(house):
    """An __init__.py in datasets/ would shadow Hugging Face's library of that name."""
    assert not (ROOT / house / "__init__.py").exists()


def test_hugging_faces_datasets_wins():
    code = "import datasets; assert hasattr(datasets, 'load_dataset'), datasets.__path__"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_lerobot_finds_the_plugin():
    """By the raw name of the distribution, in a process of its own, without an error in the log."""
    assert importlib.metadata.metadata("lerobot_robot_armchair")["Name"] == "lerobot_robot_armchair"
    code = (
        "from lerobot.utils.import_utils import register_third_party_plugins as find; find();"
        "from lerobot.envs.configs import EnvConfig; from lerobot.configs import PreTrainedConfig;"
        "print('armchair' in EnvConfig.get_known_choices(), 'nano' in PreTrainedConfig.get_known_choices())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True True"
    assert "Traceback" not in done.stderr


def test_plugin_hook_is_light():
    """LeRobot imports it at the start of every command: no physics, no model code, no pictures."""
    code = (
        "import sys; import lerobot.envs.configs, lerobot.configs; before = set(sys.modules);"
        "import lerobot_robot_armchair; new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(new & {'mujoco', 'matplotlib', 'typer', 'rich'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
