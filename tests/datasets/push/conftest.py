"""A real classroom hub whose network can be made to fail, and small things to send to it."""

import asyncio
import json
import os
import re
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

FORM_SIZE = 48, 64


@dataclass
class Fault:
    """Happens to the next `times` requests that match, behind `after` that are let through.

    `kind`: "status" answers with one, "drop" closes the connection at once, "lost" when the request has been done,
    "stall" after `seconds` of silence.
    """

    method: str
    path: str
    kind: str = "status"
    times: int = 1
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    after: int = 0

    def strikes(self, method: str, path: str) -> bool:
        if self.times == 0 or method != self.method or not re.search(self.path, path):
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Request:
    """One that came: `size` are the bytes of its body."""

    method: str
    path: str
    size: int = 0

    def is_for(self, method: str, path: str) -> bool:
        return method == self.method and re.search(path, self.path) is not None


class Faulty:
    """ASGI middleware around the hub: counts what comes, and lets it fail."""

    def __init__(self, app) -> None:
        self.app, self.faults, self.requests, self.closing = app, [], [], False

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = Request(scope["method"], scope["path"])
        self.requests.append(request)

        async def counted():
            message = await receive()
            request.size += len(message.get("body", b""))
            return message

        fault = next((one for one in self.faults if one.strikes(request.method, request.path)), None)
        if fault is None:
            return await self.app(scope, counted, send)
        if fault.kind == "status":
            return await self._answer(fault, counted, send)
        if fault.kind == "lost":
            await self.app(scope, counted, _nowhere)
        end_s = time.monotonic() + fault.seconds
        while time.monotonic() < end_s and not self.closing:
            await asyncio.sleep(0.05)
        send.__self__.transport.abort()

    async def _answer(self, fault, receive, send):
        while (await receive()).get("more_body"):
            pass
        headers = [(name.lower().encode(), value.encode()) for name, value in fault.headers.items()]
        await send({"type": "http.response.start", "status": fault.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})


async def _nowhere(message) -> None:
    pass


class FaultyHub:
    """Serves a folder in a thread, at an address that stays the same when it is stopped and started."""

    def __init__(self, folder: Path, tokens=None) -> None:
        from armchair_datasets.hub.server.app import create_app
        from armchair_datasets.hub.server.serve import listen
        from armchair_datasets.hub.store.store import Store

        self.folder, self.network = folder, Faulty(create_app(Store(folder), tokens))
        listener = listen(0)
        self._port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._start(listener)

    @property
    def requests(self) -> list[Request]:
        return self.network.requests

    @property
    def api(self):
        """The stock client for it."""
        from huggingface_hub import HfApi

        return HfApi(self.url, token="any")

    def commits(self, repo_id: str, repo_type: str = "dataset") -> list[str]:
        """Those of a repo, the last one first."""
        return [commit.commit_id for commit in self.api.list_repo_commits(repo_id, repo_type=repo_type)]

    def fail(self, *faults: Fault) -> None:
        """Only these, from now on; and forget the requests so far."""
        self.network.faults, self.network.requests = list(faults), []

    def stop(self) -> None:
        self._server.should_exit = self.network.closing = True
        self._thread.join(timeout=20)

    def start(self) -> None:
        from armchair_datasets.hub.server.serve import listen

        self._start(listen(self._port))

    def _start(self, listener) -> None:
        from armchair_datasets.hub.server.serve import make_server

        self._server, self.network.closing = make_server(self.network), False
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()


@pytest.fixture(scope="module")
def served_hub(tmp_path_factory):
    """One for all tests of a module: every test uses repos of its own."""
    hub = FaultyHub(tmp_path_factory.mktemp("faulty") / "hub")
    yield hub
    hub.stop()


@pytest.fixture
def hub(served_hub, monkeypatch, tmp_path):
    """The hub without faults at first, and named by HF_ENDPOINT."""
    served_hub.fail()
    _log_in(monkeypatch, tmp_path, served_hub.url)
    return served_hub


@pytest.fixture
def strict_hub(monkeypatch, tmp_path):
    """A hub that asks for tokens; `hub.teacher` is one."""
    from armchair_datasets.hub.store.tokens import Tokens

    tokens = Tokens(tmp_path / "strict")
    hub = FaultyHub(tmp_path / "strict", tokens)
    hub.teacher = tokens.teacher
    _log_in(monkeypatch, tmp_path, hub.url)
    yield hub
    hub.stop()


def _log_in(monkeypatch, tmp_path, url) -> None:
    """As an environment for processes, and for the client in this one, which read it when it was imported."""
    import huggingface_hub.constants

    monkeypatch.setenv("HF_ENDPOINT", url)
    monkeypatch.setenv("HF_TOKEN", "any")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ARMCHAIR_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)


@pytest.fixture
def short_waits(monkeypatch):
    """huggingface_hub's own pauses between tries, seconds by the book."""
    import huggingface_hub.utils._http as http

    monkeypatch.setattr(http, "time", SimpleNamespace(**{**vars(time), "sleep": lambda s: time.sleep(min(s, 0.01))}))


@pytest.fixture
def small_is_large(monkeypatch):
    """Videos of a few kB go the way of large files."""
    from armchair_datasets.hub.routes import write

    monkeypatch.setattr(write, "_SMALL", 4000)


@pytest.fixture
def send(hub, short_waits, small_is_large):
    """(folder, repo_id) -> the receipt, sent from this process; `.passes` counts."""
    from armchair_datasets.push.content.payload import make_payload
    from armchair_datasets.push.transfer.progress import Progress
    from armchair_datasets.push.transfer.retry import RetryPolicy, persist

    def send(folder, repo_id, patience=None, **options):
        from armchair_datasets.push.transfer.network_errors import explained, install_client, open_api
        from armchair_datasets.push.transfer.upload import upload

        payload = make_payload(folder, repo_id, **options)
        patience = patience or RetryPolicy(deadline_s=60, first_pause_s=0.01, longest_pause_s=0.05)
        install_client(lambda count: None, patience.answer_s)

        def one_pass(left_s):
            send.passes += 1
            with explained(repo_id):
                return upload(payload, open_api("any"), Progress(lambda news: None))

        return persist(one_pass, repo_id, patience, lambda news: None)

    send.passes = 0
    yield send
    from huggingface_hub import close_session, set_client_factory
    from huggingface_hub.utils._http import default_client_factory

    set_client_factory(default_client_factory)
    close_session()


def noise_form():
    from armchair_datasets.recording.format import Format

    return Format("Lift the cube.", tuple(f"joint_{n}.pos" for n in range(6)), ("front", "wrist"), *FORM_SIZE, 30)


def write_noise(place: Path, number: int, success: bool = True) -> None:
    """An episode of 6 frames in the folder `place`."""
    from armchair_datasets.recording.episode_folder import CameraTrack, write_episode
    from armchair_robot.loop.episode import Outcome

    rng = np.random.default_rng(number)
    tracks = {camera: CameraTrack(*FORM_SIZE, 30) for camera in noise_form().cameras}
    for track in tracks.values():
        for _ in range(6):
            track.add(rng.integers(0, 255, (*FORM_SIZE, 3), np.uint8))
    rows = {name: rng.normal(size=(6, 6)).astype(np.float32) for name in ("state", "action")}
    outcome = Outcome(number, success, 6, "success" if success else "dropped the cube")
    write_episode(place / f"{number:06d}", outcome, rows, tracks)


class Recording:
    """One that goes on, to become `out`, as far as its files tell."""

    def __init__(self, out: Path, append: bool = False) -> None:
        from armchair_datasets.recording.build import begin
        from armchair_datasets.recording.workspace import Workspace

        self.out, self.work = out, Workspace(out)
        begin(self.work, {"arm": "test"}, noise_form(), {"task": "lift", "hand": "expert"}, append)

    def add(self, *numbers: int, success: bool = True) -> None:
        for number in numbers:
            write_noise(self.work.episodes, number, success)

    def take_back(self, number: int) -> None:
        shutil.rmtree(self.work.episodes / f"{number:06d}")
        self.add(number, success=False)

    def end(self) -> None:
        from armchair_datasets.recording.build import build

        build(self.work)


@pytest.fixture
def start_recording(tmp_path):
    """(append) -> a recording that will become tmp_path/lift."""
    return lambda append=False: Recording(tmp_path / "lift", append)


@pytest.fixture(scope="session")
def made_dataset(tmp_path_factory) -> Path:
    """Two episodes of noise, so that its files are large for their length."""
    from armchair_datasets.recording.assemble import assemble
    from armchair_datasets.recording.episode_folder import Episode

    place, form = tmp_path_factory.mktemp("dataset"), noise_form()
    for number in range(2):
        write_noise(place, number)
    assemble([Episode(place / f"{number:06d}") for number in range(2)], place / "lift", form, "armchair/lift")
    about = {"task": "lift", "hand": "expert", "seeds": [0, 2], "skipped": {"1": "dropped the cube"}}
    (place / "lift/meta/armchair.json").write_text(json.dumps(about | {"versions": {"mujoco": "3"}}))
    return place / "lift"


@pytest.fixture
def dataset(made_dataset, tmp_path) -> Path:
    """A copy that a test may change, with a large file that no other test has sent."""
    copy = Path(shutil.copytree(made_dataset, tmp_path / "lift"))
    (copy / "noise.bin").write_bytes(os.urandom(6000))
    return copy


@pytest.fixture
def policy(tmp_path) -> Path:
    """A policy's folder as far as its files go, in the checkpoint of a training."""
    from safetensors.numpy import save_file

    folder = tmp_path / "policy/checkpoints/000010/pretrained_model"
    folder.mkdir(parents=True)
    image = {"type": "VISUAL", "shape": [3, 48, 64]}
    config = {"type": "nano", "input_features": {"observation.images.front": image}}
    (folder / "config.json").write_text(json.dumps(config))
    weights = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    save_file({"layer": weights}, folder / "model.safetensors")
    (folder / "armchair.json").write_text(json.dumps(PROVENANCE))
    (tmp_path / "policy/checkpoints/last").symlink_to("000010")
    return tmp_path / "policy"


PROVENANCE = {
    "policy": "nano", "task": "lift", "training_seeds": [0, 2], "dataset": "somewhere/lift", "episodes": 2,
    "frames": 12, "robot_type": "so_follower", "steps": 1234, "minutes": 8.0, "seed": 0,
}  # fmt: skip


@pytest.fixture
def wait_until():
    """(condition, seconds) -> its first true answer."""

    def wait(condition, seconds: float = 120):  # a worker stands back behind whatever else this machine does
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            if answer := condition():
                return answer
            time.sleep(0.02)
        raise AssertionError(f"not true within {seconds} s")

    return wait


@pytest.fixture
def make_fault():
    return Fault


@pytest.fixture
def processes():
    """(module's name) -> this test's processes that run it, also those whose parent has ended."""

    def find(module: str) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["cmdline"]):
            with suppress(psutil.Error):
                if module in (process.info["cmdline"] or []) and process.environ().get(_MINE) == os.environ[_MINE]:
                    found.append(process)
        return found

    return find


_MINE = "ARMCHAIR_STATE"  # a folder of each test's own
