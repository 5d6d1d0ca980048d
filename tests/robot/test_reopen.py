"""An arm that was unplugged comes back, by its own name, and moves only when the operator agrees."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from armchair_robot import reopen
from armchair_robot.arms import TWIN, let_go, open_follower, open_leader
from armchair_robot.ports import Port
from armchair_robot.realtime import DeviceLostError, run_loop
from armchair_robot.reopen import lasting_name, reopen_follower
from armchair_sim.errors import ArmchairError
from armchair_sim.twin.control import ask

ARMCHAIR = Path(sys.executable).parent / "armchair"


def test_an_adapter_is_known_by_its_number_and_everything_else_by_its_path(monkeypatch, tmp_path):
    (tmp_path / "ttyACM0").touch()
    (tmp_path / "arm").symlink_to(tmp_path / "ttyACM0")
    monkeypatch.setattr(reopen, "find_ports", lambda: [Port(str(tmp_path / "ttyACM0"), "USB adapter", "5A68")])
    assert lasting_name(str(tmp_path / "arm")) == "serial:5A68"
    assert lasting_name(str(tmp_path / "ttyACM1")) == str(tmp_path / "ttyACM1")
    assert [lasting_name(where) for where in (TWIN, "serial:1")] == [TWIN, "serial:1"]


def test_an_arm_that_does_not_come_back_is_not_waited_for_for_ever(tmp_path):
    with pytest.raises(ArmchairError, match=r"did not come back in 0\.3 s: plug it in"):
        reopen_follower(str(tmp_path / "ttyACM0"), lambda: pytest.fail("asked too early"), patience_s=0.3)


def test_nothing_is_opened_unless_the_operator_agrees(tmp_path):
    port = tmp_path / "ttyACM0"
    threading.Timer(0.3, port.touch).start()
    with pytest.raises(ArmchairError, match="is back and stays off"):
        reopen_follower(str(port), lambda: False)


@pytest.mark.slow
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
        with pytest.raises(DeviceLostError, match="stopped answering"):
            run_loop(follower, leader, 30, lambda moment: True)
        assert let_go(follower) == list(follower.bus.motors)
        threading.Timer(1.0, lambda: tell(do="mend")).start()
        asked = []
        follower = reopen_follower(TWIN, lambda: asked.append(tell(do="status")["motors_on"]) or True)
        assert len(asked) == 1
        moments = []
        run_loop(follower, leader, 30, lambda moment: moments.append(moment) or len(moments) < 30)
        assert abs(moments[0].sent - moments[0].state).max() < 0.5
        assert let_go(follower) == []
        let_go(leader)
        assert tell(do="status")["motors_on"] == []
    finally:
        twin.terminate()
        twin.wait(timeout=20)
