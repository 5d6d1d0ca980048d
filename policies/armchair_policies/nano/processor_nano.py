"""The processors in front of and behind a nano policy: LeRobot's own scaling, with a floor under the spread."""

from typing import Any

import numpy as np
from lerobot.processor import PolicyAction, PolicyProcessorPipeline, make_default_pre_post_processors
from lerobot.utils.constants import ACTION, OBS_STATE

from armchair_policies.nano.configuration_nano import NanoConfig

# A joint that moved less than this fraction of the widest one carries noise only.
LEAST_RELATIVE_SPREAD = 1e-3

Stats = dict[str, dict[str, Any]]


def make_nano_pre_post_processors(
    config: NanoConfig, dataset_stats: Stats | None = None
) -> tuple[
    PolicyProcessorPipeline[dict[str, Any], dict[str, Any]],
    PolicyProcessorPipeline[PolicyAction, PolicyAction],
]:
    """Return what scales joint positions and actions by the dataset's mean and standard deviation, and back."""
    stats = None if dataset_stats is None else {**dataset_stats, **_floored(dataset_stats)}
    return make_default_pre_post_processors(config, stats, normalizer_device=config.device)


def _floored(stats: Stats) -> Stats:
    """Return the statistics of state and action with no standard deviation near zero.

    LeRobot divides by std + 1e-8, so a joint that stood still while recording would turn the smallest
    movement into a huge input.
    """
    floored = {}
    for key in (OBS_STATE, ACTION):
        if "std" in stats.get(key, {}):
            std = np.asarray(stats[key]["std"], dtype=np.float64)
            least = max(LEAST_RELATIVE_SPREAD * std.max(initial=0.0), 1e-6)
            floored[key] = {**stats[key], "std": np.maximum(std, least)}
    return floored
