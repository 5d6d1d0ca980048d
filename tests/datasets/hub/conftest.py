"""For tests of the classroom hub."""

import subprocess
import sys

import httpx
import pytest


@pytest.fixture
def run_client(hub_env):
    """(code, address, …) -> what a process of its own prints that runs this code with the hub as its HF_ENDPOINT.

    `home` names the client's home, `more` are further variables of its environment.
    """

    def run(code: str, url: str, token: str = "any", home: str = "home", **more: str) -> str:
        environment = {**hub_env(url, token, home), **more}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def http(classroom_hub):
    """Plain requests to the classroom hub."""
    with httpx.Client(base_url=classroom_hub.url, timeout=60) as client:
        yield client


@pytest.fixture
def api(classroom_hub):
    """The stock client for the classroom hub, in this process."""
    from huggingface_hub import HfApi

    return HfApi(endpoint=classroom_hub.url, token="any")


@pytest.fixture(autouse=True)
def online(monkeypatch):
    """Whatever this machine's environment says: all hubs of these tests are on it."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
