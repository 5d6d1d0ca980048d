"""`armchair remove` asks before it removes."""

import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair.terminal.questions import Questions


@pytest.fixture
def removed(monkeypatch):
    removed = []

    def remove(dataset, episodes):
        removed.append((str(dataset), episodes))
        return 7

    monkeypatch.setattr("armchair.commands.remove.remove_episodes", remove)
    monkeypatch.setattr("armchair.commands.remove.read_info", lambda root: None)
    return removed


def run(*words):
    return CliRunner().invoke(app, ["remove", *words])


@pytest.mark.parametrize("sure", [True, False])
def test_it_asks_and_obeys(removed, monkeypatch, sure):
    asked = []
    monkeypatch.setattr(Questions, "really", lambda self, question: asked.append(question) or sure)
    done = run("data", "3", "1", "3")
    assert done.exit_code == 0 and asked == ["Remove episode 1, 3 of data for good?"]
    assert removed == ([("data", {1, 3})] if sure else [])
    assert ("data has 7 episodes left." if sure else "Nothing was changed.") in done.stdout


def test_yes_is_not_asked(removed, monkeypatch):
    monkeypatch.setattr(Questions, "really", lambda self, question: pytest.fail("it asked"))
    assert run("data", "0", "--yes").exit_code == 0 and removed == [("data", {0})]
    assert run("data", "--yes").exit_code == 2 and run("data", "-1", "--yes").exit_code == 2


def test_nobody_is_asked_about_what_is_not_there(monkeypatch):
    monkeypatch.setattr(Questions, "really", lambda self, question: pytest.fail("it asked"))
    done = run("nowhere", "0")
    assert done.exit_code == 1 and done.stderr.startswith("error: there is no folder nowhere")
