"""The learner of a nano policy: its weights, their running average and the optimizer."""

import json
import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lerobot.configs import FeatureType, PolicyFeature

from armchair_core.dataset_format.columns import ACTION, STATE
from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_policies.nano.instruction import vocabulary
from armchair_policies.nano.modeling_nano import NanoPolicy
from armchair_policies.nano.processor_nano import make_nano_pre_post_processors
from armchair_policies.training.checkpoint import POLICY_FOLDER, STATE_FOLDER, read_training_state, write_training_state
from armchair_policies.training.nano.base import Base
from armchair_policies.training.training_data import TrainingData

WARM_UP_FRACTION = 0.02
AVERAGE_DECAY = 0.999
FORESIGHT_TICKS = [16, 32, 64]  # half a second, one and two at 30 Hz


class Learner:
    """A policy in training: everything that a checkpoint holds. `average` is the policy that is judged and saved."""

    def __init__(self, tables: TrainingData, seed: int, base: Base | None = None) -> None:
        torch.manual_seed(seed)
        begun = base or _nothing(tables)
        self.policy, self.preprocess, self.postprocess = begun.policy, begun.preprocess, begun.postprocess
        self.config = self.policy.config
        self.policy.train()
        self.average = deepcopy(self.policy).eval().requires_grad_(False)
        preset = self.config.get_optimizer_preset()
        self.optimizer = torch.optim.AdamW(
            self.policy.parameters(), lr=preset.lr, weight_decay=preset.weight_decay, fused=True
        )
        self.step = 0

    @property
    def learning_rate(self) -> float:
        """That of the last step."""
        return self.optimizer.param_groups[0]["lr"]

    def update(self, batch: dict[str, Any], progress: float) -> float:
        """Take one step of AdamW at `progress` (0 to 1) of the run; return the error in the actions before it."""
        self.optimizer.param_groups[0]["lr"] = scheduled_rate(self.config.optimizer_lr, progress)
        self.optimizer.zero_grad()
        loss, info = self.policy(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self.config.optimizer_grad_clip_norm)
        self.optimizer.step()
        self.step += 1
        self._average()
        return info["l1_loss"]

    @torch.no_grad()
    def _average(self) -> None:
        # Early on the average follows closely, or it would remember the random start for 1,000 steps.
        decay = min(AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.policy.parameters()), 1 - decay)

    @torch.inference_mode()
    def validate(self, batches: list[dict[str, Any]]) -> float:
        """Return the averaged policy's mean loss over batches of equal weight, without augmentation."""
        return float(np.mean([self.average(batch)[0].item() for batch in batches]))

    def write(self, folder: Path, facts: dict[str, Any], provenance: dict[str, Any]) -> None:
        """Fill the folder of a checkpoint. Resuming continues from `facts`; `provenance` is for readers."""
        model = folder / POLICY_FOLDER
        self.average.save_pretrained(model)
        self.preprocess.save_pretrained(model)
        self.postprocess.save_pretrained(model)
        (model / "armchair.json").write_text(json.dumps(provenance, indent=2))
        write_training_state(folder / STATE_FOLDER, self.policy, self.optimizer, facts)

    def read(self, checkpoint: Path, step: int) -> None:
        """Continue from a checkpoint that `write` filled."""
        read_training_state(checkpoint, self.policy, self.average, self.optimizer)
        self.step = step


def _nothing(tables: TrainingData) -> Base:
    """Return a policy that knows nothing, scaled by the dataset's own statistics."""
    config = nano_config(tables)
    stats = {STATE: _stats(tables.state), ACTION: _stats(tables.action)}
    return Base(NanoPolicy(config), *make_nano_pre_post_processors(config, stats))


def nano_config(tables: TrainingData) -> NanoConfig:
    """Return the default policy for a dataset's cameras, joints and actions."""
    pictures = {key: PolicyFeature(FeatureType.VISUAL, (3, *tables.info.features[key].size)) for key in tables.cameras}
    inputs = {**pictures, STATE: PolicyFeature(FeatureType.STATE, (tables.state.shape[1],))}
    outputs = {ACTION: PolicyFeature(FeatureType.ACTION, (tables.action.shape[1],))}
    return NanoConfig(
        input_features=inputs,
        output_features=outputs,
        device="cpu",
        push_to_hub=False,
        action_feature_names=tables.joint_names,
        foresight_ticks=FORESIGHT_TICKS,
        vocabulary=vocabulary(tables.sentences) if len(tables.sentences) > 1 else [],
    )


def scheduled_rate(peak: float, progress: float) -> float:
    """Return the learning rate: a short linear warm-up, then half a cosine down to zero. `progress` is 0 to 1."""
    warm_up = min(1.0, 0.05 + progress / WARM_UP_FRACTION)
    return peak * warm_up * 0.5 * (1 + math.cos(math.pi * progress))


def _stats(values: np.ndarray) -> dict[str, np.ndarray]:
    return {"mean": values.mean(axis=0, dtype=np.float64), "std": values.std(axis=0, dtype=np.float64)}
