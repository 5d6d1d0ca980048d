"""`armchair record --arm twin`, as a user types it: real time, real serial line, real pictures, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair.terminal.operator_keys import commands_of

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the twin's control line needs Unix sockets"),
    pytest.mark.real_time,
]

ARMCHAIR = Path(sys.executable).parent / "armchair"


class Bench:
    """A running twin whose expert moves the leader, and recorders beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {**os.environ, "ARMCHAIR_RUNTIME": str(folder / "run"), "PYTHONUNBUFFERED": "1"}
        self._twin = subprocess.Popen([ARMCHAIR, "twin", "--json"], env=self.env, stdout=subprocess.PIPE, text=True)
        assert self._twin.stdout.readline()

    def record(self, folder: Path, *words: object) -> subprocess.Popen:
        command = [ARMCHAIR, "record", "--arm", "twin", "--reset-time", "1", *map(str, words)]
        return subprocess.Popen(
            command, cwd=folder, env=self.env, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *words: object, folder: Path | None = None) -> str:
        done = subprocess.run([ARMCHAIR, *map(str, words)], cwd=folder, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def motors_on(self) -> list[str]:
        return json.loads(self.run("twin", "status"))["motors_on"]

    def stop(self) -> None:
        self.run("twin", "stop")
        self._twin.wait(timeout=20)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("live"))
    yield bench
    bench.stop()


def load(root: Path):
    from lerobot.datasets import LeRobotDataset

    return LeRobotDataset("me/live", root=root, video_backend="pyav", return_uint8=True)


def wait_for(recorder: subprocess.Popen, words: str) -> None:
    for line in recorder.stdout:
        if words in line:
            return
    pytest.fail(f"the recorder never said {words!r}")


@pytest.mark.slow
def test_two_takes_then_one_more(bench, tmp_path):
    root = tmp_path / "data"
    said, _ = bench.record(tmp_path, "--out", "data", "--episodes", 2).communicate(timeout=120)
    assert "saved take 2 of 2" in said, said
    assert "Next: armchair train data" in said
    assert bench.motors_on() == []
    before = {path: path.read_bytes() for path in root.glob("[dv]*/**/file-*")}
    said, _ = bench.record(tmp_path, "--out", "data", "--episodes", 1, "--append").communicate(timeout=120)
    assert "saved take 1 of 1" in said, said
    assert [path for path, content in before.items() if path.read_bytes() != content] == []

    data = load(root)
    assert (data.num_episodes, data.meta.robot_type) == (3, "so_follower")
    about = json.loads((root / "meta/armchair.json").read_text())
    assert (about["task"], about["seeds"]) == ("lift", [0, 1, 2])
    row = data[len(data) - 1]
    assert tuple(row["observation.images.wrist"].shape) == (3, 480, 640)
    assert row["task"] == "Pick up the red cube."
    rows = data.hf_dataset.with_format("numpy")
    observed_s, episode = rows["clock.observed_s"][:], rows["episode_index"][:]
    for number in range(3):
        intervals_s = np.diff(observed_s[episode == number])
        assert np.median(intervals_s) == pytest.approx(1 / 30, abs=0.01)
    ages_s = np.array(rows["clock.observed_s"][:]) - np.array(rows["clock.front_taken_s"][:])
    assert 0 < np.median(ages_s) < 0.2
    # The leader's hand is quicker now and then than the guard lets the follower be.
    np.testing.assert_allclose(np.median(np.abs(rows["sent.action"][:] - rows["action"][:]), axis=0), 0, atol=0.1)
    assert np.ptp(rows["action"][:][:, 1]) > 20


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(one, marks=pytest.mark.slow) for one in (signal.SIGHUP, signal.SIGINT))],
)
def test_a_signal_keeps_what_is_saved_and_lets_go_of_the_arm(bench, number, tmp_path):
    recorder = bench.record(tmp_path, "--out", "data", "--episodes", 5)
    wait_for(recorder, "saved take 1")
    assert len(bench.motors_on()) == 6
    recorder.send_signal(number)
    said, _ = recorder.communicate(timeout=60)
    assert recorder.returncode == 0, said
    assert "Ended early: stopped" in said
    assert "Recorded 1 take," in said
    assert bench.motors_on() == []
    assert load(tmp_path / "data").num_episodes == 1


@pytest.mark.slow
def test_a_take_in_which_the_arm_is_unplugged_is_made_again(bench, tmp_path, open_terminal):
    words = ["--out", "data", "--episodes", 2, "--reset-time", 1]
    window = open_terminal(tmp_path, bench.env, "armchair", "record", "--arm", "twin", *words)
    window.until("saved take 1")
    window.until("recording")
    window.listen(1)
    bench.run("twin", "fault", "unplugged")
    window.until("is gone, and motors with power hold on")
    bench.run("twin", "mend")
    window.until("is back: hold the arm, then space")
    window.type(b" ")
    window.until("saved take 2 of 2")
    assert window.end() == 0
    assert bench.motors_on() == []
    data = load(tmp_path / "data")
    assert data.num_episodes == 2
    assert json.loads((tmp_path / "data/meta/armchair.json").read_text())["seeds"] == [0, 1]


def test_kill_minus_nine_loses_no_saved_take(bench, tmp_path):
    recorder = bench.record(tmp_path, "--out", "data", "--episodes", 5)
    wait_for(recorder, "saved take 1")
    time.sleep(1.5)  # into the next one
    recorder.kill()
    recorder.wait()
    assert not (tmp_path / "data").exists()
    bench.run("repair", "data", folder=tmp_path)
    assert load(tmp_path / "data").num_episodes == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.slow
@pytest.mark.real_time
def test_another_hand_records_on_the_bench_of_the_profile(bench, tmp_path):
    """What a hand replays is recorded anew; the profile says that the twin is meant."""
    bench.run("setup", "--arm", "twin", "--yes", folder=tmp_path)
    bench.run("record", "--out", "first", "--episodes", 1, "--reset-time", 1, folder=tmp_path)
    words = ["--hand", "replay", "--episode", "first:0", "--reset-time", 1, "--episodes", 1]
    bench.run("record", "--out", "second", *words, folder=tmp_path)
    about = [json.loads((tmp_path / name / "meta/armchair.json").read_text()) for name in ("first", "second")]
    assert [each["hand"] for each in about] == ["expert", "replay"]
    one, other = (load(tmp_path / name).hf_dataset.with_format("numpy")["action"][:] for name in ("first", "second"))
    assert np.ptp(one[:, 1]) > 20
    np.testing.assert_allclose(other[0], one[0], atol=6)  # the gripper's first frames are quick
    assert np.ptp(other[:, 1]) > 0.3 * np.ptp(one[: len(other), 1])


def test_dry_run_prints_lerobots_command(bench, tmp_path):
    bench.run("setup", "--arm", "twin", "--yes", folder=tmp_path)
    line = bench.run("record", "--out", "x", "--hand", "keyboard", "--dry-run", folder=tmp_path)
    assert line.startswith("lerobot-record --robot.type=armchair_so101 --robot.port=")
    assert "--teleop.type=armchair_keyboard" in line
    assert not (tmp_path / "x").exists()


def test_keys():
    assert commands_of(b" ") == ["next"]
    assert commands_of(b"\x1b[C\x1b[Dx") == ["next", "redo"]
    assert commands_of(b"\x1b") == ["quit"]
    assert commands_of(b"fqz") == ["fail", "quit"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--arm", "/dev/ttyNONE"], "add --leader and its port"),
        (["--arm", "/dev/ttyNONE", "--leader", "/dev/ttyNONE2"], 'add --task "'),
        (["--arm", "/dev/ttyNONE", "--leader", "/dev/x", "--task", "Pick."], "add --cameras"),
        (["--arm", "twin"], "start one in another terminal with `armchair twin`"),
    ],
)
def test_mistakes_get_one_sentence(tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    done = CliRunner().invoke(app, ["record", "--out", "x", *words])
    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")
    assert says in done.stderr
    assert not (tmp_path / "x").exists()
