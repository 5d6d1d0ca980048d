"""Every way out of a block that holds an arm switches off every joint of it."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_robot.bus.registers import flush
from armchair_robot.devices.arms import let_go, open_follower
from armchair_robot.loop.real_time import DeviceLostError, run_loop
from armchair_robot.safety.torque_off import held, on_signals
from armchair_sim.twin.control import ask

pytestmark = pytest.mark.usefixtures("steady_driver")
ARMCHAIR = Path(sys.executable).parent / "armchair"


def torque(bus) -> list[int]:
    return [memory["Torque_Enable"] for memory in bus.memories]


@pytest.fixture(autouse=True)
def as_in_a_terminal():
    """What a shell starts behind `&` ignores Ctrl-C, and so would these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class BugError(Exception):
    pass


def send(number: int) -> None:
    os.kill(os.getpid(), number)


WAYS_OUT = {
    "its end": (lambda: None, None),
    "a bug": (lambda: (_ for _ in ()).throw(BugError), BugError),
    "a mistake": (lambda: (_ for _ in ()).throw(ArmchairError("no")), ArmchairError),
    "ctrl-c": (lambda: signal.raise_signal(signal.SIGINT), KeyboardInterrupt),
    "sigterm": (lambda: signal.raise_signal(signal.SIGTERM), SystemExit),
    "sighup": (lambda: signal.raise_signal(signal.SIGHUP), SystemExit),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("way", WAYS_OUT)
def test_every_way_out_switches_every_joint_off(pair, way):
    follower, leader, bus, _ = pair
    leave, error = WAYS_OUT[way]
    assert torque(bus) == [1] * 6

    def work() -> None:
        with held() as hold:
            hold(follower), hold(leader)
            run_loop(follower, leader, 100, lambda moment: leave() is not None)

    if error is None:
        work()
    else:
        with pytest.raises(error):
            work()
    assert torque(bus) == [0] * 6
    assert not follower.bus.is_connected
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_servo_that_dies_in_the_middle_is_named_and_the_others_are_off(pair):
    follower, leader, bus, _ = pair
    everyone, told = bus.memories, []

    def kill(moment) -> bool:
        bus.memories = everyone[:2] + everyone[3:]
        return True

    with pytest.raises(DeviceLostError), held(told.append) as hold:
        hold(follower), hold(leader)
        run_loop(follower, leader, 100, kill)
    assert [memory["Torque_Enable"] for memory in everyone] == [0, 0, 1, 0, 0, 0]
    assert len(told) == 1
    assert told[0].startswith("WARNING: elbow_flex did not answer")
    assert told[0].endswith("cut the power.")


def test_ctrl_c_while_the_motors_are_switched_off_does_not_get_in_between(pair):
    follower, _, bus, _ = pair
    feed = bus.feed

    def feed_and_interrupt(data: bytes):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        return feed(data)

    with held() as hold:
        hold(follower)
        bus.feed = feed_and_interrupt
    assert torque(bus) == [0] * 6


def test_letting_go_does_not_stop_at_a_dead_servo(pair):
    follower, _, bus, _ = pair
    assert torque(bus) == [1] * 6
    everyone = bus.memories
    bus.memories = everyone[:2] + everyone[3:]
    assert let_go(follower) == ["elbow_flex"]
    bus.memories = everyone
    assert torque(bus) == [0, 0, 1, 0, 0, 0]
    assert not follower.bus.is_connected
    assert let_go(follower) == []


def test_a_servo_that_complains_is_off_all_the_same_and_not_called_silent(pair):
    follower, _, bus, _ = pair
    bus.memories[1]["Status"] = 32
    assert let_go(follower) == []
    assert torque(bus) == [0] * 6


def test_a_question_that_was_broken_off_does_not_keep_the_motors_on(pair):
    follower, _, bus, _ = pair
    follower.bus.port_handler.is_using = True  # as Ctrl-C between question and answer leaves it
    assert let_go(follower) == []
    assert torque(bus) == [0] * 6


def test_a_hand_without_motors_is_disconnected():
    class Keys:
        def disconnect(self) -> None:
            self.gone = True

    keys = Keys()
    flush(keys)
    assert let_go(keys) == []
    assert keys.gone


def test_what_came_too_late_is_forgotten(pair):
    follower, _, bus, _ = pair
    line = follower.bus.port_handler.ser
    bus.memories[0]["Present_Position"] = 1500
    line.write(bytes([0xFF, 0xFF, 1, 4, 2, 56, 2, 190]))  # asks, and nobody fetches the answer
    bus.memories[0]["Present_Position"] = 2500
    assert line.in_waiting
    flush(follower)
    assert not line.in_waiting
    assert follower.bus.sync_read("Present_Position", normalize=False)["shoulder_pan"] == 2500


def test_signals_can_be_words_instead():
    said = []
    before = signal.getsignal(signal.SIGINT)
    with on_signals(lambda number, words: said.append((number, words))):
        signal.raise_signal(signal.SIGINT)
    assert said == [(signal.SIGINT, "stopped by Ctrl-C.")]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("cameras", "says"),
    [(None, "there is no port"), ("{front: {type: opncv}}", "write them as for LeRobot"), ("front", "write them as")],
)
def test_a_port_or_a_camera_that_is_not_there(tmp_path, cameras, says):
    with pytest.raises(ArmchairError, match=says):
        open_follower(str(tmp_path / "ttyNONE"), cameras, "nobody")


# --- a real process on the twin -----------------------------------------------------------------------------------
HOLDER = textwrap.dedent(
    """
    import numpy as np
    from armchair_robot.devices.arms import open_follower, open_leader
    from armchair_robot.safety.torque_off import held
    from armchair_robot.loop.real_time import run_loop
    with held() as hold:
        follower, leader = hold(open_follower("twin")), hold(open_leader("twin"))
        run_loop(follower, leader, 30, lambda moment: print("moved", flush=True) is None)
    """
)


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """The environment in which a twin runs, and a way to ask it."""
    folder = tmp_path_factory.mktemp("held")
    env = {**os.environ, "ARMCHAIR_RUNTIME": str(folder / "run"), "HF_LEROBOT_HOME": str(folder / "home")}
    command = [ARMCHAIR, "twin", "--json", "--no-cameras"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline()

    def motors_on() -> list[str]:
        return ask(folder / "run" / "control", do="status")["motors_on"]

    yield env, motors_on
    process.terminate()
    process.wait(timeout=20)


def start(env: dict[str, str], code: str) -> subprocess.Popen:
    holder = subprocess.Popen(
        [sys.executable, "-c", code], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert holder.stdout.readline() == "moved\n", holder.stderr.read()
    return holder


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.skipif(sys.platform != "linux", reason="needs a pty at 1 Mbaud")
def test_signals_to_a_real_process_and_the_next_one_after_kill_minus_nine(twin):
    env, motors_on = twin
    for number in (signal.SIGTERM, signal.SIGHUP):
        holder = start(env, HOLDER)
        assert len(motors_on()) == 6
        if number == signal.SIGTERM:
            second = subprocess.run([sys.executable, "-c", HOLDER], env=env, capture_output=True, text=True)
            assert f"is in use by process {holder.pid} ({sys.executable} -c" in second.stderr
        holder.send_signal(number)
        _, said = holder.communicate(timeout=20)
        assert holder.returncode == 128 + number, said
        assert motors_on() == []
    holder = start(env, HOLDER)
    holder.kill()
    holder.wait()
    assert len(motors_on()) == 6  # nobody can do anything about that
    holder = start(env, HOLDER)
    holder.terminate()
    holder.communicate(timeout=20)
    assert motors_on() == []
