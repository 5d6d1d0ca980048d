"""Where a training may run, and what is said before anything leaves the machine."""

import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.training.lerobot.targets import hf_plan, hf_words, read_target


def test_targets():
    assert read_target(None) == (1, None)
    assert read_target("torchrun:4") == (4, None)
    assert read_target("hf:a10g-small") == (1, "a10g-small")


@pytest.mark.parametrize("target", ["torchrun", "torchrun:0", "torchrun:two", "hf", "hf:", "ssh:host"])
def test_other_targets_are_refused(target):
    with pytest.raises(ArmchairError, match="use --target torchrun:2 or --target hf:a10g-small"):
        read_target(target)


def test_the_plan_names_what_leaves_the_machine(job):
    said = "\n".join(hf_plan(job("act", 5000), "a10g-small", "me/reach", wandb=False))
    assert "me/reach" in said and "HF_TOKEN" in said and "pays by the minute" in said
    assert "WANDB_API_KEY" not in said
    assert "WANDB_API_KEY" in "\n".join(hf_plan(job("act", 5000), "a10g-small", "me/reach", wandb=True))


def test_lerobot_reads_the_line_as_a_job_for_hugging_face(job):
    import draccus
    import lerobot.policies  # noqa: F401 - registers LeRobot's own
    from lerobot.configs.train import TrainPipelineConfig

    config = draccus.parse(TrainPipelineConfig, args=hf_words(job("act", 5000), "a10g-small", "me/reach", wandb=True))
    assert config.job.is_remote and config.job.target == "a10g-small"
    assert config.dataset.repo_id == "me/reach" and config.dataset.root is None
    assert config.wandb.enable and config.steps == 5000


@pytest.mark.parametrize(
    ("policy", "steps", "sentence"), [("nano", 5, "does not know nano"), ("act", 0, "use --steps 50000")]
)
def test_what_cannot_run_there(job, policy, steps, sentence):
    with pytest.raises(ArmchairError, match=sentence):
        hf_words(job(policy, steps), "a10g-small", "me/reach", wandb=False)
