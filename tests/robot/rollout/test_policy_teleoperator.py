"""A policy as a teleoperator: a real, tiny, sometimes slow LeRobot policy, on observations by their own clock."""

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from lerobot.configs import FeatureType, PolicyFeature
from lerobot.policies.factory import make_pre_post_processors
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_policies.nano.modeling_nano import NanoPolicy
from armchair_robot.devices import last_observation
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.rollout.config_policy_teleoperator import ArmchairPolicyConfig
from armchair_robot.rollout.inference_thread import InferenceThread
from armchair_robot.rollout.intervention import Takeover
from armchair_robot.rollout.policy_teleoperator import ArmchairPolicy, pose_of, squeeze
from armchair_robot.teleoperators.jog_teleoperator import JogTeleoperator

PERIOD_S = 1 / 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """An untrained nano policy that looks through one camera."""
    torch.manual_seed(0)
    joints = PolicyFeature(FeatureType.STATE, (6,))
    config = NanoConfig(
        input_features={
            "observation.images.front": PolicyFeature(FeatureType.VISUAL, (3, 32, 32)),
            "observation.state": joints,
        },
        output_features={"action": PolicyFeature(FeatureType.ACTION, (6,))},
        device="cpu", keypoints=4, hidden_dim=16, image_size=32,
    )  # fmt: skip
    six = {"mean": torch.zeros(6), "std": torch.full((6,), 20.0)}
    folder = tmp_path_factory.mktemp("nano")
    NanoPolicy(config).save_pretrained(folder)
    for processor in make_pre_post_processors(config, dataset_stats={"action": six, "observation.state": six}):
        processor.save_pretrained(folder)
    return folder


class Bench:
    """Shows observations to a policy, one a period of a clock of their own, and lets it finish its thoughts."""

    def __init__(self, hand) -> None:
        self.hand, self.now_s, self.pose = hand, 100.0, np.zeros(6, np.float32)

    def look(self, monkeypatch, picture: int = 0) -> np.ndarray:
        self.now_s += PERIOD_S
        observation = dict(zip(FEATURE_NAMES, map(float, self.pose), strict=True))
        observation["front"] = np.full((48, 64, 3), picture, np.uint8)
        monkeypatch.setattr(last_observation, "latest", lambda: (self.now_s, observation))
        return pose_of(self.hand.get_action())


@pytest.fixture
def hand(folder):
    hand = ArmchairPolicy(ArmchairPolicyConfig(policy_path=str(folder), task="Touch it."))
    hand.connect()
    yield hand
    hand.disconnect()


@pytest.fixture
def slow(hand, monkeypatch):
    """The hand, whose policy answers only when it is let: `go.set()`."""
    hand.go, hand.asked = threading.Event(), 0
    really = NanoPolicy.predict_action_chunk

    def think(policy, batch, **options):
        hand.asked += 1
        assert hand.go.wait(60)
        return really(policy, batch, **options)

    monkeypatch.setattr(NanoPolicy, "predict_action_chunk", think)
    return hand


def wait_until(true) -> None:
    until_s = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.002)


def test_lerobot_finds_it_by_its_type(folder):
    from lerobot.teleoperators import TeleoperatorConfig, make_teleoperator_from_config

    config = TeleoperatorConfig.get_choice_class("armchair_policy")(policy_path=str(folder))
    assert type(make_teleoperator_from_config(config)) is ArmchairPolicy


def test_the_arm_never_waits_and_begins_where_it_is(slow, monkeypatch):
    bench = Bench(slow)
    bench.pose = np.full(6, 5.0, np.float32)
    for _ in range(30):
        np.testing.assert_array_equal(bench.look(monkeypatch), bench.pose)
    wait_until(lambda: slow.asked == 1)
    assert "the arm holds still" in slow.status
    slow.go.set()
    wait_until(lambda: slow._inference._answer)
    assert np.abs(bench.look(monkeypatch) - bench.pose).max() < 1e-3  # the fade begins
    assert np.abs(bench.look(monkeypatch) - bench.pose).max() > 0.1
    assert slow.status == ""


def test_what_was_thought_before_a_reset_never_moves_the_arm(slow, monkeypatch):
    bench = Bench(slow)
    bench.look(monkeypatch)
    wait_until(lambda: slow.asked == 1)
    slow.reset()
    slow.go.set()
    wait_until(lambda: not slow._inference._busy)
    assert slow._inference.take() is None
    slow.go.clear()
    for _ in range(5):
        np.testing.assert_array_equal(bench.look(monkeypatch), bench.pose)
    slow.go.set()


def test_it_looks_again_as_often_as_the_policy_was_made_to(hand, monkeypatch):
    bench = Bench(hand)
    for _ in range(33):
        bench.look(monkeypatch)
        wait_until(lambda: not (hand._inference._busy or hand._inference._question))
    assert len(hand.thought_s) == 4  # 8 of 16 actions


def test_the_chunk_is_the_fast_doors(hand, monkeypatch):
    """The same observation gives the same actions as `PolicyTeleoperator`, step by step, once the fade is over."""
    from armchair_robot.rollout.policy import PolicyTeleoperator

    bench = Bench(hand)
    fast = PolicyTeleoperator(hand.found.path, "Touch it.")
    picture = np.zeros((32, 32, 3), np.uint8)
    expected = [fast.act({"pixels": {"front": picture}, "agent_pos": bench.pose}) for _ in range(8)]
    bench.look(monkeypatch)
    wait_until(lambda: hand._inference._answer)
    moved = [bench.look(monkeypatch) for _ in range(8)]
    np.testing.assert_allclose(moved[4:], expected[4:], atol=1e-2)


def test_a_policy_that_fails_is_told_in_a_sentence(hand, monkeypatch):
    monkeypatch.setattr(NanoPolicy, "predict_action_chunk", lambda *_, **__: 1 / 0)
    bench = Bench(hand)
    bench.look(monkeypatch)
    wait_until(lambda: hand._inference._error)
    with pytest.raises(ArmchairError, match=r"has failed \(division by zero\)"):
        bench.look(monkeypatch)


def test_a_follower_without_the_camera_is_refused(hand, monkeypatch):
    monkeypatch.setattr(last_observation, "latest", lambda: (1.0, dict.fromkeys(FEATURE_NAMES, 0.0)))
    with pytest.raises(ArmchairError, match="looks through the cameras front, but this arm has no camera"):
        hand.get_action()


def test_a_policy_needs_to_see(hand, monkeypatch):
    monkeypatch.setattr(last_observation, "latest", lambda: None)
    with pytest.raises(ArmchairError, match="use --robot"):
        hand.get_action()


def test_a_policy_with_a_queue_of_its_own_is_asked_step_by_step(folder, tmp_path, monkeypatch):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"n_action_steps": 1}))
    hand = ArmchairPolicy(ArmchairPolicyConfig(policy_path=str(tmp_path)))
    hand.connect()
    assert hand._policy.chunk_steps == 0
    bench = Bench(hand)
    for _ in range(6):
        bench.look(monkeypatch)
        wait_until(lambda: not (hand._inference._busy or hand._inference._question))
    assert len(hand.thought_s) == 5
    hand.disconnect()


def test_pictures_are_squeezed_to_what_the_policy_knows():
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[:, 320:] = 200
    small = squeeze(picture, (96, 96))
    assert small.shape == (96, 96, 3)
    assert small.dtype == np.uint8
    assert (small[:, 10] == 0).all()
    assert (small[:, 90] == 200).all()


def test_the_newest_question_is_the_one_that_is_answered():
    gate = threading.Event()
    thinker = InferenceThread(lambda about: (gate.wait(60), np.full((1, 6), about))[1], lambda: None, threads=1)
    thinker.ask(1.0, 1)
    wait_until(lambda: thinker._busy)
    thinker.ask(2.0, 2)
    thinker.ask(3.0, 3)
    gate.set()
    wait_until(lambda: not (thinker._busy or thinker._question) and thinker._answer)
    assert thinker.take().asked_s == 3.0
    thinker.close()


class Leader(LoopTeleoperator):
    """A person's device that is wherever it is put."""

    is_connected, pose = True, np.zeros(6, np.float32)

    def get_action(self) -> dict:
        return dict(zip(FEATURE_NAMES, map(float, self.pose), strict=True))

    def disconnect(self) -> None:
        pass


@pytest.fixture
def shared(hand, monkeypatch):
    """(a policy that may be interrupted, the person's device, a bench)"""
    person = Leader()
    person.pose = np.array([40, -30, 20, 10, 0, 60], np.float32)  # anywhere
    takeover = Takeover(hand, person)
    takeover.connect = lambda: None
    takeover._connected = True
    takeover.reset()
    return takeover, person, Bench(takeover)


def test_nobody_jumps_when_a_person_takes_over_or_hands_back(slow, shared, monkeypatch):
    """The policy thinks all the while."""
    takeover, person, bench = shared
    poses = [bench.look(monkeypatch) for _ in range(20)]
    assert not takeover.intervening
    for _ in range(20):
        person.pose = person.pose + np.array([1, 0, 0, 0, 0, -2], np.float32)
        poses.append(bench.look(monkeypatch))
    assert takeover.intervening
    assert "you move it" in takeover.status
    takeover.toggle()
    poses += [bench.look(monkeypatch) for _ in range(3)]
    slow.go.set()
    assert not takeover.intervening
    steps = np.abs(np.diff(poses[10:], axis=0))
    assert steps[9:].max() <= 2.01  # what the person moved in a period, and no more
    assert poses[-1][0] > poses[18][0] + 10


def test_nobody_jumps_where_the_policy_moves_the_arm_meanwhile(shared, monkeypatch):
    takeover, person, bench = shared
    thinker = takeover.policy._inference

    def look() -> tuple[bool, np.ndarray]:
        """Whether a person moves the arm, and where to, once the policy has thought."""
        pose = bench.look(monkeypatch)
        wait_until(lambda: not (thinker._busy or thinker._question))
        return takeover.intervening, pose

    looks = [look() for _ in range(20)]
    assert not takeover.intervening
    for _ in range(20):
        person.pose = person.pose + np.array([1, 0, 0, 0, 0, -2], np.float32)
        looks.append(look())
    assert takeover.intervening
    assert "you move it" in takeover.status
    takeover.toggle()
    looks.append(look())
    assert not takeover.intervening
    taken = [intervening for intervening, _ in looks].index(True)
    poses = np.array([pose for _, pose in looks])
    steps = np.abs(np.diff(poses[taken - 1 :], axis=0))
    assert steps.max() <= 2.01  # what the person moved in a period, and no more
    assert taken < 25 and poses[-1][0] > poses[taken][0] + 10


class Keys(JogTeleoperator):
    """Keys that are held or not."""

    name, held = "keys", 0.0

    def _move(self, now_s, dt_s, here):
        return self.jogger.move(np.array([0, self.held, 0, 0, 0, 0]), dt_s, here)


def test_a_key_that_is_still_held_does_not_undo_handing_back(hand, monkeypatch):
    keys = Keys(TeleoperatorConfig())
    takeover = Takeover(hand, keys)
    takeover._connected = keys._connected = True
    takeover.reset()
    bench = Bench(takeover)

    def moved_by_a_person(held: float) -> bool:
        keys.held = held
        bench.look(monkeypatch)
        return takeover.intervening

    assert [moved_by_a_person(held) for held in (0, 0, 1, 1)] == [False, False, True, True]
    takeover.toggle()
    assert [moved_by_a_person(held) for held in (1, 1, 0, 1)] == [False, False, False, True]


def test_a_gripper_that_is_open_in_the_hand_can_still_close(shared, monkeypatch):
    takeover, person, bench = shared
    bench.look(monkeypatch)
    takeover.toggle()
    bench.look(monkeypatch)
    for gripper in (80.0, 100.0, 60.0, 20.0, 0.0):
        person.pose = np.array([40, -30, 20, 10, 0, gripper], np.float32)
        closed = bench.look(monkeypatch)[-1]
    assert closed == kinematics.ACTION_LOW[-1]
    person.pose = np.array([40, -30, 20, 10, 0, 30], np.float32)
    assert bench.look(monkeypatch)[-1] == pytest.approx(30, abs=0.1)


def test_a_leader_that_trembles_or_sinks_takes_nothing_over(shared, monkeypatch):
    takeover, person, bench = shared
    rng = np.random.default_rng(0)
    for _ in range(300):
        person.pose = person.pose + np.float32(0.03) + rng.normal(0, 0.2, 6).astype(np.float32) * 0.1
        bench.look(monkeypatch)
    assert not takeover.intervening


def test_a_new_episode_is_the_policys(shared, monkeypatch):
    takeover, _, bench = shared
    takeover.toggle()
    bench.look(monkeypatch)
    assert takeover.intervening
    takeover.reset()
    bench.look(monkeypatch)
    assert not takeover.intervening
