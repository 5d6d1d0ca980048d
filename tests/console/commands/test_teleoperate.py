"""`armchair teleoperate`, and stock LeRobot's commands with the keyboard hand, typed at on a pseudo-terminal."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair.commands.teleoperate import Watcher
from armchair_robot.loop.moment import Moment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a pseudo-terminal and the twin's serial ports")

BIN = Path(sys.executable).parent


class Line:
    """What a terminal's last line shows."""

    def __init__(self) -> None:
        self.text, self.said = "", []
        self.update, self.say = lambda text: setattr(self, "text", text), self.said.append


class Hand:
    status, is_done = "moving the tip · slow", False


def moment(at_s: float, held_back: str = "", warnings: tuple[str, ...] = ()) -> Moment:
    zero = np.zeros(6, np.float32)
    return Moment({}, zero, zero, zero, at_s, {}, warnings=warnings, held_back=held_back)


@pytest.fixture
def typed():
    return []


@pytest.fixture
def watch(typed):
    return Watcher(Hand(), Line(), lambda: typed.pop(0) if typed else b"")


def test_the_line_tells_rate_hand_and_guard(watch):
    for period in range(30):
        assert watch(moment(10 + period / 50))
    assert watch._line.text == "50.0 Hz · moving the tip · slow"
    watch(moment(10.6, held_back="at the table", warnings=("elbow_flex is warm.",)))
    assert watch._line.text.endswith("slow · at the table")
    assert watch._line.said == ["elbow_flex is warm."]


@pytest.mark.parametrize("key", [b"q", b"\x1b"])
def test_a_key_ends_it_and_others_do_not(watch, typed, key):
    typed += [b"z", b"\x1b[C", key]
    assert watch(moment(0.0))
    assert watch(moment(0.1))
    assert not watch(moment(0.2))


def test_it_ends_with_the_episode(watch):
    watch._teleoperator.is_done = True
    assert not watch(moment(0.0))
    assert watch.why == "the episode is over"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--hand", "keybord"], "did you mean 'keyboard'"),
        (["--hand", "replay"], "add --episode"),
        (["--hand", "replay", "--episode", "data"], "is no episode"),
        (["--dry-run"], "start one in another terminal with `armchair twin`"),
    ],
)
def test_mistakes_get_one_sentence(tmp_path, monkeypatch, words, says):
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    done = CliRunner().invoke(app, ["teleoperate", *words])
    assert done.exit_code == (2 if "choose one of" in done.stderr else 1)
    assert done.stderr.startswith("error: ")
    assert says in done.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "--teleop.type=armchair_keyboard --fps=60"),
        (
            ["--hand", "network", "--lan"],
            "--teleop.type=armchair_network --teleop.port=8767 --teleop.lan=true --fps=60",
        ),
        (
            ["--hand", "replay", "--episode", "my data:3", "--fps", "30"],
            "--teleop.type=armchair_replay '--teleop.root=my data' --teleop.episode=3 --fps=30",
        ),
        (
            ["--hand", "leader", "--leader", "/dev/ttyB", "--leader-id", "mine"],
            "--teleop.type=so101_leader --teleop.port=/dev/ttyB --teleop.id=mine --fps=60",
        ),
    ],
)
def test_dry_run_prints_a_line_that_stock_lerobot_understands(words, line):
    done = CliRunner().invoke(app, ["teleoperate", "--arm", "/dev/ttyA", "--arm-id", "me", "--dry-run", *words])
    robot = "--robot.type=armchair_so101 --robot.port=/dev/ttyA --robot.id=me"
    assert done.stdout == f"lerobot-teleoperate {robot} {line}\n"
    check_with_lerobot(done.stdout)


def check_with_lerobot(line: str) -> None:
    """Parse it as the stock command does."""
    import shlex

    import draccus
    from lerobot.scripts.lerobot_teleoperate import TeleoperateConfig
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    draccus.parse(TeleoperateConfig, args=shlex.split(line)[1:])


# --- the real thing, on a running twin ---------------------------------------------------------------------------


class Bench:
    """A running twin without cameras."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **os.environ, "ARMCHAIR_RUNTIME": str(folder / "run"), "HF_LEROBOT_HOME": str(folder / "lerobot"),
            "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1", "TERM": "xterm",
        }  # fmt: skip
        self._twin = subprocess.Popen(
            [BIN / "armchair", "twin", "--json", "--no-cameras"], env=self.env, stdout=subprocess.PIPE, text=True
        )
        self.port = json.loads(self._twin.stdout.readline())["ports"]["follower"]
        self.control = folder / "run" / "control"

    def tell(self, **request: str) -> dict:
        from armchair_sim.twin.control import ask

        return ask(self.control, **request)

    def motors_on(self) -> list[str]:
        return self.tell(do="status")["motors_on"]

    def stock(self, robot: str = "armchair_so101") -> list[str]:
        return [f"--robot.type={robot}", f"--robot.port={self.port}", "--robot.id=armchair_twin",
                "--teleop.type=armchair_keyboard"]  # fmt: skip

    def stop(self) -> None:
        self._twin.terminate()
        self._twin.wait(timeout=60)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("teleoperate"))
    yield bench
    bench.stop()


@pytest.fixture
def open_window(bench, open_terminal):
    return partial(open_terminal, bench.folder, bench.env)


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.parametrize("ending", ["q", "Ctrl-C", "SIGTERM"])
def test_every_end_lets_the_arm_go_and_puts_the_terminal_back(bench, open_window, ending):
    window = open_window("armchair", "teleoperate")
    window.until("Hz · moving the tip · normal")
    assert len(bench.motors_on()) == 6
    window.hold(b"w", 1.0)
    window.type(b"3")
    window.until("moving the tip · fast")
    if ending == "SIGTERM":
        os.kill(window.pid, signal.SIGTERM)
    else:
        window.type(b"q" if ending == "q" else b"\x03")
    assert window.end() == (128 + signal.SIGTERM if ending == "SIGTERM" else 0)
    assert bench.motors_on() == []
    assert window.echoes()
    if ending != "SIGTERM":
        assert "the motors are off" in window.said


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.parametrize("goes_on", [True, False])
def test_an_arm_that_was_unplugged_moves_again_when_its_operator_says_so(bench, open_window, goes_on):
    window = open_window("armchair", "teleoperate")
    window.until("Hz · moving the tip · normal")
    window.hold(b"w", 0.5)
    bench.tell(do="fault", name="unplugged", at="")
    window.until("is gone, and motors with power hold on: plug it in again")
    bench.tell(do="mend")
    window.until("is back: hold the arm, then space")
    window.said = ""
    if goes_on:
        window.type(b" ")
        window.until("Hz · moving the tip · normal")
        window.hold(b"i", 0.5)
    window.type(b"q")
    assert window.end() == (0 if goes_on else 1), window.said[-2000:]
    assert ("the arm stopped, because" in window.said) != goes_on
    assert bench.motors_on() == []


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.parametrize(("words", "stays_away"), [((), False), (("--no-home",), True)])
def test_it_goes_home_before_its_motors_go_off(bench, open_window, words, stays_away):
    stood = np.array(bench.tell(do="status")["follower"])
    window = open_window("armchair", "teleoperate", *words)
    window.until("Hz · moving the tip · normal")
    window.type(b"m")  # single joints: from where the arm has fallen to there may be no straight way
    window.hold(b"j", 1.5)
    away = np.array(bench.tell(do="status")["follower"])
    assert abs(away - stood)[0] > 15, window.said[-600:]
    window.type(b"q")
    assert window.end() == 0
    assert (abs(np.array(bench.tell(do="status")["follower"]) - stood)[0] > 10) == stays_away


@pytest.mark.slow
@pytest.mark.real_time
def test_stock_lerobot_teleoperate_takes_the_keyboard_hand(bench, open_window):
    window = open_window("lerobot-teleoperate", *bench.stock())
    window.until("Teleop loop time")
    window.type(b"1")
    window.until("speed: slow")
    window.type(b"\x03")
    assert window.end() == 0, window.said[-2000:]
    assert bench.motors_on() == []
    assert window.echoes()


@pytest.mark.slow
@pytest.mark.real_time
def test_under_a_stock_follower_type_the_hand_refuses_before_anything_moves(bench, open_window):
    stood = np.array(bench.tell(do="status")["follower"])
    window = open_window("lerobot-teleoperate", *bench.stock("so101_follower"))
    assert window.end() != 0
    assert "use --robot.type=armchair_so101, which is the same arm" in " ".join(window.said.split())
    np.testing.assert_allclose(bench.tell(do="status")["follower"], stood, atol=2)
    assert bench.motors_on() == []


@pytest.mark.slow
@pytest.mark.real_time
def test_stock_lerobot_record_takes_it_and_keeps_its_own_keys(bench, open_window, tmp_path):
    """LeRobot reads the arrows from the same terminal: → ends the episode, and w moves the arm in it."""
    window = open_window(
        "lerobot-record", *bench.stock(), "--dataset.repo_id=me/keys", f"--dataset.root={tmp_path / 'keys'}",
        "--dataset.num_episodes=1", "--dataset.episode_time_s=60", "--dataset.push_to_hub=false",
        "--dataset.single_task=Move.", "--play_sounds=false",
    )  # fmt: skip
    window.until("Recording episode 0")
    window.listen(1)
    window.type(b"m")  # as above
    window.hold(b"w", 2.0)
    window.listen(1)
    window.type(b"\x1b[C")
    window.until("Right arrow key pressed", within_s=10)
    assert window.end() == 0, window.said[-2000:]
    from lerobot.datasets import LeRobotDataset

    data = LeRobotDataset("me/keys", root=tmp_path / "keys")
    actions = np.array(data.hf_dataset["action"])
    assert 60 < len(actions) < 600
    assert np.ptp(actions[:, 1:4], axis=0).max() > 10
    assert np.abs(actions[-10:] - actions[-1]).max() < 0.1, "let go of, it holds"
