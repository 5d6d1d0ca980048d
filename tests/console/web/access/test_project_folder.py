"""What lies in the folder of the console, and that no name leads out of it."""

import pytest
from pydantic import TypeAdapter

from armchair.web.access.project_folder import Name, ProjectFolder
from armchair_core.errors import ArmchairError


@pytest.fixture
def shelf(tmp_path) -> ProjectFolder:
    for name in ("here/data/meta/info.json", "here/demo/data/meta/info.json", "here/policy/checkpoints/last/x",
                 "outside/meta/info.json", "here/report/eval.json", "here/.hidden/meta/info.json"):  # fmt: skip
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.touch()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "outside")
    return ProjectFolder(tmp_path / "here")


def test_it_finds_what_is_there_and_nothing_outside(shelf):
    assert sorted(shelf.datasets()) == ["data", "demo/data"]
    assert shelf.policies() == ["policy"] and shelf.evaluations() == ["report"]
    assert shelf.dataset("demo/data") == shelf.root / "demo" / "data"


@pytest.mark.parametrize(
    "name", ["Müllers Daten/erste Übung", "Übung", "two words", "_old", "数据", "été (2)", "100 %", "a'b", "#1", "a;b"]
)
def test_folders_are_found_however_people_name_them(tmp_path, name):
    file = tmp_path / name / "meta" / "info.json"
    file.parent.mkdir(parents=True)
    file.touch()
    project = ProjectFolder(tmp_path)
    assert project.datasets() == [name]
    assert project.dataset(name) == tmp_path / name and project.free(name) == f"{name}-2"
    assert TypeAdapter(Name).validate_python(name) == name, "a page may say it"


@pytest.mark.parametrize("name", ["../outside", "/etc", "..", ".hidden", "a/../../b", "a/b/c", "", "-x", "link", "~x",
                                  " a", "a\n", "a\0", "a\\b", "a/ b", "x" * 200])  # fmt: skip
def test_no_name_leads_elsewhere(shelf, name):
    with pytest.raises(ArmchairError, match="no name of a folder here"):
        shelf.path(name)


def test_takes_that_would_be_written_elsewhere_have_no_name(shelf):
    (shelf.root / "data.recording").symlink_to(shelf.root.parent / "outside")
    with pytest.raises(ArmchairError, match="no name of a folder here"):
        shelf.path("data")
    assert shelf.datasets() == ["demo/data"], "and the others are found as before"


def test_what_is_not_there_is_said_and_what_is_there_is_not_overwritten(shelf):
    with pytest.raises(ArmchairError, match="no dataset policy"):
        shelf.dataset("policy")
    assert shelf.free("data") == "data-2" and shelf.free("demo/data") == "demo/data-2" and shelf.free("new") == "new"
    with pytest.raises(ArmchairError, match="data-2 is free"):
        shelf.unused("data")
    assert shelf.unused("new") == shelf.root / "new"
