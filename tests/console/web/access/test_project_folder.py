"""What lies in the folder of the console, and that no name leads out of it."""

import pytest

from armchair.web.access.project_folder import ProjectFolder
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


@pytest.mark.parametrize("name", ["../outside", "/etc", "..", ".hidden", "a/../../b", "a/b/c", "", "-x", "link", "a b",
                                  "a\n", "a\0", "x" * 200])  # fmt: skip
def test_no_name_leads_elsewhere(shelf, name):
    with pytest.raises(ArmchairError, match="no name of a folder here"):
        shelf.path(name)


def test_what_is_not_there_is_said_and_what_is_there_is_not_overwritten(shelf):
    with pytest.raises(ArmchairError, match="no dataset policy"):
        shelf.dataset("policy")
    assert shelf.free("data") == "data-2" and shelf.free("demo/data") == "demo/data-2" and shelf.free("new") == "new"
    with pytest.raises(ArmchairError, match="data-2 is free"):
        shelf.unused("data")
    assert shelf.unused("new") == shelf.root / "new"
