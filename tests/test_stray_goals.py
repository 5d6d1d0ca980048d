"""Every command that holds an arm, on a twin that writes down what its servos are told: no goal reaches a motor that is
to stay off, which would switch it on.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from armchair_sim.twin.control import ask

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_time,
    pytest.mark.skipif(sys.platform != "linux", reason="needs a pty at 1 Mbaud"),
]
ARMCHAIR = Path(sys.executable).parent / "armchair"
_NEAR_TICKS = 40  # a joint may sink between the reading and the goal
# A twin whose servos write each goal and each torque that the wire brings into the file.
_TWIN = """
import json, sys
from armchair.cli import app
from armchair_core.sts3215.registers import REGISTERS
from armchair_sim.twin.servos.control_table import ControlTable

log, write = open(sys.argv.pop(1), "a", buffering=1), ControlTable.write
watched = [REGISTERS["Torque_Enable"], REGISTERS["Goal_Position"]]

def heard(self, address, data):
    was_on, place = self["Torque_Enable"] == 1, self["Present_Position"]
    write(self, address, data)
    for register in watched:
        if address <= register.address < address + len(data):
            print(json.dumps([id(self), register.name, register.decode(bytes(data)[register.address - address :][: register.size]), was_on, place]), file=log)

ControlTable.write = heard
app()
"""  # noqa: E501


class Bench:
    """A twin, its log, and commands beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log.jsonl"
        self.env = {
            **os.environ, "ARMCHAIR_RUNTIME": str(folder / "run"), "HF_LEROBOT_HOME": str(folder / "home"),
            "ARMCHAIR_STATE": str(folder / "state"),
        }  # fmt: skip
        words = [sys.executable, "-c", _TWIN, self.log, "twin", "--json", "--task", "reach", "--episode-time", "3"]
        self.twin = subprocess.Popen(words, env=self.env, stdout=subprocess.PIPE, text=True)
        assert self.twin.stdout.readline()

    def run(self, *words: object, stop_after_s: float | None = None) -> str:
        self.log.write_text("")
        done = subprocess.Popen(
            [ARMCHAIR, *map(str, words)], env=self.env, cwd=self.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if stop_after_s is not None:
            until_s = time.monotonic() + 120
            while not self.writes() and time.monotonic() < until_s and done.poll() is None:
                time.sleep(0.2)
            time.sleep(stop_after_s)
            done.send_signal(signal.SIGTERM)
        said, _ = done.communicate(timeout=300)
        return said

    def writes(self) -> list[list]:
        return [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def motors_on(self) -> list[str]:
        return ask(self.folder / "run" / "control", do="status")["motors_on"]

    def stray_goals(self) -> list[list]:
        """The goals that woke a motor, unless they held it where it was, and its torque came next (off: it failed)."""
        writes, stray = self.writes(), []
        for number, (servo, register, value, was_on, place) in enumerate(writes):
            if register == "Goal_Position" and not was_on:
                following = next((each for each in writes[number + 1 :] if each[0] == servo), [0, "", 0])
                if abs(value - place) > _NEAR_TICKS or following[1] != "Torque_Enable":
                    stray.append([servo, value, place, following[1:3]])
        return stray

    def stop(self) -> None:
        self.twin.terminate()
        self.twin.wait(timeout=30)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("stray"))
    yield bench
    bench.stop()


COMMANDS = {
    "doctor": (["doctor", "twin"], None, 0),
    "wiggle": (["doctor", "twin", "--wiggle", "wrist_flex", "--yes"], None, 6),
    "setup-motors": (["setup-motors", "--arm", "twin", "--yes"], None, 0),
    "calibrate": (["calibrate", "--arm", "twin", "--yes", "--id", "stray", "--joint", "gripper"], None, 0),
    "teleoperate": (["teleoperate", "--arm", "twin", "--hand", "leader"], 4.0, 6),
    "record": (
        ["record", "--arm", "twin", "--hand", "leader", "--episodes", "1", "--episode-time", "3", "--out", "takes"],
        None, 6,
    ),
    "console": (["console", "--arm", "twin", "--port", "0", "--no-browser"], 8.0, 6),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_wakes_a_motor_that_is_to_stay_off(bench, name):
    words, stop_after_s, at_least = COMMANDS[name]
    said = bench.run(*words, stop_after_s=stop_after_s)
    goals = {servo for servo, register, *_ in bench.writes() if register == "Goal_Position"}
    assert len(goals) >= at_least, said
    assert len(goals) <= 6, "the follower's, and none of the leader's"
    assert bench.stray_goals() == []
    assert bench.motors_on() == [], said


def test_nor_does_a_policy(bench, holding_policy):
    words = ["--episodes", "1", "--episode-time", "3", "--reset-time", "1", "--takeover", "leader", "--out", "report"]
    said = bench.run("run", holding_policy, "--arm", "twin", *words)
    goals = {servo for servo, register, *_ in bench.writes() if register == "Goal_Position"}
    assert len(goals) == 6, said
    assert bench.stray_goals() == []
    assert bench.motors_on() == []
