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
    "armchair_apps": "apps",
    "armchair_classroom": "classroom",
    "armchair": "console",
    "lerobot_robot_armchair": "plugin",
}
TO_COME = {"armchair_apps", "armchair_classroom"}
ROOMS = [room for room, house in HOUSES.items() if (ROOT / house).exists()]


def our_modules() -> dict[str, Path]:
    """The file of each of our modules, by its dotted name."""
    files = {}
    for room in ROOMS:
        house = ROOT / HOUSES[room]
        for file in (house / room).rglob("*.py"):
            files[".".join(file.relative_to(house).with_suffix("").parts).removesuffix(".__init__")] = file
    return files


MODULES = our_modules()


def imports(module: str) -> set[str]:
    """What a module of ours imports anywhere in it: at the top, inside functions, and for types alone."""
    names = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{module}: import by the full name"
            both = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= both & MODULES.keys() or {node.module}
    return names


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules each of which reaches all others of its group (Tarjan, 1972), sorted."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path, found = [], []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        path.append(module)
        for other in arrows[module]:
            if other not in number:
                visit(other)
            if other in path:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == number[module]:
            group = path[path.index(module) :]
            del path[path.index(module) :]
            found.append(sorted(group))

    for module in arrows:
        if module not in number:
            visit(module)
    return sorted(group for group in found if len(group) > 1)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_stands_above(room):
    files = [module for module in MODULES if module.split(".")[0] == room]
    assert files
    below = set(HOUSES) - set(list(HOUSES)[: list(HOUSES).index(room) + 1])
    wrong = {module: both for module in files if (both := {name.split(".")[0] for name in imports(module)} & below)}
    assert not wrong


def test_all_rooms_but_those_to_come_are_there():
    assert set(HOUSES) - set(ROOMS) <= TO_COME


def test_no_modules_import_one_another():
    assert circles({module: imports(module) & MODULES.keys() - {module} for module in MODULES}) == []


def boxes(package: str) -> dict[str, set[str]]:
    """What lies directly in a package, files and folders alike, and which of them import which."""
    below = {module: module.removeprefix(package + ".").split(".")[0] for module in MODULES
             if module.startswith(package + ".")}  # fmt: skip
    arrows: dict[str, set[str]] = {box: set() for box in below.values()}
    for module, box in below.items():
        arrows[box] |= {below[other] for other in imports(module) & below.keys()} - {box}
    return arrows


@pytest.mark.parametrize("room", ROOMS)
def test_no_folders_of_a_room_import_one_another(room):
    packages = [module for module, file in MODULES.items() if file.stem == "__init__" and module.split(".")[0] == room]
    assert packages
    assert not {package: found for package in packages if (found := circles(boxes(package)))}


def test_the_circle_finder_finds_circles():
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "f": {"a", "e"}}
    assert circles(arrows) == [["a", "b", "c"], ["d", "e"]]
    assert circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_package_says_what_it_is_for(room):
    folders = {file.parent for file in (ROOT / HOUSES[room] / room).rglob("*.py")}
    for folder in folders:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_typed_for_others(room):
    assert (ROOT / HOUSES[room] / room / "py.typed").exists()


@pytest.mark.parametrize("room", ROOMS)
def test_source_roots_are_not_packages(room):
    """An __init__.py in datasets/ would shadow Hugging Face's library of that name."""
    assert not (ROOT / HOUSES[room] / "__init__.py").exists()


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
