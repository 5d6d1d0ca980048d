"""A person who takes over from a policy on a running twin, with real hands: who moved the arm in every frame.

The scripted person knows where the ball is, sees where the arm is, and drives there.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from armchair_core.so101 import kinematics
from armchair_datasets.recording.real_time.session import SessionOperator
from armchair_robot.arm_options import ArmOptions
from armchair_robot.devices import last_observation
from armchair_robot.loop.real_time import DeviceLostError
from armchair_robot.rollout.intervention import LET_GO_S, Takeover
from armchair_robot.rollout.policy_teleoperator import pose_of

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs a pty at 1 Mbaud"),
    pytest.mark.real_time,
    pytest.mark.usefixtures("steady_driver"),
]
ARMCHAIR = Path(sys.executable).parent / "armchair"
HOLD = np.zeros(6)


@pytest.fixture
def start_twin(tmp_path, monkeypatch):
    """Starts a twin with the task reach whose leader is moved by `hand`."""
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    last_observation.forget()
    twins = []

    def start_twin(hand: str) -> None:
        command = [ARMCHAIR, "twin", "--json", "--task", "reach", "--hand", hand]
        twins.append(subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, text=True))
        assert twins[0].stdout.readline()

    yield start_twin
    for twin in twins:
        twin.terminate()
        twin.wait(timeout=20)


def ball(seed: int = 0) -> np.ndarray:
    """Where the ball of the scene is, float[3] in metres."""
    from armchair_sim.scene.world import World
    from armchair_sim.tasks import get_task

    world = World(get_task("reach"))
    world.reset(seed)
    return np.array(world.position("ball"))


def towards(goal: np.ndarray) -> np.ndarray:
    """The wish, for `jog.AXES`, that brings the tip to `goal` from where the follower was seen last."""
    pose = kinematics.forward_kinematics(kinematics.units_to_rad(pose_of(last_observation.latest()[1])))
    away = goal - (pose.x, pose.y, pose.z)
    return np.append(np.clip(away / 0.03, -1, 1), np.zeros(3))


class Person(SessionOperator):
    """Does by the number of the take's frame what `script` says; presses TAB just before the frames of `tabs`."""

    def __init__(self, script: Callable[[int], np.ndarray | None], tabs: tuple[int, ...] = ()) -> None:
        self.script, self._tabs, self.frame = script, tabs, 0
        self.wish: np.ndarray | None = HOLD
        self.statuses: list[str] = []

    def commands(self) -> list[str]:
        self.wish = self.script(self.frame)
        return ["take"] if self.frame in self._tabs else []

    def show(self, now) -> None:
        recording = now.phase == "recording"
        self.frame += recording
        if recording:
            self.statuses.append(now.status)


def record(policy: Path, out: Path, person: Person, takeover: str, on_opened=None):
    """Let the policy run, the person correct it, and load what was recorded: (whose, action), one row a frame."""
    from lerobot.datasets import LeRobotDataset

    from armchair_policies.evaluation.real_time.record import record_real_time
    from armchair_policies.evaluation.real_time.run import RealTimeRequest, prepare_real_time

    exam = prepare_real_time(
        RealTimeRequest(str(policy), ArmOptions("twin", teleoperator=takeover, port=0), 1, 0, episode_s=40, reset_s=1)
    )
    person.opened = on_opened or person.opened
    summary = record_real_time(exam, out, operator=person)
    assert (summary.kept, summary.halted, summary.silent) == (1, "", ())
    dataset = LeRobotDataset("me/fixes", root=out, video_backend="pyav")
    assert json.loads((out / "meta/armchair.json").read_text())["takeover"] == takeover
    assert len(dataset[0]["observation.images.front"]) == 3
    rows = dataset.hf_dataset.with_format("numpy")
    return rows["intervention"][:].ravel(), rows["action"][:]


def turns(whose: np.ndarray) -> list[int]:
    """The frames in which the arm went from one to the other."""
    return [int(frame) for frame in np.flatnonzero(np.diff(whose.astype(int))) + 1]


class Phone(threading.Thread):
    """A WebSocket client that says 20 times a second what the person wishes for; nothing where that is None."""

    def __init__(self, person: Person, link: str) -> None:
        super().__init__(daemon=True)
        self._person, self._address = person, link.replace("http", "ws") + "drive"
        self.over = threading.Event()

    def run(self) -> None:
        with suppress(ConnectionClosed), connect(self._address, proxy=None) as line:
            while not self.over.wait(0.05):
                wish = self._person.wish
                if wish is not None:
                    hold = {"type": "hold"}
                    line.send(json.dumps({"type": "jog", "rates": list(wish)} if wish.any() else hold))
                    assert "status" in json.loads(line.recv(timeout=5))


@pytest.mark.slow  # real time from end to end: for a quiet machine
def test_a_phone_takes_over_twice_and_its_silence_is_no_handing_back(start_twin, holding_policy, tmp_path, capfd):
    """By TAB for a second; then by moving, with a pause of silence above the ball, until it is touched."""
    start_twin("still")
    goal, silence = ball(), range(75, 75 + round(30 * (LET_GO_S + 0.7)))
    above = goal + np.array([0, 0, 0.1])

    def script(frame: int) -> np.ndarray | None:
        if frame in silence:
            return None
        if frame > silence.stop:
            return towards(goal)
        return towards(above) if 20 <= frame < 40 or frame >= 60 else HOLD

    person, phones = Person(script, tabs=(15, 45)), []

    def pick_up(takeover: bool) -> None:
        link = capfd.readouterr().out.split("Drive from a browser: ")[1].split()[0]
        phones.append(Phone(person, link))
        phones[0].start()

    whose, action = record(holding_policy, tmp_path / "data", person, "network", pick_up)
    phones[0].over.set()
    first, back, again = turns(whose)
    assert (first, back) == (15, 45)
    assert 60 <= again <= 66
    held = slice(silence.start + 15, silence.stop)
    assert np.ptp(action[held], axis=0).max() < 0.01, "silence means hold"
    assert "nobody" not in person.statuses[silence.start + 20]
    assert "holding still" in person.statuses[silence.start + 20]
    assert np.abs(action[:first] - kinematics.START).max() < 3
    assert np.abs(np.diff(action, axis=0))[[first - 1, back - 1, again - 1]].max() < 6, "nobody jumps"


@pytest.mark.slow
def test_the_leader_takes_over_by_moving(start_twin, holding_policy, tmp_path):
    """The twin's expert moves its leader from the moment when the scene is set."""
    start_twin("expert")
    whose, action = record(holding_policy, tmp_path / "data", Person(lambda frame: HOLD), "leader")
    (first,) = turns(whose)
    assert 5 < first < 60
    assert np.abs(action[:first] - kinematics.START).max() < 3
    assert np.ptp(action[first:], axis=0).max() > 10


@pytest.mark.slow
def test_a_gamepad_takes_over_and_hands_back_by_letting_go(start_twin, holding_policy, tmp_path, plug_in):
    from armchair_robot.teleoperators.gamepad import _sdl

    _sdl()
    start_twin("still")
    goal, pad = ball(), plug_in()

    def script(frame: int) -> np.ndarray:
        wish = towards(goal) if 20 <= frame < 35 or frame >= 150 else HOLD
        forward, left, up = np.sign(wish[:3]) * (np.abs(wish[:3]) ** 0.5 * 0.85 + 0.15) * (wish[:3] != 0)
        pad.set(*(["LEFTSHOULDER"] if wish.any() else []), LEFTY=-forward, LEFTX=-left, RIGHTY=-up)
        return wish

    whose, _ = record(holding_policy, tmp_path / "data", Person(script), "gamepad")
    first, back, again = turns(whose)
    assert 20 <= first <= 24
    assert back == pytest.approx(35 + 30 * LET_GO_S, abs=6)
    assert 150 <= again <= 154


def test_a_leader_that_is_lost_is_named_by_its_servo(pair):
    _, leader, _, bus = pair
    bus.memories.pop(4)
    with pytest.raises(DeviceLostError, match=r"the leader stopped, because wrist_roll \(id 5\) does not answer"):
        Takeover(None, leader)._ask_person()
