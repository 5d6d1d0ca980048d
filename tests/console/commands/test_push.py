"""`armchair push` as it is typed, against a real classroom hub."""

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

COMMAND = (
    "import typer; from armchair.terminal.errors import calm_libraries; from armchair.commands.push import push\n"
    "calm_libraries(); app = typer.Typer(pretty_exceptions_enable=False); app.command()(push); app()"
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Its address."""
    from armchair_datasets.hub.server.app import create_app
    from armchair_datasets.hub.server.serve import addresses, listen, make_server
    from armchair_datasets.hub.store.store import Store

    listener = listen(0)
    server = make_server(create_app(Store(tmp_path_factory.mktemp("hub") / "hub")))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    yield addresses(listener)[0]
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def push(hub, tmp_path, monkeypatch):
    """(words) -> exit code, what it said, what it complained about."""
    for name, value in {"HF_ENDPOINT": hub, "HF_HOME": tmp_path / "home", "ARMCHAIR_STATE": tmp_path / "state"}.items():
        monkeypatch.setenv(name, str(value))

    def run(*words):
        command = [sys.executable, "-c", COMMAND, *map(str, words)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def dataset(tmp_path) -> Path:
    """One episode of 20 frames, and a camera."""
    from armchair_datasets.recording.assemble import assemble
    from armchair_datasets.recording.episode_folder import CameraTrack, Episode, write_episode
    from armchair_datasets.recording.format import Format
    from armchair_robot.loop.episode import Outcome

    track = CameraTrack(48, 64, 30)
    for step in range(20):
        track.add(np.full((48, 64, 3), 10 * step, np.uint8))
    rows = {name: np.zeros((20, 6), np.float32) for name in ("state", "action")}
    write_episode(tmp_path / "episodes/000000", Outcome(0, True, 20, "success"), rows, {"front": track})
    joints = tuple(f"joint_{number}.pos" for number in range(6))
    form = Format("Lift the cube.", joints, ("front",), 48, 64, 30)
    assemble([Episode(tmp_path / "episodes/000000")], tmp_path / "lift", form, "armchair/lift")
    return tmp_path / "lift"


@pytest.fixture
def policy(tmp_path) -> Path:
    from safetensors.numpy import save_file

    (tmp_path / "nano").mkdir()
    (tmp_path / "nano/config.json").write_text('{"type": "nano", "input_features": {}}')
    save_file({"layer": np.zeros(10)}, tmp_path / "nano/model.safetensors")
    return tmp_path / "nano"


def test_a_dataset_arrives(push, dataset, hub):
    """Sent, looked at, loaded by LeRobot, and told of in bytes."""
    code, said, complaint = push("lift", "--repo-id", "me/lift")
    assert (code, complaint) == (0, "")
    first, *_, last = said.splitlines()
    seen_by = f"everybody who may use the hub at {hub}, which shows all of it to each of them"
    assert re.fullmatch(
        rf"Pushing the dataset {dataset} \(\d+ kB\) to {hub}/datasets/me/lift, .* by {seen_by}\.", first
    )
    assert re.search(r"sending \d+%, \d+ B of [\d.]+ kB", said) and "checking 100%" in said
    assert re.fullmatch(
        rf"Arrived: 8 files, [\d.]+ kB, tagged, compared and loaded by LeRobot, in .*: {hub}/datasets/me/lift", last
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "what goes where? Type `armchair push DATASET --repo-id user/name`"),
        (["lift"], "Type `armchair push lift --repo-id user/name`"),
        (["lift", "--repo-id", "lift"], "'lift' is no name on the Hub, .*: use --repo-id YOUR-NAME/lift."),
        (["lft", "--repo-id", "me/lift"], "there is no folder lft: did you mean 'lift'?"),
        (["lift", "--repo-id", "me/lift", "--public"], "add --footage-consent if all of them agreed"),
        (["lift", "--repo-id", "me/lift", "--allow", "paths"], "did you mean 'path'? choose one of name, path, serial"),
        (["lift", "--repo-id", "me/lift", "--allow", "token"], "choose one of name, path, serial"),
    ],
)
def test_mistakes_are_one_sentence(hub, dataset, words, complaint, monkeypatch):
    import typer
    from typer.testing import CliRunner

    from armchair.commands.push import push

    monkeypatch.chdir(dataset.parent)
    app = typer.Typer()
    app.command()(push)
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (2 if "--allow" in words else 1, "")
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert re.search(complaint.replace("?", r"\?"), result.stderr)


def test_findings_are_listed_without_showing_them(push, policy):
    (policy / "notes.txt").write_text("see /home/marta/x\nport: /dev/tty.usbmodem5A460842341\n")
    code, said, complained = push("nano", "--repo-id", "me/nano")
    assert code == 1 and "--allow path --allow serial" in complained
    assert said.splitlines()[1:] == ["  notes.txt:1: home folder /home/…", "  notes.txt:2: serial number tty.us…"]
    code, said, _ = push("nano", "--repo-id", "me/nano", "--allow", "path", "--allow", "serial")
    assert code == 0 and "Arrived: 4 files" in said


@pytest.mark.slow
def test_recorded_and_on_its_way(hub, tmp_path, monkeypatch):
    """`armchair record --push`: the rights are looked at first, and the upload goes on when the command has ended."""
    environment = {"HF_ENDPOINT": hub, "HF_HOME": tmp_path / "home", "ARMCHAIR_STATE": tmp_path / "state"}
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("HF_TOKEN", "hf_" + "x" * 34)
    armchair = Path(sys.executable).parent / "armchair"
    words = ["record", "--task", "reach", "--episodes", "1", "--image-size", "32", "--out", "reach", "--push"]

    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([armchair, *words], cwd=tmp_path, capture_output=True, text=True, timeout=120)

    assert run(*words, "no-namespace").stderr.startswith("error: ")
    assert not (tmp_path / "reach").exists()
    done = run(*words, "me/reach")
    assert "goes on in the background" in done.stdout, done.stderr
    end_s = time.monotonic() + 90
    while (job := json.loads(run("push", "--status", "--json").stdout)[0])["state"] != "sent":
        assert time.monotonic() < end_s, job
        time.sleep(0.5)
    assert job["commit"]


def test_the_queue_is_shown_and_gone_on_with(push, policy, hub, monkeypatch):
    from armchair_datasets.push.content.payload import make_payload
    from armchair_datasets.push.queue.queue import enqueue, here

    assert push("--status") == (0, "The queue is empty: `armchair record` with --push fills it.\n", "")
    assert push("--resume") == (0, "Nothing waits to be sent.\n", "")
    enqueue(make_payload(policy, "me/queued"))
    job = enqueue(make_payload(policy, "me/later"))
    here().update(job, state="needs login", words="you are not logged in", attempts=2)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    enqueue(make_payload(policy, "me/elsewhere"))
    monkeypatch.setenv("HF_ENDPOINT", hub)
    _, said, _ = push("--status")
    for line in (
        r"me/queued +0 +waits; nobody is sending",
        r"me/later +2 +needs a new token: hf auth login, then armchair push --resume",
        r"me/elsewhere +0 +waits; nobody is sending",
        r"Nothing is being sent now: go on with `armchair push --resume`\.",
    ):
        assert re.search(line, said), said
    _, said, _ = push("--resume")
    assert said.splitlines() == [
        "Going on with 2 in the background: see `armchair push --status`.",
        "For those to http://127.0.0.1:9: HF_ENDPOINT=http://127.0.0.1:9 armchair push --resume",
    ]
    for _ in range(100):
        found = {job["repo_id"]: job for job in json.loads(push("--status", "--json")[1])}
        if found["me/queued"]["state"] == found["me/later"]["state"] == "sent":
            break
    assert found["me/queued"]["in_words"] == f"arrived at me/queued@{found['me/queued']['commit'][:7]}."
    assert (found["me/queued"]["done"], found["me/queued"]["attempts"]) == (found["me/queued"]["total"], 1)
    assert found["me/elsewhere"]["state"] == "waiting" and "token" not in json.dumps(found)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1500, "2 kB"), (1_500_000, "1.5 MB"), (250_000_000, "250 MB"), (2e13, "20000 GB")],
)
def test_sizes_for_people(count, words):
    from armchair.terminal.upload_status import in_bytes

    assert in_bytes(count) == words
