"""`armchair twin` and what can be asked of it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the twin's control line needs Unix sockets")

ARMCHAIR = Path(sys.executable).parent / "armchair"


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "ARMCHAIR_RUNTIME": str(tmp_path / "run"), "HF_LEROBOT_HOME": str(tmp_path / "home")}


@pytest.fixture
def ask(environment):
    def ask(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([ARMCHAIR, "twin", *words], env=environment, capture_output=True, text=True, timeout=60)

    return ask


@pytest.fixture
def twin(environment):
    command = [ARMCHAIR, "twin", "--json", "--no-cameras", "--task", "reach"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    process.note = json.loads(process.stdout.readline())
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["status"], "start one with `armchair twin`"),
        (["--task", "lifft"], "did you mean 'lift'"),
        (["--hand", "expret", "--no-cameras"], "did you mean 'expert'"),
    ],
)
def test_mistakes_get_one_sentence(ask, words, says):
    done = ask(*words)
    assert done.returncode == (2 if "choose one of" in done.stderr else 1)
    assert done.stderr.startswith("error: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_lists_its_faults(ask):
    listed = ask("fault", "list").stdout.splitlines()
    assert len(listed) >= 16
    assert all(line.endswith(".") for line in listed)


def test_does_as_it_is_asked(twin, ask):
    assert set(twin.note["ports"]) == {"follower", "leader"}
    assert twin.note["pid"] == twin.pid
    assert ask("scene", "7").stdout == "Scene 7 is set.\n"
    assert "One servo is too hot" in ask("fault", "overheat", "--at", "gripper").stdout
    assert json.loads(ask("status").stdout)["faults"] == ["overheat at gripper"]
    ask("mend")
    assert json.loads(ask("status").stdout)["faults"] == []
    assert "did you mean 'dead-servo'" in ask("fault", "dead-serva").stderr
    assert "runs already" in ask("--no-cameras").stderr
    assert ask("stop").returncode == 0
    assert twin.wait(timeout=20) == 0


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux shows what a process has mapped")
def test_a_running_twin_has_no_pytorch(twin):
    assert "libtorch" not in Path(f"/proc/{twin.pid}/maps").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ends_cleanly_and_leaves_nothing_behind(twin, environment, number):
    twin.send_signal(number)
    assert twin.wait(timeout=20) == 0
    assert [path.name for path in Path(environment["ARMCHAIR_RUNTIME"]).iterdir()] == ["eprom.json"]


def test_a_killed_twin_does_not_stand_in_the_way(twin, ask, environment):
    port = twin.note["ports"]["follower"]
    twin.kill()
    twin.wait()
    command = [ARMCHAIR, "twin", "--json", "--no-cameras"]
    again = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(again.stdout.readline())["ports"]["follower"] == port, "the port keeps its name"
    finally:
        again.terminate()
        assert again.wait(timeout=20) == 0


def test_nonsense_on_the_control_line_does_no_harm(twin, ask, environment):
    import socket

    path = str(Path(environment["ARMCHAIR_RUNTIME"]) / "control")
    for nonsense in (b"", b"\xff\xfe", b"[1, 2]", b'{"do": "fly"}', b'{"do": "scene", "seed": "x"}', b"{" * 5000):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(path)
            line.sendall(nonsense)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(5)
            try:
                answer = line.recv(10_000)
            except ConnectionResetError:
                answer = b""
            assert answer == b"" or "error" in json.loads(answer)
    assert json.loads(ask("status").stdout)["scene"] == 0


def test_the_keyboard_hand_needs_a_terminal(ask):
    assert "run it in one, or use --hand expert" in ask("--hand", "keyboard", "--no-cameras").stderr


def test_the_keyboard_moves_the_leader(environment, steady_driver):
    """In a terminal of its own; the leader is read by the stock driver, as `lerobot-teleoperate` reads it."""
    from lerobot.teleoperators.so_leader import SO101Leader, SO101LeaderConfig

    master, slave = os.openpty()
    command = [ARMCHAIR, "twin", "--hand", "keyboard", "--no-cameras"]
    twin = subprocess.Popen(command, env=environment, stdin=slave, stdout=slave)
    os.close(slave)
    said = ""
    while "Try, in another terminal" not in said:
        said += os.read(master, 4096).decode()
    threading.Thread(target=_drain, args=(master,), daemon=True).start()
    home = Path(environment["HF_LEROBOT_HOME"]) / "calibration" / "teleoperators" / "so_leader"
    port = str(Path(environment["ARMCHAIR_RUNTIME"]) / "leader")
    leader = SO101Leader(SO101LeaderConfig(port=port, id="armchair_twin", calibration_dir=home))
    try:
        leader.connect()
        before = _read_for(leader, 1.0)
        os.write(master, b"\x1b[D" * 10)  # left, ten times
        after = _read_for(leader, 1.5)
        leader.disconnect()
    finally:
        twin.send_signal(signal.SIGINT)
        assert twin.wait(timeout=20) == 0
    assert "\x1b[?1003h" in said, "the mouse is asked for"
    assert after["shoulder_pan.pos"] < before["shoulder_pan.pos"] - 10
    assert abs(after["gripper.pos"] - before["gripper.pos"]) < 1


def _read_for(leader, seconds: float) -> dict[str, float]:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        action = leader.get_action()
        time.sleep(1 / 60)
    return action


def _drain(master: int) -> None:
    with suppress(OSError):
        while os.read(master, 4096):
            pass
