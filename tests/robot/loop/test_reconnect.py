"""An arm that was unplugged comes back, by its own name, and moves only when the operator agrees."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from armchair_robot.bus.ports import Port
from armchair_robot.devices import arms
from armchair_robot.devices.arms import TWIN, let_go, open_follower, open_leader
from armchair_robot.loop import reconnect
from armchair_robot.loop.real_time import DeviceLostError, run_loop
from armchair_robot.loop.reconnect import Reconnection, lasting_name, run_reconnecting
from armchair_sim.twin.control import ask

ARMCHAIR = Path(sys.executable).parent / "armchair"


def test_an_adapter_is_known_by_its_number_and_everything_else_by_its_path(monkeypatch, tmp_path):
    (tmp_path / "ttyACM0").touch()
    (tmp_path / "arm").symlink_to(tmp_path / "ttyACM0")
    monkeypatch.setattr(reconnect, "find_ports", lambda: [Port(str(tmp_path / "ttyACM0"), "USB adapter", "5A68")])
    assert lasting_name(str(tmp_path / "arm")) == "serial:5A68"
    assert lasting_name(str(tmp_path / "ttyACM1")) == str(tmp_path / "ttyACM1")


class Device:
    """A device whose port is a file."""

    def __init__(self, port: Path) -> None:
        self.bus = SimpleNamespace(port=str(port), is_connected=False, port_handler=SimpleNamespace(), connect=self.on)
        self.config, self.switched_off = SimpleNamespace(), False

    def on(self, handshake: bool) -> None:
        self.bus.is_connected, self.bus.motors, self.switched_off = True, (), True

    def disconnect(self) -> None:
        pass


class Operator:
    """Answers what was said beforehand, then nothing."""

    def __init__(self, *answers: bool | None) -> None:
        self._answers, self.told = list(answers), []

    def rearm(self, patience_s: float = 20.0) -> Reconnection:
        return Reconnection(self.told.append, lambda: self._answers.pop(0) if self._answers else None, patience_s)


def lose() -> None:
    raise DeviceLostError("gone")


@pytest.mark.parametrize(("answers", "patience_s"), [((), 0.3), ((None, False), 20.0)])
def test_an_arm_that_does_not_come_back_is_not_waited_for_for_ever(tmp_path, answers, patience_s):
    operator, lost = Operator(*answers), []
    with pytest.raises(DeviceLostError):
        run_reconnecting(lose, [Device(tmp_path / "ttyACM0")], operator.rearm(patience_s), lambda: lost.append(1))
    assert lost == [1]
    assert operator.told == [
        f"{tmp_path / 'ttyACM0'} is gone, and motors with power hold on: plug it in again, or press q to end."
    ]


def test_nothing_is_opened_unless_the_operator_agrees(tmp_path, monkeypatch):
    monkeypatch.setattr(arms, "reopen", lambda device: pytest.fail("opened"))
    port = tmp_path / "ttyACM0"
    threading.Timer(0.5, port.touch).start()
    operator = Operator(True, *[None] * 8, False)  # who says so before it is back has agreed to nothing
    with pytest.raises(DeviceLostError):
        run_reconnecting(lose, [device := Device(port)], operator.rearm())
    assert device.switched_off, "its motors have held on meanwhile"
    assert "is back: hold the arm, then space" in operator.told[1]


def test_a_port_that_is_there_was_not_unplugged(tmp_path, monkeypatch):
    monkeypatch.setattr(reconnect, "_VANISHES_S", 0.1)
    (tmp_path / "ttyACM0").touch()
    operator = Operator(True)
    with pytest.raises(DeviceLostError):
        run_reconnecting(lose, [Device(tmp_path / "ttyACM0")], operator.rearm())
    assert operator.told == []


def test_where_nobody_can_be_asked_it_is_over(tmp_path):
    with pytest.raises(DeviceLostError):
        run_reconnecting(lose, [Device(tmp_path / "ttyACM0")], None, lambda: pytest.fail("waited"))


def awake_share(bus) -> float:
    """How much of the time that a servo is waited for takes the processor; of one that does not exist."""
    began_s, used_s = time.perf_counter(), time.process_time()
    for _ in range(3):
        bus.packet_handler.ping(bus.port_handler, 42)
    return (time.process_time() - used_s) / (time.perf_counter() - began_s)


@pytest.mark.real_time
@pytest.mark.usefixtures("steady_driver")
@pytest.mark.skipif(sys.platform != "linux", reason="needs a pty at 1 Mbaud")
def test_the_twin_is_unplugged_in_the_middle_of_a_motion_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("HF_LEROBOT_HOME", str(tmp_path / "home"))
    twin = subprocess.Popen(
        [ARMCHAIR, "twin", "--json", "--no-cameras"], env=dict(os.environ), stdout=subprocess.PIPE, text=True
    )

    def tell(**request: str) -> dict:
        return ask(tmp_path / "run" / "control", **request)

    try:
        assert twin.stdout.readline()
        follower, leader = open_follower(TWIN), open_leader(TWIN)
        threading.Timer(1.0, lambda: tell(do="fault", name="unplugged", at="")).start()
        told, moments, asked, lost = [], [], [], []

        def hear(words: str) -> None:
            told.append(words)
            if "is gone" in words:
                threading.Timer(1.0, lambda: tell(do="mend")).start()

        def answer() -> bool | None:
            if len(told) < 2:
                return None
            asked.append(tell(do="status")["motors_on"])
            return True

        def run() -> None:
            moments.clear()
            run_loop(follower, leader, 30, lambda moment: moments.append(moment) or not (told and len(moments) >= 30))

        run_reconnecting(run, [follower, leader], Reconnection(hear, answer), lambda: lost.append(len(moments)))
        assert len(told) == 2
        assert len(asked) == len(lost) == 1
        assert lost[0] > 10
        assert len(moments) == 30
        assert abs(moments[0].sent - moments[0].state).max() < 0.5
        assert awake_share(follower.bus) < 0.5
        assert let_go(follower) == []
        let_go(leader)
        assert tell(do="status")["motors_on"] == []
    finally:
        twin.terminate()
        twin.wait(timeout=20)
