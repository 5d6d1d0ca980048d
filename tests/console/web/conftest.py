"""The console's page with an arm that only writes down what it is told; and the real one, with a twin of its own."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.access.visitors import Visitors
from armchair.web.drive.arm_choice import ArmChoice
from armchair.web.drive.workcell import Workcell
from armchair.web.jobs.jobs import Jobs
from armchair.web.server.broadcast import Broadcast
from armchair.web.server.server import make_app
from armchair.web.teach.lessons import Recordings
from armchair_core.local_server import Served, addresses, listen
from armchair_robot.safety.limits import Limits

START_WITHIN_S = 180.0  # importing LeRobot takes a while on a busy machine


class StubArm:
    """Holds still."""

    def __init__(self) -> None:
        self.orders, self.commands = [], []
        self.said = {"phase": "driving", "words": "", "state": [0.0, -50.0, 30.0, 85.0, 0.0, 10.0], "stopped": False}

    def state(self) -> dict[str, Any]:
        return self.said

    def command(self, command: Any) -> None:
        self.commands.append(command)

    def tell(self, order: str, *rest: Any) -> None:
        self.orders.append((order, *rest) if rest else order)

    def examine(self) -> dict[str, Any]:
        return {"healthy": True, "arms": []}


@contextmanager
def serve(folder: Path, lan: bool = False, choice: ArmChoice | None = None) -> Iterator[SimpleNamespace]:
    arm, visitors, listener, jobs = StubArm(), Visitors(lan), listen(0, lan), Jobs(folder)
    port = listener.getsockname()[1]
    permissions, project = Permissions(visitors, port, addresses(listener)), ProjectFolder(folder)
    cell = Workcell(arm, choice or ArmChoice("/dev/stub", None, Limits(), "reach"))
    cell.furnish()
    recordings = Recordings(cell, project, jobs, folder)
    served = Served(make_app(Broadcast(cell, jobs), permissions, project, recordings), listener)
    yield SimpleNamespace(
        url=f"http://127.0.0.1:{port}", port=port, arm=arm, cell=cell, visitors=visitors, cookie=permissions.cookie,
        jobs=jobs, permissions=permissions, folder=folder,
    )  # fmt: skip
    served.close()
    jobs.close()


@pytest.fixture(scope="session")
def serve_folder() -> Callable[..., Any]:
    """`with serve_folder(folder) as page`: a page like `page`, on a folder of one's own."""
    return serve


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Iterator[SimpleNamespace]:
    with serve(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest.fixture(scope="module")
def lan_page(tmp_path_factory) -> Iterator[SimpleNamespace]:
    with serve(tmp_path_factory.mktemp("page"), lan=True) as page:
        yield page


class Client:
    """A page, as the server sees it."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.me = json.loads(line.recv(timeout=10))
        self.news: dict[str, Any] = {}
        self.pictures: list[dict[str, Any]] = []
        self.refused, self.number = "", 0
        self.jobs: list[dict[str, Any]] = []

    def say(self, type_: str, **more: Any) -> None:
        self.line.send(json.dumps({"type": type_, **more}))

    def look(self, acknowledge: bool = True, within_s: float = 10.0) -> dict[str, Any]:
        """The next state; words that come before it are kept."""
        while isinstance(data := self.line.recv(timeout=within_s), str):
            said = json.loads(data)
            self.refused, self.jobs = said.get("refused", self.refused), said.get("jobs", self.jobs)
        head, told, images = unpack(data)
        arm = self.news.get("arm", {}) | told.pop("arm")
        self.news = self.news | told | {"arm": {name: arm[name] for name in arm if name not in told.get("gone", ())}}
        self.pictures = [{**one, "image": image} for one, image in zip(head["pictures"], images, strict=True)]
        self.number = head["number"]
        if acknowledge:
            self.say("seen", number=self.number)
        return self.news

    def until(self, so: Callable[[dict[str, Any]], Any], within_s: float = 15.0, also: Any = None) -> dict[str, Any]:
        """Look until it is so; say `also`, a message, each time."""
        end_s = time.monotonic() + within_s
        while not so(self.look()):
            assert time.monotonic() < end_s, self.news
            if also:
                self.say(**also)
        return self.news

    def watch(self, seconds: float, also: Any = None) -> dict[str, Any]:
        end_s = time.monotonic() + seconds
        return self.until(lambda _: time.monotonic() > end_s, seconds + 10, also)


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Any], list[bytes]]:
    parts, at = [], 0
    for _ in range(2):
        (size,) = struct.unpack_from("<I", data, at)
        parts.append(json.loads(data[at + 4 : at + 4 + size]))
        at += 4 + size
    images = []
    for one in parts[0]["pictures"]:
        images.append(data[at : at + one["bytes"]])
        at += one["bytes"]
    assert at == len(data)
    return parts[0], parts[1], images


@pytest.fixture
def visit() -> Iterator[Callable[..., Client]]:
    """Open a line to a page; closed after the test."""
    with ExitStack() as lines:

        def visit(page: Any, cookie: str = "", **options: Any) -> Client:
            headers = {"Cookie": f"{page.cookie}={cookie}"} if cookie else {}
            address = f"ws://127.0.0.1:{page.port}/live"
            return Client(
                lines.enter_context(
                    connect(address, proxy=None, max_size=None, additional_headers=headers, close_timeout=2, **options)
                )
            )

        yield visit


# --- the real one -------------------------------------------------------------------------------------------------
class Console:
    """`armchair console` in a process of its own, with a twin that it has started."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.env = {
            **os.environ, "ARMCHAIR_RUNTIME": str(folder / "run"), "HF_LEROBOT_HOME": str(folder / "lerobot"),
            "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        self._log = (folder / "log").open("w")
        words = (Path(sys.executable).parent / "armchair", "console", "--no-browser", "--port", "0", *words)
        self._process = subprocess.Popen(words, cwd=folder, env=self.env, stdout=self._log, stderr=subprocess.STDOUT)
        self.link = self.until_said("The page is at ").split()[0]
        self.url = self.link.partition("#")[0].rstrip("/")
        self.port = int(self.url.rpartition(":")[2])
        self.cookie = f"armchair_{self.port}"

    @property
    def said(self) -> str:
        return (self.folder / "log").read_text()

    def until_said(self, words: str) -> str:
        """What is said after `words`."""
        end_s = time.monotonic() + START_WITHIN_S
        while words not in self.said:
            assert self._process.poll() is None and time.monotonic() < end_s, self.said
            time.sleep(0.1)
        time.sleep(0.1)
        return self.said.partition(words)[2]

    def twin(self, **request: Any) -> dict[str, Any]:
        from armchair_sim.twin.control import ask

        return ask(self.folder / "run" / "control", **request)

    def stop(self) -> int:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=90)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._log.close()


@pytest.fixture(scope="module")
def console(tmp_path_factory) -> Iterator[Console]:
    if sys.platform == "win32":
        pytest.skip("signals end it")
    console = Console(tmp_path_factory.mktemp("console"))
    yield console
    console.stop()


@pytest.fixture
def start_console() -> Iterator[Callable[..., Console]]:
    """Call it with a folder and the command's options; ended after the test."""
    consoles = []

    def start_console(*words: Any) -> Console:
        consoles.append(Console(*words))
        return consoles[-1]

    yield start_console
    for console in consoles:
        console.stop()
