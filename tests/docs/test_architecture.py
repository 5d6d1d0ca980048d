"""The architecture page is true: every room and file that it names is there, and it names every room."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ROOT = DOCS.parent
PAGE = (DOCS / "architecture.md").read_text()
PACKAGES = ("core/armchair_core", "sim/armchair_sim", "robot/armchair_robot", "datasets/armchair_datasets",
            "policies/armchair_policies", "console/armchair", "plugin/lerobot_robot_armchair")  # fmt: skip
VIEWS = "console/page/src"
_SOURCES = r"`((?:core|sim|robot|datasets|policies|console|plugin|tests)/[\w/.]+\.(?:py|ts|tsx))`"


def named_rooms(house: str) -> set[str]:
    """The rooms of a package that the page names in its table, by their folders inside it."""
    section = PAGE.partition(f"### {house}\n")[2].partition("\n#")[0]
    return set(re.findall(r"^\| `([\w/.]+)` \|", section, re.MULTILINE))


@pytest.mark.parametrize("house", PACKAGES)
def test_every_room_is_named_and_every_name_is_a_room(house):
    there = {file.parent.relative_to(ROOT / house).as_posix() for file in (ROOT / house).rglob("__init__.py")}
    assert named_rooms(house) == there


def test_every_view_is_named_and_every_name_is_a_view():
    there = {file.parent.relative_to(ROOT / VIEWS).as_posix() for file in (ROOT / VIEWS).rglob("*.ts*")}
    assert named_rooms(VIEWS) == there


def test_no_other_house_is_named():
    assert set(re.findall(r"^### (\w+/\S+)$", PAGE, re.MULTILINE)) == {*PACKAGES, VIEWS}


@pytest.mark.parametrize("flow", ["An action", "A frame", "A batch", "An evaluation"])
def test_every_file_of_a_flow_is_there(flow):
    way = PAGE.partition(f"### {flow}\n")[2].partition("\n#")[0]
    files = re.findall(_SOURCES, way)
    assert len(files) >= 5
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_every_file_that_is_named_anywhere_is_there():
    named = re.findall(r"`([\w-]+/[\w/.-]+\.(?:py|tsx?|md|svg))`", PAGE)
    assert named and [file for file in named if not (ROOT / file).exists()] == []


def test_the_picture_shows_every_package_in_the_order_of_imports():
    picture = ElementTree.parse(DOCS / "rooms.svg").getroot()
    words = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    packages = [house.split("/")[1] for house in PACKAGES]
    assert [word for word in words if word in packages] == packages


@pytest.mark.parametrize("page", [DOCS / "architecture.md", ROOT / "CONTRIBUTING.md", ROOT / "README.md"], ids=str)
def test_no_link_is_dead(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []
