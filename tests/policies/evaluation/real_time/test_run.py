"""Other LeRobot policies than ours, live on a running twin: ACT, and Diffusion, which thinks longer than it plans."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import START
from armchair_datasets.recording.real_time.session import SessionOperator
from armchair_policies.evaluation.real_time.run import RealTimeRequest, evaluate_real_time, prepare_real_time
from armchair_robot.arm_options import ArmOptions

ARMCHAIR = Path(sys.executable).parent / "armchair"


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """A running twin with the task reach."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARMCHAIR_RUNTIME", str(tmp_path_factory.mktemp("exam") / "run"))
        command = [ARMCHAIR, "twin", "--json", "--task", "reach", "--hand", "still"]
        running = subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, text=True)
        assert running.stdout.readline()
        yield
        running.terminate()
        running.wait(timeout=20)


def save(folder: Path, kind: str, **options) -> Path:
    """An untrained policy of LeRobot's that stays near where episodes start."""
    from lerobot.configs import FeatureType, PolicyFeature
    from lerobot.policies.factory import get_policy_class, make_policy_config, make_pre_post_processors

    torch.manual_seed(0)
    pictures = {
        f"observation.images.{name}": PolicyFeature(FeatureType.VISUAL, (3, 64, 64)) for name in ("front", "wrist")
    }
    config = make_policy_config(
        kind, device="cpu", pretrained_backbone_weights=None,
        input_features=pictures | {"observation.state": PolicyFeature(FeatureType.STATE, (6,))},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (6,))}, **options,
    )  # fmt: skip
    start = torch.tensor(START).float()
    joints = {"mean": start, "std": torch.ones(6), "min": start - 1, "max": start + 1}
    camera = {"mean": torch.zeros(3, 1, 1), "std": torch.ones(3, 1, 1)}
    stats = {"action": joints, "observation.state": joints, **dict.fromkeys(pictures, camera)}
    get_policy_class(kind)(config).save_pretrained(folder)
    for processor in make_pre_post_processors(config, dataset_stats=stats):
        processor.save_pretrained(folder)
    return folder


def run(policy: Path, out: Path, seconds: float = 4.0) -> tuple[dict, set[str]]:
    """One trial: its eval.json, and what was said of the policy meanwhile."""
    exam = prepare_real_time(RealTimeRequest(str(policy), ArmOptions("twin"), 1, 100_000, seconds, 0.5))
    said, operator = set(), SessionOperator()
    operator.show = lambda now: said.add(now.status)
    result, end = evaluate_real_time(exam, out, operator)
    assert (end.halted, end.silent) == ("", [])
    assert result.episodes == 1
    return json.loads((out / "eval.json").read_text()), said


def small_act(folder: Path, **options) -> Path:
    return save(
        folder, "act", chunk_size=20, n_action_steps=20, dim_model=32, n_heads=2, dim_feedforward=64,
        n_encoder_layers=1, n_vae_encoder_layers=1, **options,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.usefixtures("twin", "steady_driver")
def test_act_with_chunks_and_with_temporal_ensembling(tmp_path):
    score, said = run(small_act(tmp_path / "act"), tmp_path / "report")
    assert score["control"]["rate_hz"] > 10
    assert "the policy thinks, the arm holds still" not in " ".join(said)
    config = json.loads((tmp_path / "act" / "config.json").read_text())
    ensembling = config | {"n_action_steps": 1, "temporal_ensemble_coeff": 0.01}
    (tmp_path / "act" / "config.json").write_text(json.dumps(ensembling))
    score, _ = run(tmp_path / "act", tmp_path / "ensembling")
    assert score["control"]["rate_hz"] > 10


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.usefixtures("twin", "steady_driver")
def test_diffusion_that_thinks_longer_than_its_actions_last_holds_and_says_so(tmp_path):
    pytest.importorskip("diffusers", reason="LeRobot's extra `diffusion` is not installed")
    size = {"horizon": 8, "n_action_steps": 4, "down_dims": (32, 64), "crop_shape": None}
    quick = save(tmp_path / "quick", "diffusion", num_inference_steps=2, **size)
    score, _ = run(quick, tmp_path / "report")
    assert score["control"]["rate_hz"] > 10, "thinking never delays the loop"
    slow = save(tmp_path / "slow", "diffusion", num_inference_steps=100, **size)
    score, said = run(slow, tmp_path / "slow-report", 6.0)
    assert score["control"]["rate_hz"] > 10
    assert score["control"]["slowest_ms"] > 500
    assert "s: the policy thinks, the arm holds still" in " ".join(said)


def test_a_policy_whose_extra_is_missing_is_refused_in_a_sentence(tmp_path):
    from lerobot.policies.smolvla.configuration_smolvla import SmolVLAConfig

    from armchair_robot.rollout.policy import LoadedPolicy
    from armchair_robot.rollout.policy_folder import open_policy_folder

    if find_spec("transformers"):
        pytest.skip("LeRobot's extra `smolvla` is installed")
    SmolVLAConfig(device="cpu").save_pretrained(small_act(tmp_path))
    with pytest.raises(ArmchairError, match=r"kind smolvla needs more of .* `.*pip install .*'lerobot\[smolvla\]'`"):
        LoadedPolicy(open_policy_folder(tmp_path), "Pick.")
