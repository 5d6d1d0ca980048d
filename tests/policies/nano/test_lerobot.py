"""Nano through LeRobot's own doors: its factories, its trainer, its checkpoints."""

import os
import subprocess
import sys

import pytest
import torch
from lerobot.configs import PreTrainedConfig
from lerobot.datasets.dataset_metadata import LeRobotDatasetMetadata
from lerobot.policies.factory import make_policy, make_pre_post_processors

from armchair_policies.nano.modeling_nano import NanoPolicy
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest


@pytest.fixture(scope="module")
def policy_folder(discs, tmp_path_factory):
    return train(TrainRequest((discs,), tmp_path_factory.mktemp("ours") / "out", steps=2, batch_size=4))


def observe():
    """What a robot's observation looks like in front of the preprocessor: no batch dimension, floats."""
    torch.manual_seed(0)
    return {"observation.images.front": torch.rand(3, 96, 96), "observation.state": torch.randn(2) * 40}


def test_factories_load_what_armchair_trained(discs, policy_folder):
    config = PreTrainedConfig.from_pretrained(policy_folder)
    config.pretrained_path = policy_folder
    policy = make_policy(config, ds_meta=LeRobotDatasetMetadata("armchair/discs", root=discs))
    assert isinstance(policy, NanoPolicy) and not policy.training
    before, after = make_pre_post_processors(config, pretrained_path=policy_folder)
    action = after(policy.select_action(before(observe())))
    assert action.shape == (1, 2) and action.isfinite().all()


def test_scaling_survives_the_disk(discs, policy_folder):
    before, after = make_pre_post_processors(
        PreTrainedConfig.from_pretrained(policy_folder), pretrained_path=policy_folder
    )
    from armchair_policies.training.training_data import read_training_data

    tables = read_training_data(discs)
    scaled = before({"observation.state": torch.from_numpy(tables.state)})["observation.state"]
    torch.testing.assert_close(scaled.mean(0), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(scaled.std(0, correction=0), torch.ones(2), atol=1e-4, rtol=0)
    torch.testing.assert_close(after(torch.zeros(1, 2))[0], torch.from_numpy(tables.action.mean(0)))


def test_stock_lerobot_train(discs, tmp_path):
    command = [
        *[sys.executable, "-m", "lerobot.scripts.lerobot_train"],
        *["--dataset.repo_id=armchair/discs", f"--dataset.root={discs}", "--dataset.video_backend=pyav"],
        *["--policy.type=nano", "--policy.device=cpu", "--policy.push_to_hub=false"],
        "--policy.discover_packages_path=armchair_policies.nano",
        *[f"--output_dir={tmp_path / 'out'}", "--steps=3", "--batch_size=2", "--num_workers=0"],
        *["--log_freq=1", "--wandb.enable=false"],
    ]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"HF_HOME": str(tmp_path / "hf"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    folder = tmp_path / "out/checkpoints/last/pretrained_model"
    policy = NanoPolicy.from_pretrained(folder, strict=True)
    before, after = make_pre_post_processors(policy.config, pretrained_path=folder)
    assert after(policy.select_action(before(observe()))).isfinite().all()
    assert policy.config.action_feature_names == ["left.pos", "right.pos"]
