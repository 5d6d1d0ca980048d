"""`armchair run`, as a user types it: refused in one sentence; and on a running twin, judged, ended and let go of."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair.commands.rollout.real_time import RunKeys, RunOperator
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.session import Now
from armchair_policies.evaluation.real_time.run import RealTimeRequest, run_command
from armchair_robot.arm_options import ArmOptions
from armchair_robot.loop.episode import Outcome
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task

ARMCHAIR = Path(sys.executable).parent / "armchair"


@pytest.fixture(scope="module")
def policy(holding_policy, tmp_path_factory) -> Path:
    """An untrained policy with both cameras, taught (it says) the scenes 0 to 4 and 100003."""
    folder = tmp_path_factory.mktemp("nano") / "policy"
    shutil.copytree(holding_policy, folder)
    (folder / "armchair.json").write_text(json.dumps({"task": "reach", "training_seeds": [*range(5), 100_003]}))
    return folder


@pytest.fixture
def noted(tmp_path, monkeypatch) -> Path:
    """A folder in which a twin says that it runs, with the task lift."""
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    (tmp_path / "run").mkdir(mode=0o700)
    note = {
        "pid": 1, "task": "lift", "instruction": "Pick up the red cube.", "cameras": {"front": "", "wrist": ""},
        "ports": {"follower": "/dev/pts/99", "leader": "/dev/pts/98"}, "folder": str(tmp_path / "run"),
    }  # fmt: skip
    (tmp_path / "run" / "twin.json").write_text(json.dumps(note))
    return tmp_path


def say(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["run", *map(str, words)])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--arm", "twin"], "the report needs a folder: add --out"),
        (["--task", "reach", "--out", "x"], "has the task lift, not reach"),
        (["--seed", "5", "--out", "x"], "use --seed 100000"),
        (["--episodes", "9", "--out", "x"], "trained on 1 of these scenes"),
        (["--takeover", "keybord", "--out", "x"], "did you mean 'keyboard'"),
        (["--arm", "/dev/ttyNONE", "--out", "x"], "the policy looks through front, wrist: add --cameras"),
    ],
)
def test_mistakes_get_one_sentence(noted, policy, words, says, monkeypatch):
    monkeypatch.chdir(noted)
    code, said = say(policy, *words)
    assert code == (2 if "choose one of" in said else 1)
    assert said.startswith("error: ")
    assert says in said
    assert not (noted / "x").exists()


def test_no_twin_and_no_policy(tmp_path, policy, monkeypatch):
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    assert "no twin runs" in say(policy, "--arm", "twin", "--out", tmp_path / "x")[1]
    assert f"did you mean '{policy}'" in say(policy.with_name("polcy"), "--out", tmp_path / "x")[1]


def test_other_cameras_are_refused(noted, policy):
    for file in policy.iterdir():
        shutil.copy(file, noted)
    config = json.loads((policy / "config.json").read_text())
    config["input_features"]["observation.images.top"] = config["input_features"].pop("observation.images.wrist")
    (noted / "config.json").write_text(json.dumps(config))
    code, said = say(noted, "--out", noted / "x")
    assert code == 1
    assert "looks through the cameras front, top, but this arm has the cameras front, wrist" in said


def test_dry_run_prints_the_stock_command(noted, policy):
    code, said = say(policy, "--dry-run")
    assert code == 0
    assert said.startswith("lerobot-rollout --robot.type=armchair_so101 --robot.port=/dev/pts/99")
    assert f"--policy.path={policy}" in said
    assert "front: {type: armchair, name: front}" in said


def test_the_command_in_the_report_is_the_one_that_was_typed(tmp_path):
    asked = RealTimeRequest("my policy", ArmOptions("twin", teleoperator="keyboard"), 20, 100_000)
    line = run_command(asked, tmp_path)
    assert (
        line == f"armchair run 'my policy' --arm twin --episodes 20 --seed 100000 --takeover keyboard --out {tmp_path}"
    )


def test_every_trial_gets_a_line(capsys):
    class Line:
        def update(self, text: str) -> None:
            self.text = text

        say = staticmethod(print)

    operator = RunOperator(Line(), 3, RunKeys())
    operator.saved(SavedEpisode(Outcome(100_000, True, 123, "success"), None, 0.0), 1)
    operator.saved(SavedEpisode(Outcome(100_001, False, 240, "not done"), None, 0.0), 2)
    operator.show(Now("recording", 4.2, 29.97))
    assert capsys.readouterr().out.splitlines() == [
        "trial 1: success after 4 s", "trial 2: not done after 8 s",
    ]  # fmt: skip
    assert operator._line.text == "trying,  4.2 s left · 1 of 2 successful, 3 wanted · 30.0 Hz"


def test_keys_of_the_operator(monkeypatch):
    keys = RunKeys()
    keys._typed = lambda: b" \tq"
    assert keys.commands() == ["next", "quit", "take"]


# --- on a running twin ---------------------------------------------------------------------------------------
class Bench:
    """A running twin, and `armchair` beside it."""

    def __init__(self, folder: Path) -> None:
        self.env = {**os.environ, "ARMCHAIR_RUNTIME": str(folder / "run"), "PYTHONUNBUFFERED": "1"}
        command = [ARMCHAIR, "twin", "--json", "--task", "reach", "--hand", "still"]
        self._twin = subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, text=True)
        assert self._twin.stdout.readline()

    def start(self, *words: object) -> subprocess.Popen:
        return subprocess.Popen(
            [ARMCHAIR, *map(str, words)], env=self.env, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def motors_on(self) -> list[str]:
        return json.loads(self.start("twin", "status").communicate(timeout=60)[0])["motors_on"]

    def stop(self) -> None:
        self._twin.terminate()
        self._twin.wait(timeout=20)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("run"))
    yield bench
    bench.stop()


@pytest.mark.slow
@pytest.mark.real_time
def test_a_run_ends_in_a_report(bench, policy, tmp_path):
    out = tmp_path / "report"
    said, _ = bench.start(
        "run", policy, "--episodes", 2, "--episode-time", 3, "--reset-time", 1, "--out", out
    ).communicate(timeout=200)  # fmt: skip
    score = json.loads((out / "eval.json").read_text())
    assert (score["episodes"], score["body"], score["first_seed"], score["last_seed"]) == (2, "twin", 100_000, 100_001)
    assert score["control"]["rate_hz"] > 20
    assert "Control: " in said, said
    page = (out / "report.html").read_text()
    assert "on the twin's arm in real time" in page
    assert "times a second" in page
    assert "Where on the table" in page
    world = World(get_task("reach"))
    for row in map(json.loads, (out / "episodes.jsonl").read_text().splitlines()):
        world.reset(row["seed"])
        assert row["object_at_m"] == list(world.object_at)
    assert bench.motors_on() == []


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_lets_go_of_the_arm(bench, policy, tmp_path, number):
    running = bench.start(
        "run", policy, "--episodes", 9, "--seed", 100_010, "--episode-time", 2, "--out", tmp_path / "x"
    )
    for line in running.stdout:
        if line.startswith("trial 1"):
            break
    assert len(bench.motors_on()) == 6
    running.send_signal(number)
    said = running.communicate(timeout=60)[0]
    assert "Ended early: stopped" in said
    assert bench.motors_on() == []
    assert (tmp_path / "x" / "report.html").exists()


@pytest.mark.slow
@pytest.mark.real_time
def test_what_happens_can_be_recorded(bench, policy, tmp_path):
    """An untrained policy succeeds at nothing, so nothing is kept, and that is said."""
    running = bench.start(
        "run", policy, "--episodes", 1, "--episode-time", 2, "--takeover", "leader", "--record", tmp_path / "data"
    )
    for line in running.stdout:
        if line.startswith("trial 1"):
            break
    running.send_signal(signal.SIGTERM)
    assert "stopped by SIGTERM" in running.communicate(timeout=60)[0]
    assert bench.motors_on() == []


@pytest.mark.slow
@pytest.mark.real_time
def test_a_person_at_the_keys_takes_over_corrects_and_hands_back(bench, holding_policy, tmp_path, open_terminal):
    """TAB takes over; i, k, j, l, w, s bring the tip to the ball; in between TAB hands back for a while."""
    import numpy as np
    from lerobot.datasets import LeRobotDataset

    from armchair_core.so101 import kinematics
    from armchair_sim.scene.world import World
    from armchair_sim.tasks import get_task
    from armchair_sim.twin.control import ask

    world = World(get_task("reach"))
    world.reset(0)
    ball = np.array(world.position("ball"))

    def away() -> np.ndarray:
        pose = kinematics.forward_kinematics(kinematics.units_to_rad(np.array(ask(control, do="status")["follower"])))
        return ball - (pose.x, pose.y, pose.z)

    control = Path(bench.env["ARMCHAIR_RUNTIME"]) / "control"
    window = open_terminal(
        tmp_path, bench.env, "armchair", "run", holding_policy, "--arm", "twin", "--takeover", "keyboard", "--record",
        "data", "--episodes", 1, "--episode-time", 60, "--reset-time", 1,
    )  # fmt: skip
    window.until("TAB take over, hand back")
    window.until("trying")
    window.listen(1)
    window.type(b"\t")
    window.until("you move it, TAB hands back")
    window.listen(2.5)  # longer than it takes to have let go of a hand that took over by moving
    window.type(b"\t")
    window.listen(1.5)
    window.said = ""
    window.type(b"\t")
    window.until("you move it, TAB hands back")
    window.type(b"1")  # slowly: a tap is a step of 7.5 mm
    for _ in range(200):
        if "Recorded" in window.said:
            break
        error = away()
        axis = int(np.abs(error).argmax())
        if abs(error[axis]) > 0.01:
            window.type((b"ik", b"jl", b"ws")[axis][error[axis] < 0 :][:1])
        window.listen(0.2)
    assert window.end() == 0, window.said[-2000:]
    assert window.echoes()
    assert bench.motors_on() == []
    rows = LeRobotDataset("me/keys", root=tmp_path / "data", video_backend="pyav").hf_dataset.with_format("numpy")
    whose, action = rows["intervention"][:].ravel(), rows["action"][:]
    first, back, again = np.flatnonzero(np.diff(whose.astype(int))) + 1
    assert first > 20
    assert back - first > 60
    assert again - back > 30
    assert np.ptp(action[first:back], axis=0).max() < 1, "nothing was typed"
    assert np.ptp(action[:first], axis=0).max() < 3, "the policy holds still"
    assert np.ptp(action[again:], axis=0).max() > 10, "the keys moved it"


@pytest.mark.slow
@pytest.mark.real_time
def test_a_trial_in_which_the_arm_is_unplugged_is_held_again(bench, holding_policy, tmp_path, open_terminal):
    words = ["--episodes", 2, "--episode-time", 3, "--reset-time", 1, "--seed", 100_030, "--out", "report"]
    window = open_terminal(tmp_path, bench.env, "armchair", "run", holding_policy, "--arm", "twin", *words)
    window.until("trial 1: not done")
    window.said = ""
    window.until("trying")
    bench.start("twin", "fault", "unplugged").communicate(timeout=60)
    window.until("is gone, and motors with power hold on")
    bench.start("twin", "mend").communicate(timeout=60)
    window.until("is back: hold the arm, then space")
    window.type(b" ")
    window.until("trial 2: not done")
    assert window.end() == 0, window.said[-2000:]
    assert bench.motors_on() == []
    score = json.loads((tmp_path / "report" / "eval.json").read_text())
    assert (score["episodes"], score["first_seed"], score["last_seed"]) == (2, 100_030, 100_031)
