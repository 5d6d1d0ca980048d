"""A hub's process killed in the middle of pushes: every branch names a whole commit, and what was answered is there."""

import base64
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest

from armchair_datasets.hub.protocol.names import Repo
from armchair_datasets.hub.store.store import Store

SERVE = """
import sys
from pathlib import Path
from armchair_datasets.hub.server.app import create_app
from armchair_datasets.hub.server.serve import addresses, listen, serve
from armchair_datasets.hub.store.store import Store
store, listener = Store(Path(sys.argv[1])), listen(0)
with store.served():
    serve(create_app(store), listener, lambda: print(addresses(listener)[0], flush=True))
"""


@pytest.fixture
def start(tmp_path):
    """Start the hub as a process of its own on the same folder each time; `url` and `folder` are its attributes."""
    started = []

    def start():
        command = [sys.executable, "-c", SERVE, str(tmp_path / "hub")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        process.url, process.folder = process.stdout.readline().strip(), tmp_path / "hub"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


class Student(threading.Thread):
    """Pushes until the hub is gone, and remembers what was answered: commits, and the tags that were set on them."""

    def __init__(self, url, name, seed):
        super().__init__(daemon=True)
        self.repo = Repo("datasets", name, f"run{seed}")
        self.random, self.commits, self.tags = random.Random(f"{name}{seed}"), [], {}
        self._client = httpx.Client(base_url=url, timeout=20)

    def run(self):
        try:
            self._post("/api/repos/create", type="dataset", organization=self.repo.namespace, name=self.repo.name)
            while True:
                self._push()
        except httpx.TransportError:
            self._client.close()

    def _push(self):
        content = self.random.randbytes(self.random.choice([10, 3_000, 200_000]))
        path, api = f"data/{self.random.randrange(5)}", f"/api/datasets/{self.repo.id}"
        if self.random.random() < 0.3:
            line = self._send_alone(path, content)
        else:
            encoded = base64.b64encode(content).decode()
            line = {"key": "file", "value": {"content": encoded, "path": path, "encoding": "base64"}}
        head = {"key": "header", "value": {"summary": f"{len(self.commits)}"}}
        body = b"".join(json.dumps(each).encode() + b"\n" for each in (head, line))
        oid = self._client.post(f"{api}/commit/main", content=body).raise_for_status().json()["commitOid"]
        self.commits.append(oid)
        self._post(f"{api}/tag/{oid}", tag=f"v{len(self.commits)}")
        self.tags[f"v{len(self.commits)}"] = oid

    def _send_alone(self, path, content):
        oid = hashlib.sha256(content).hexdigest()
        known = {"oid": oid, "size": len(content)}
        address = f"/datasets/{self.repo.id}.git/info/lfs/objects/batch"
        (item,) = self._post(address, operation="upload", objects=[known]).json()["objects"]
        if "actions" in item:
            self._client.put(item["actions"]["upload"]["href"], content=content).raise_for_status()
        return {"key": "lfsFile", "value": {"path": path, "algo": "sha256", **known}}

    def _post(self, address, **body):
        return self._client.post(address, json=body).raise_for_status()


def kill_in_the_middle(start, seed) -> int:
    """Let three students push, kill the hub, check its folder, and say how many commits had been answered."""
    hub = start()
    students = [Student(hub.url, name, seed) for name in ("ana", "ben", "cem")]
    for student in students:
        student.start()
    time.sleep(random.Random(seed).uniform(0.05, 1.0))
    hub.send_signal(signal.SIGKILL)
    hub.wait()
    for student in students:
        student.join(timeout=30)
    store = Store(hub.folder)
    for student in students:
        if student.commits:
            check_kept(store, student)
    for blob in (hub.folder / "blobs").iterdir():
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    return sum(len(student.commits) for student in students)


def check_kept(store, student):
    repository = store.open(student.repo)
    kept = list(repository.history("main"))  # reads every commit and compares it with its checksum
    assert set(student.commits) <= {commit.oid for commit in kept}
    assert student.tags.items() <= repository.refs("tags").items()
    for commit in kept:
        for entry in commit.files.values():
            assert store.blobs.path(entry.sha256).stat().st_size == entry.size


def test_killed_while_pushing(start):
    assert sum(kill_in_the_middle(start, seed) for seed in range(3)) > 0


@pytest.mark.slow
def test_killed_while_pushing_often(start):
    assert sum(kill_in_the_middle(start, seed) for seed in range(100, 160)) > 60


def test_ended_and_started_again_it_has_everything_and_nothing_half_received(start):
    hub = start()
    with httpx.Client(base_url=hub.url) as client:
        client.post("/api/repos/create", json={"name": "act", "organization": "ana"}).raise_for_status()
        before = client.get("/api/models/ana/act").json()
    half = hub.folder / "partial" / "half"
    half.write_bytes(os.urandom(100))
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(timeout=20) == 0
    assert half.exists()
    again = start()
    assert not half.exists()
    assert httpx.get(f"{again.url}/api/models/ana/act").json() == before
