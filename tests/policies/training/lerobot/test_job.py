"""The command line is one that stock `lerobot-train` understands as it was meant."""

import sys

import pytest
from lerobot.configs import parser
from lerobot.configs.train import TrainPipelineConfig

from armchair_policies.training.lerobot.job import TrainingJob, lerobot_train_words
from armchair_policies.training.lerobot.presets import presets


@pytest.fixture
def parse(monkeypatch):
    """As `lerobot-train` reads its command line."""
    import lerobot.policies  # noqa: F401 - registers LeRobot's own

    def read(words: list[str]) -> TrainPipelineConfig:
        monkeypatch.setattr(sys, "argv", ["lerobot-train", *words])

        def keep(config: TrainPipelineConfig):
            return config

        config = parser.wrap()(keep)()
        config.validate()
        return config

    return read


def test_act_on_a_laptop_downloads_and_uploads_nothing(parse, job):
    config = parse(lerobot_train_words(job("act", 3000, seed=7)))
    assert config.policy.type == "act" and config.policy.device == "cpu"
    assert config.policy.pretrained_backbone_weights is None and not config.policy.push_to_hub
    assert config.policy.dim_model == 256 and config.policy.n_action_steps <= config.policy.chunk_size == 30
    assert (config.steps, config.seed, config.batch_size, config.num_workers) == (3000, 7, 8, 0)
    assert config.dataset.root and not config.wandb.enable and config.env_eval_freq == 0


def test_diffusion_on_a_laptop_thinks_in_few_steps(parse, job):
    policy = parse(lerobot_train_words(job("diffusion"))).policy
    assert policy.pretrained_backbone_weights is None and policy.num_inference_steps == 10
    assert tuple(policy.down_dims) == (64, 128, 256)


def test_a_gpu_gets_the_networks_that_lerobot_publishes(reach, tmp_path):
    words = lerobot_train_words(TrainingJob(reach, tmp_path / "out", "act", presets()["cuda"], 50_000))
    assert "--policy.device=cuda" in words
    assert not any("dim_model" in word for word in words)


@pytest.mark.parametrize("steps", [1, 20, 999, 3001, 100_000, 1_234_567])
def test_no_checkpoint_is_saved_before_its_loss_was_seen(job, steps):
    one = job(steps=steps)
    assert one.save_every % one.log_every == 0
    assert steps // one.log_every <= 2000 and steps // one.save_every <= 5


def test_a_policy_without_a_backbone_is_not_told_of_weights(job):
    assert not any("pretrained_backbone" in word for word in lerobot_train_words(job("tdmpc")))
