"""`armchair record --push` as it is typed: episodes arrive while the rest is recorded, whoever is killed meanwhile."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow
ARMCHAIR = Path(sys.executable).parent / "armchair"
WORKER = "armchair_datasets.push.queue.worker"
WORDS = ["--task", "lift", "--image-size", "128", "--workers", "1", "--out", "lift", "--push", "me/lift"]


class Desk:
    """A folder, a classroom hub, and commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        homes = {"ARMCHAIR_STATE": str(folder / "state"), "HF_HOME": str(folder / "home"), "HF_TOKEN": "any"}
        self.env = {**os.environ, **homes}
        command = [ARMCHAIR, "hub", "--folder", folder / "hub", "--port", "0", "--json"]
        self.hub = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.env)
        self.env["HF_ENDPOINT"] = json.loads(self.hub.stdout.readline())["url"]

    def start(self, *words: str) -> subprocess.Popen:
        with (self.folder / "said.txt").open("w") as said:
            return subprocess.Popen([ARMCHAIR, *words], cwd=self.folder, env=self.env, stdout=said, stderr=said)

    def job(self) -> dict:
        (file,) = self.folder.glob("state/uploads/*/*.json")
        return json.loads(file.read_text())

    def in_words(self) -> str:
        done = subprocess.run([ARMCHAIR, "push", "--status", "--json"], env=self.env, capture_output=True, text=True)
        return json.loads(done.stdout)[0]["in_words"]

    def workers(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["cmdline"]):
            with suppress(psutil.Error):
                ours = WORKER in (process.info["cmdline"] or [])
                if ours and process.environ().get("ARMCHAIR_STATE") == self.env["ARMCHAIR_STATE"]:
                    found.append(process)
        return found

    def episodes_there(self) -> int:
        """How many episodes stock LeRobot finds by the repo's name."""
        code = (
            "from lerobot.datasets import LeRobotDataset as D; d = D('me/lift'); d[len(d) - 1]; print(d.num_episodes)"
        )
        env = {name: value for name, value in self.env.items() if name != "HF_HUB_OFFLINE"}
        env["HF_LEROBOT_HOME"] = str(self.folder / f"elsewhere-{time.monotonic()}")
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        return int(done.stdout.split()[-1])


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    for process in desk.workers():
        process.kill()
    desk.hub.terminate()
    desk.hub.communicate()


def wait_until(condition, seconds: float = 600) -> None:
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.2)


def test_episodes_arrive_while_the_rest_is_recorded(desk):
    """The recorder is killed and goes on, the worker is killed and is followed by another; all of it arrives."""
    recorder = desk.start("record", *WORDS, "--episodes", "5000")
    wait_until(lambda: list(desk.folder.glob("state/uploads/*/*.json")) and desk.job()["commit"])
    assert recorder.poll() is None
    early = desk.episodes_there()
    assert early > 0 and recorder.poll() is None
    if hasattr(os, "getpriority"):
        assert os.getpriority(os.PRIO_PROCESS, desk.workers()[0].pid) == 10

    recorder.send_signal(signal.SIGKILL)
    recorder.wait()
    wait_until(lambda: desk.job()["state"] == "paused" and not desk.workers())
    assert "its recording was interrupted" in desk.in_words()
    finished = len(list(desk.folder.glob("lift.recording/episodes/*/frames.npz")))
    assert early <= desk.episodes_there() < finished

    again = ["--episodes", str(finished + 20), "--resume"]
    (desk.folder / "lift.recording/recording.json").write_text(_wanting(desk.folder, finished + 20))
    recorder = desk.start("record", *WORDS, *again)
    wait_until(lambda: desk.workers() or recorder.poll() is not None)
    for process in desk.workers():
        process.kill()
    assert recorder.wait(timeout=600) == 0, (desk.folder / "said.txt").read_text()
    wait_until(lambda: desk.job()["state"] == "sent")
    assert desk.episodes_there() == finished + 20
    assert desk.in_words().startswith("arrived at me/lift@")
    assert not list(desk.folder.glob("state/uploads/*/*.snapshot"))


def _wanting(folder: Path, episodes: int) -> str:
    """What was asked for in the beginning, with fewer episodes: nobody has time for 5000."""
    return json.dumps(json.loads((folder / "lift.recording/recording.json").read_text()) | {"episodes": episodes})


def test_a_hub_that_is_down_is_not_noticed_by_the_recorder(desk):
    words = [*WORDS, "--episodes", "30"]
    recorder = desk.start("record", *words)
    wait_until(lambda: desk.workers())
    desk.hub.kill()
    assert recorder.wait(timeout=600) == 0
    said = (desk.folder / "said.txt").read_text()
    assert "Recorded 30 episodes" in said and "error" not in said and "Traceback" not in said
    wait_until(lambda: "tries again at" in desk.in_words())  # between two tries
    assert "connection" in desk.job()["words"]
