"""`armchair doctor` on a running twin, as a user types it. What it can find is tested in tests/robot/doctor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair_sim.twin.control import ask

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the twin's port is a pseudo-terminal that carries 1 Mbaud"),
    pytest.mark.real_time,
]


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """The folder of a running twin."""
    folder = tmp_path_factory.mktemp("doctor")
    environment = {**os.environ, "ARMCHAIR_RUNTIME": str(folder), "HF_LEROBOT_HOME": str(folder / "home")}
    words = [Path(sys.executable).parent / "armchair", "twin", "--json", "--no-cameras", "--hand", "still"]
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline()
    yield folder
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def run(monkeypatch, twin):
    """Run a command beside the twin; answers (exit code, stdout, stderr). The twin is mended before."""
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(twin))
    ask(twin / "control", do="mend")
    runner = CliRunner(env={"COLUMNS": "100", "TERM": "dumb"})

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        result = runner.invoke(app, words, input=typed)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


def test_a_healthy_twin(run, twin):
    code, said, _ = run("doctor", "twin", "--json")
    told = json.loads(said)
    assert (code, told["healthy"]) == (0, True), told
    (arm,) = told["arms"]
    assert (arm["port"], arm["side"]) == (str(twin / "follower"), "follower")
    assert [servo["joint"] for servo in arm["servos"]][:2] == ["shoulder_pan", "shoulder_lift"]
    assert arm["servos"][5]["registers"]["P_Coefficient"] == 32
    assert arm["line"]["asked"] >= 300
    assert any("--wiggle" in what for what in arm["not_looked_at"])


def test_what_is_wrong_is_said_in_words(run, twin):
    ask(twin / "control", do="fault", name="firmware-mismatch", at="gripper")
    code, said, _ = run("doctor", "twin")
    lines = said.splitlines()
    assert code == 1
    assert "1. broken, certain: The servos have different firmware, which LeRobot refuses: gripper 3.11" in said
    assert "   Next: Bring all of them to the newest version" in said
    assert lines[-1].startswith("Verdict: one thing is wrong.")
    table = [line for line in lines if line.startswith((" joint", " wrist_flex"))]
    assert len(table) == 2
    assert all("…" not in line and len(line) <= 100 for line in table)


def test_without_a_port_it_looks_at_all(run, twin):
    ask(twin / "control", do="fault", name="unplugged", at="")
    code, said, _ = run("doctor")
    assert code == 1
    assert f"{twin / 'leader'}  the twin's leader: can be used" in said
    assert f"There is no port {twin / 'follower'}." in said
    assert "arm: leader (the twin says so)" in said


def test_a_port_that_another_program_uses_is_left_alone(run, twin):
    code = f"import sys; port = open({str(twin / 'follower')!r}); print(1, flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    other.stdout.readline()
    try:
        exit_code, said, _ = run("doctor", "twin")
    finally:
        other.communicate()
    assert exit_code == 1
    assert f"process {other.pid} (" in said
    assert "so the servos were not asked anything" in said


def test_it_moves_only_when_it_may(run):
    code, said, _ = run("doctor", "twin", "--wiggle", "wrist_flex", typed="n\n")
    assert code == 0, said
    assert "wrist_flex will move by 8 degrees" in said
    assert "wrist_flex moved" not in said


@pytest.mark.slow
def test_it_moves_and_lets_go(run, twin):
    code, said, _ = run("doctor", "twin", "--wiggle", "wrist_flex", "--yes")
    assert code == 0, said
    assert "wrist_flex moved " in said
    assert "how wrist_flex moves" in said
    assert ask(twin / "control", do="status")["motors_on"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["twin", "--wiggle", "wrist"], "choose one of elbow_flex"),
        (["--wiggle", "gripper"], "name its port"),
        (["--cameras", "{}"], "name its port"),
        (["twin", "--wiggle", "gripper", "--json"], "add --yes"),
        (["serial:4711"], "no USB adapter with the serial number 4711"),
        (["twin", "--arm-id", "nobody-has-this-id"], "calibration"),
    ],
)
def test_mistakes_get_one_sentence(run, words, says):
    code, _, said = run("doctor", *words)
    assert code == (2 if "choose one of" in said else 1)
    assert said.startswith("error: ")
    assert says in said


def test_nothing_is_plugged_in(run, tmp_path, monkeypatch):
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path))
    if any(Path("/dev").glob("tty[UA]*[0-9]")):
        pytest.skip("something is plugged in here")
    code, _, said = run("doctor")
    assert code == 1
    assert "plug the arm in" in said
    assert "start one with `armchair twin`" in said
