"""Trials on a stock driver whose servos are objects in this process: what counts, what operators say, how it ends."""

import json
import os
import signal
from collections import deque

import numpy as np
import pytest
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_datasets.recording.real_time.scenes import OwnTable
from armchair_datasets.recording.real_time.session import Rules, SessionOperator
from armchair_datasets.recording.real_time.station import Station
from armchair_policies.evaluation.real_time.trials import HELPED, Turns, run_trials
from armchair_policies.evaluation.results import load_outcomes
from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.devices.armchair_so101 import ArmchairSO101
from armchair_robot.devices.arms import let_go
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config
from armchair_robot.rollout.homing import Homing
from armchair_robot.teleoperators.jog_teleoperator import PersonTeleoperator
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.servos.encoder import calibration

pytestmark = [pytest.mark.usefixtures("steady_driver"), pytest.mark.real_time]
FPS = 100


class Hand(PersonTeleoperator):
    """Stays where each episode begins; says whether a person helps."""

    name, intervening, thought_s = "test", False, (0.004, 0.006)

    def __init__(self) -> None:
        super().__init__(TeleoperatorConfig())
        self.begun = []

    def reset(self, pose: np.ndarray) -> None:
        self.begun.append(pose)

    def _targets(self, now_s: float) -> np.ndarray:
        return self.begun[-1]


class Table(OwnTable):
    """The simulation's verdicts, said beforehand."""

    def __init__(self, *verdicts: bool) -> None:
        self.verdicts, self.seeds = deque(verdicts), []

    @property
    def object_at(self) -> tuple[float, float]:
        return 0.2, 0.01 * len(self.seeds)

    def begin(self, number: int) -> int:
        self.seeds.append(100_000 + number)
        return self.seeds[-1]

    def verdict(self) -> bool:
        return self.verdicts.popleft()


@pytest.fixture
def follower(tmp_path):
    (tmp_path / "twin.json").write_text(json.dumps(calibration()))
    bus = Bus(Bench("reach", 0, "still", 8.0, {}).follower.memories)
    follower = ArmchairSO101(ArmchairSO101Config(port="in this process", id="twin", calibration_dir=tmp_path))
    use_transport(follower.bus, lambda: FeedTransport(lambda data: b"".join(reply.data for reply in bus.feed(data))))
    follower.connect()
    follower.memories = bus.memories
    yield follower
    let_go(follower)


class Operator(SessionOperator):
    """Presses keys in given periods of a phase, counted from its beginning: {("recording", 5): "next"}."""

    def __init__(self, keys: dict) -> None:
        self._keys, self._phase, self._periods = dict(keys), "waiting", 0

    def show(self, now) -> None:
        self._periods = self._periods + 1 if now.phase == self._phase else 0
        self._phase = now.phase

    def commands(self) -> list[str]:
        wish = self._keys.pop((self._phase, self._periods), None)
        return [wish] if wish else []


def hold(follower, tmp_path, table, trials: int, keys: dict | None = None, hand: Hand | None = None, on_ended=None):
    operator = Operator(keys or {})
    operator.saved = on_ended or operator.saved
    hand = hand or Hand()
    homing = Homing(hand)
    homing.connect()
    station = Station(follower, homing, Turns(table, homing), "Reach.", {}, FPS)
    return run_trials(station, Rules(trials, 0.4, 0.05), tmp_path / "out", operator), hand


def endings(tmp_path) -> list[tuple[int, str]]:
    return [(outcome.seed, outcome.ending) for outcome in load_outcomes(tmp_path / "out")]


def test_every_trial_counts_and_is_on_the_disk(follower, tmp_path):
    end, hand = hold(follower, tmp_path, Table(True, False, True), 3)
    assert endings(tmp_path) == [(100000, "success"), (100001, "not done"), (100002, "success")]
    assert [outcome.success for outcome in end.outcomes] == [True, False, True]
    assert [outcome.object_at for outcome in load_outcomes(tmp_path / "out")] == [(0.2, 0.01), (0.2, 0.02), (0.2, 0.03)]
    assert len(hand.begun) == 3
    assert (end.halted, end.silent) == ("", [])
    assert end.facts["rate_hz"] > FPS / 2
    assert (end.facts["thinking_ms"], end.facts["slowest_ms"]) == (5.0, 6.0)
    assert [memory["Torque_Enable"] for memory in follower.memories] == [0] * 6


def test_on_a_real_table_the_operator_judges_and_silence_is_no_success(follower, tmp_path):
    keys = {("recording", 10): "next"}
    hold(follower, tmp_path, OwnTable(), 2, keys)
    assert [ending for _, ending in endings(tmp_path)] == ["success", "not done"]


def test_a_failure_by_key_and_one_more_try(follower, tmp_path):
    keys = {("recording", 10): "fail", ("waiting", 2): "redo"}
    hold(follower, tmp_path, Table(True), 1, {**keys, ("recording", 11): "redo"})
    assert endings(tmp_path) == [(100000, "marked a failure")]


def test_half_a_trial_is_none(follower, tmp_path):
    end, _ = hold(follower, tmp_path, Table(True), 5, {("recording", 20): "quit"})
    assert end.outcomes == []
    assert not (tmp_path / "out").exists()


def test_what_a_person_helped_with_is_no_success_of_the_policy(follower, tmp_path):
    hand = Hand()
    hand.intervening = True
    hold(follower, tmp_path, Table(True), 1, hand=hand)
    assert endings(tmp_path) == [(100000, HELPED)]


def test_a_signal_ends_it_with_the_motors_off(follower, tmp_path):
    def stop(saved, kept: int) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    end, _ = hold(follower, tmp_path, Table(True, True, True), 3, on_ended=stop)
    assert end.halted == "stopped by SIGTERM."
    assert len(endings(tmp_path)) == 1
    assert [memory["Torque_Enable"] for memory in follower.memories] == [0] * 6


def test_a_servo_that_dies_is_named_and_what_was_judged_stays(follower, tmp_path):
    def die(saved, kept: int) -> None:
        follower.bus.port_handler.ser.write = lambda data: len(data)

    end, _ = hold(follower, tmp_path, Table(True, True), 2, on_ended=die)
    assert "the arm stopped, because no servo answers" in end.halted
    assert len(end.silent) == 6
    assert len(endings(tmp_path)) == 1
