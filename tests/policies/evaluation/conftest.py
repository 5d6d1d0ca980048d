"""A policy that knows nothing, for tests of how policies are judged."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from armchair_sim.seeds import FIRST_EVALUATION_SEED as FIRST


@pytest.fixture(scope="session")
def save_untrained(tmp_path_factory) -> Callable[[int], Path]:
    """Saves a nano policy for square pictures of so many pixels, with its processors, as training saves one."""

    def save(size: int) -> Path:
        import torch
        from lerobot.configs import FeatureType, PolicyFeature
        from lerobot.policies.factory import get_policy_class, make_policy_config, make_pre_post_processors
        from lerobot.utils.import_utils import register_third_party_plugins

        register_third_party_plugins()
        torch.manual_seed(0)
        cameras = [f"observation.images.{name}" for name in ("front", "wrist")]
        joints = PolicyFeature(FeatureType.STATE, (6,))
        features = {key: PolicyFeature(FeatureType.VISUAL, (3, size, size)) for key in cameras}
        config = make_policy_config(
            "nano",
            input_features=features | {"observation.state": joints},
            output_features={"action": PolicyFeature(FeatureType.ACTION, (6,))},
            device="cpu",
        )
        six = {"mean": torch.zeros(6), "std": torch.full((6,), 20.0)}
        folder = tmp_path_factory.mktemp("untrained") / "checkpoints" / "000000" / "pretrained_model"
        get_policy_class("nano")(config).save_pretrained(folder)
        for processor in make_pre_post_processors(config, dataset_stats={"action": six, "observation.state": six}):
            processor.save_pretrained(folder)
        about = {"policy": "nano", "task": "reach", "training_seeds": [*range(5), FIRST + 50]}
        (folder / "armchair.json").write_text(json.dumps(about))
        return folder

    return save


@pytest.fixture(scope="session")
def untrained(save_untrained) -> Path:
    """One for pictures of 64 pixels."""
    return save_untrained(64)
