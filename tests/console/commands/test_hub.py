"""`armchair hub` as it is typed."""

import json
import os
import signal
import socket
import subprocess
import sys

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from armchair.commands.hub import app

RUN = (
    "from armchair.terminal.errors import calm_libraries; calm_libraries();from armchair.commands.hub import app; app()"
)
FILES = {"README.md": b"---\nlicense: mit\n---\n", "model.safetensors": os.urandom(50_000)}


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    return {**kept, "HF_HOME": str(tmp_path / "home")}


@pytest.fixture
def hub(tmp_path, environment):
    """(words) -> how `armchair hub …` ended."""

    def hub(*words, **more) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", RUN, *words]
        return subprocess.run(
            command, env={**environment, **more}, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )

    return hub


@pytest.fixture
def start(tmp_path, environment):
    """(words) -> a hub that runs; `note` is what it printed."""
    running = []

    def start(*words):
        command = [sys.executable, "-c", RUN, "--port", "0", "--json", *words]
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        running.append(process)
        process.note = json.loads(process.stdout.readline())
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def push(note, repo_id):
    """What a stock client does."""
    from huggingface_hub import CommitOperationAdd, HfApi

    api = HfApi(endpoint=note["url"], token=note["token"] or "any")
    api.create_repo(repo_id)
    api.create_commit(repo_id, [CommitOperationAdd(*item) for item in FILES.items()], commit_message="A policy")


@pytest.fixture(autouse=True)
def online(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


def test_the_whole_way(start, hub, tmp_path):
    one, other = start(), start("--folder", "other", "--lan")
    push(one.note, "ana/act")
    listed = hub("list").stdout
    assert "models    ana/act" in listed
    assert "2 files, 48.8 KiB" in listed
    assert "by me: A policy" in listed

    asked = hub("sync", "--to", other.note["url"], HF_TOKEN=other.note["token"])
    assert asked.stdout.startswith("ana/act -> http://"), asked.stderr
    assert "2 files sent (48.8 KiB)" in asked.stdout
    assert "nothing new" in hub("sync", "ana/act", "--to", other.note["url"], HF_TOKEN=other.note["token"]).stdout
    headers = {"Authorization": f"Bearer {other.note['token']}"}
    address = f"{other.note['url']}/ana/act/resolve/main/model.safetensors"
    assert httpx.get(address, headers=headers).content == FILES["model.safetensors"]
    assert "ana/act" in hub("--folder", "other", "list").stdout

    for process, number in ((one, signal.SIGINT), (other, signal.SIGTERM)):
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
    assert start().note["repos"] == 1


def test_on_this_machine_only_unless_asked(start):
    for process, wanted in ((start(), {"127.0.0.1"}), (start("--folder", "lan", "--lan"), {"0.0.0.0"})):
        listening = [line.laddr for line in psutil.Process(process.pid).net_connections() if line.status == "LISTEN"]
        assert {address.ip for address in listening} == wanted
        assert process.note["token"] if "0.0.0.0" in wanted else process.note["token"] is None
        assert httpx.get(f"{process.note['url']}/api/whoami-v2").status_code == (401 if process.note["token"] else 200)


def test_a_students_token(start, hub):
    process = start("--lan")
    said = hub("token", "ana").stdout
    token = said.split("HF_TOKEN=")[1].split()[0]
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{process.note['url']}/api/whoami-v2", headers=headers).json()["name"] == "ana"
    assert "add --renew" in hub("token", "Ana").stderr
    assert "HF_TOKEN=hf_" in hub("token", "ana", "--renew").stdout
    assert httpx.get(f"{process.note['url']}/api/whoami-v2", headers=headers).status_code == 401


def test_what_it_prints(tmp_path, environment):
    command = [sys.executable, "-u", "-c", RUN, "--port", "0", "--lan"]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        said = ""
        while "Ctrl-C" not in said:
            said += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().strip() == "The hub has ended; everything is kept."
        assert process.wait(timeout=20) == 0
    assert "export HF_ENDPOINT=http://" in said
    assert "export HF_TOKEN=hf_" in said
    assert "Nothing is encrypted" in said
    assert said.splitlines()[0].endswith(str(tmp_path / "armchair-hub"))


def test_mistakes_get_one_sentence(start, tmp_path, monkeypatch):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").touch()
    monkeypatch.chdir(tmp_path)
    start("--folder", "one")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for words, sentence in (
            (("list",), "there is no hub in armchair-hub"),
            (("--folder", "thesis"), "something else than a hub"),
            (("--folder", "one", "--port", "0"), "another hub serves"),
            (("--port", str(taken.getsockname()[1])), "cannot be taken"),
            (("token", "teacher"), "use another"),
            (("token", "../ana"), "no name for a student"),
            (("sync", "--public", "--folder", "one"), "--footage-consent together"),
            (("--folder", "one", "sync"), "nothing is on the hub"),
        ):
            done = CliRunner().invoke(app, words)
            assert (done.exit_code, done.stderr.startswith("error: ")) == (1, True), (words, done.output)
            assert sentence in done.stderr
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["thesis.txt"]


def test_sync_says_what_is_missing(hub, start):
    process = start()
    push(process.note, "ana/act")
    assert "type `hf auth login`" in hub("sync", "--to", process.note["url"]).stderr
    assert "did you mean 'ana/act'" in hub("sync", "ana/at", "--to", process.note["url"]).stderr
    assert "does not answer" in hub("sync", "--to", "http://127.0.0.1:9", HF_TOKEN="any").stderr


def test_is_light():
    code = "import sys, armchair.commands.hub; print({'fastapi', 'huggingface_hub', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
