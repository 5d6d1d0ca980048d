"""A stock LeRobot policy as a hand: a tiny ACT as `lerobot-train` saves it, asking for ImageNet weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from armchair_core.errors import ArmchairError
from armchair_robot.rollout.pace import PolicyPace
from armchair_robot.rollout.policy import PolicyTeleoperator

IMAGENET = "ResNet18_Weights.IMAGENET1K_V1"


@pytest.fixture(scope="module")
def saved_act(tmp_path_factory) -> Path:
    from lerobot.configs import FeatureType, PolicyFeature
    from lerobot.policies.act.configuration_act import ACTConfig
    from lerobot.policies.act.modeling_act import ACTPolicy
    from lerobot.policies.factory import make_pre_post_processors

    picture = PolicyFeature(FeatureType.VISUAL, (3, 32, 32))
    joints = PolicyFeature(FeatureType.STATE, (6,))
    config = ACTConfig(
        input_features={"observation.images.front": picture, "observation.state": joints},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (6,))},
        pretrained_backbone_weights=None, dim_model=16, n_heads=2, dim_feedforward=16, n_encoder_layers=1,
        use_vae=False, chunk_size=4, n_action_steps=2, device="cpu",
    )  # fmt: skip
    one = {"mean": np.zeros(6, np.float32), "std": np.ones(6, np.float32)}
    images = {"mean": np.zeros((3, 1, 1), np.float32), "std": np.ones((3, 1, 1), np.float32)}
    stats = {"action": one, "observation.state": one, "observation.images.front": images}
    folder = tmp_path_factory.mktemp("act") / "pretrained_model"
    ACTPolicy(config).save_pretrained(folder)
    for processor in make_pre_post_processors(config, dataset_stats=stats):
        processor.save_pretrained(folder)
    saved = json.loads((folder / "config.json").read_text())
    saved |= {"pretrained_backbone_weights": IMAGENET, "device": "cuda"}
    (folder / "config.json").write_text(json.dumps(saved))
    return folder


@pytest.fixture
def act_folder(saved_act, tmp_path) -> Path:
    """A copy to spoil; the weights are linked."""
    folder = tmp_path / "policy"
    folder.mkdir()
    for file in saved_act.iterdir():
        (folder / file.name).symlink_to(file)
    return folder


def observation(seed: int) -> dict:
    rng = np.random.default_rng(seed)
    pictures = {name: rng.integers(0, 255, (32, 32, 3), np.uint8) for name in ("front", "wrist")}
    return {"pixels": pictures, "agent_pos": rng.normal(size=6).astype(np.float32)}


def test_an_action_for_each_observation_on_the_cpu_without_a_download(act_folder, monkeypatch):
    monkeypatch.setattr("torch.hub.load_state_dict_from_url", lambda *_, **__: pytest.fail("downloaded"))
    hand = PolicyTeleoperator(act_folder, "Touch the red ball.")
    actions = [hand.act(observation(seed)) for seed in range(3)]
    assert all(action.shape == (6,) and action.dtype == np.float32 for action in actions)
    assert np.isfinite(actions).all()


def test_reset_forgets_the_planned_actions(act_folder):
    hand = PolicyTeleoperator(act_folder, "Touch the red ball.")
    hand.act(observation(0))
    planned = hand.act(observation(1))
    hand.reset()
    assert not np.array_equal(hand.act(observation(1)), planned)


def test_a_policy_that_learnt_from_10_frames_a_second_acts_in_every_third_period(act_folder):
    spoil(act_folder / "armchair.json", {"fps": 10})
    slow, fast = (PolicyTeleoperator(act_folder, "Touch the red ball.") for _ in range(2))
    fast._pace = PolicyPace(30, 30)
    wanted = [fast.act(observation(0)) for _ in range(3)]
    held = [slow.act(observation(0)) for _ in range(9)]
    assert np.array_equal(held, np.repeat(wanted, 3, axis=0)) and not np.array_equal(wanted[0], wanted[1])


def test_loading_says_nothing(act_folder, capfd):
    PolicyTeleoperator(act_folder, "Touch the red ball.")
    assert capfd.readouterr() == ("", "")


def test_weights_of_another_network_are_refused(act_folder):
    replace_in_config(act_folder, dim_feedforward=24)
    with pytest.raises(ArmchairError, match=r"the weights in .* do not fit its config\.json"):
        PolicyTeleoperator(act_folder, "Touch the red ball.")


def test_a_kind_that_is_not_installed_is_named(act_folder):
    replace_in_config(act_folder, type="telepathy")
    with pytest.raises(ArmchairError, match="of the kind 'telepathy', which nothing installed here provides"):
        PolicyTeleoperator(act_folder, "Touch the red ball.")


def test_a_processor_that_is_code_does_not_run(act_folder, tmp_path, monkeypatch):
    marker = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Step: pass")
    monkeypatch.syspath_prepend(tmp_path)
    spoil(act_folder / "policy_preprocessor.json", {"name": "x", "steps": [{"class": "evil.Step"}]})
    with pytest.raises(ArmchairError, match="as code"):
        PolicyTeleoperator(act_folder, "Touch the red ball.")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda batch: 1 / 0, r"has failed \(division by zero\)"),
        (lambda batch: torch.full((1, 6), torch.nan), "no number"),
    ],
)
def test_a_policy_that_fails_while_it_acts_is_a_sentence(act_folder, answer, said):
    hand = PolicyTeleoperator(act_folder, "Touch the red ball.")
    hand._policy._policy.select_action = answer
    with pytest.raises(ArmchairError, match=said):
        hand.act(observation(0))


def replace_in_config(folder: Path, **changes) -> None:
    spoil(folder / "config.json", json.loads((folder / "config.json").read_text()) | changes)


def spoil(file: Path, content: dict) -> None:
    file.unlink(missing_ok=True)
    file.write_text(json.dumps(content))
