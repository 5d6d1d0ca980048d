"""`armchair console` on the command line."""

import socket
import sys
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair.commands.console import _ArmTeller, _farewell


def test_a_task_that_is_none_is_a_usage_error():
    done = CliRunner().invoke(app, ["console", "--task", "lft"])
    assert done.exit_code == 2 and "did you mean 'lift'" in " ".join(done.stderr.replace("│", " ").split())


def test_a_port_that_is_taken_is_said_before_anything_is_opened(tmp_path, monkeypatch):
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = CliRunner().invoke(app, ["console", "--no-browser", "--port", str(other.getsockname()[1])])
    assert done.exit_code == 1 and "cannot be taken" in done.stderr and "twin" not in done.stdout


def test_an_arm_that_is_not_there_is_said_at_once():
    done = CliRunner().invoke(app, ["console", "--no-browser", "--port", "0", "--arm", "/dev/ttyNONE"])
    assert done.exit_code == 1 and "there is no port /dev/ttyNONE" in done.stderr


def test_the_first_word_comes_before_what_takes_seconds_to_load(monkeypatch):
    monkeypatch.setitem(sys.modules, "armchair.web.server.start", None)  # as if it were loaded still
    done = CliRunner().invoke(app, ["console", "--no-browser"])
    assert done.stdout == "Loading the page's server …\n"


def test_how_the_arm_is_is_said_when_it_has_changed(capsys):
    states = [{"phase": "opening", "words": "…"}, *[{"phase": "driving", "words": ""}] * 2]
    states += [{"phase": "halted", "words": "wrist_flex is overloaded."}, {"phase": "driving", "words": ""}]
    tell = _ArmTeller(SimpleNamespace(arm_state=lambda: states.pop(0)))
    for _ in range(5):
        tell()
    ready = "The arm is ready: take the wheel on the page."
    assert capsys.readouterr().out.splitlines() == [ready, "The arm: wrist_flex is overloaded.", ready]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_who_ends_it_reads_what_the_end_waits_for(capsys, end):
    with pytest.raises(end), _farewell():
        raise end
    assert "the arm goes home" in capsys.readouterr().out
