"""`armchair console` on the command line."""

import socket

from typer.testing import CliRunner

from armchair.cli import app


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
