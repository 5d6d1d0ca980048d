"""`armchair console` on the command line."""

import json
import signal
import socket
import time

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from armchair.cli import app

QR_DOTS = "▀▄█"


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


@pytest.mark.slow
@pytest.mark.real_time
def test_on_the_network_links_are_printed_and_everything_ends_in_order(tmp_path, start_console):
    console = start_console(tmp_path, "--lan")
    said = console.until_said("For one student: ")
    link = said.split()[0]
    address, _, token = link.partition("#")
    assert not address.startswith("http://127.") and any(dot in said for dot in QR_DOTS)
    assert "needs a link" in console.said and "not encrypted" in console.said
    assert httpx.post(f"{console.url}/api/stop", json={}, trust_env=False).status_code == 401
    entered = httpx.post(f"{console.url}/api/enter", json={"token": token}, trust_env=False)
    assert entered.json() == {"role": "student"}
    teacher = httpx.post(f"{console.url}/api/enter", json={"token": console.link.partition("#")[2]}, trust_env=False)
    assert teacher.json() == {"role": "teacher"}
    console.until_said(f"For one student: {link}")
    until = time.monotonic() + 10
    while console.said.count("For one student: ") < 2:  # the next link, for the next one
        assert time.monotonic() < until
        time.sleep(0.1)
    twin = json.loads((tmp_path / "run" / "twin.json").read_text())["pid"]
    assert console.stop() == 128 + signal.SIGTERM
    assert not (tmp_path / "run" / "twin.json").exists(), "its twin has ended"
    assert not list((tmp_path / "run").glob("console-*"))
    assert not psutil.pid_exists(twin)
