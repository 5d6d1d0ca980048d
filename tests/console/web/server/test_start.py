"""A console from its start to its end, with a twin of its own: who is let in, and what is left behind."""

import json
import signal
import time

import httpx
import psutil
import pytest

QR_DOTS = "▀▄█"


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
