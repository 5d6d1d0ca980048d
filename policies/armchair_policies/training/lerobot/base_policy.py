"""The base policy of a training: whether a checkpoint suits a dataset. Reads JSON and small tensors."""

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_policies.training.lerobot.dataset_checks import DatasetFacts
from armchair_policies.training.units import guess_units
from armchair_robot.rollout.policy_folder import PolicyFolder, open_policy_folder
from armchair_robot.rollout.rename_map import rename_map


def check_base(checkpoint: Path, facts: DatasetFacts) -> PolicyFolder:
    """Return the checked policy to start from.

    Raises:
        ArmchairError: if it is none, is not safe to open, or was made for other cameras, joints or units than the
            dataset's.
    """
    base = open_policy_folder(checkpoint)
    if base.cameras != facts.cameras:
        raise ArmchairError(
            f"the policy in {base.path} looks through {_listed(base.cameras)}, but {facts.root} has "
            f"{_listed(facts.cameras)}: record with its cameras, or train anew without --from{_or_rename(base, facts)}."
        )
    if facts.joints and facts.joints != FEATURE_NAMES:  # those of every policy that could be opened
        raise ArmchairError(
            f"the policy in {base.path} moves the joints {', '.join(FEATURE_NAMES)}, but those of {facts.root} are "
            f"{', '.join(facts.joints)}: record with the same arm, or train anew without --from."
        )
    theirs, ours = _units(base), facts.units
    if None not in (theirs, ours) and theirs != ours:
        raise ArmchairError(
            f"the policy in {base.path} counts in {theirs} and {facts.root} in {ours}: "
            "record with the same units (LeRobot's use_degrees), or train anew without --from."
        )
    return base


def _or_rename(base: PolicyFolder, facts: DatasetFacts) -> str:
    option = rename_map(facts.cameras, base.cameras)
    return f", or let LeRobot's own training rename them, with {option}" if option else ""


def _units(base: PolicyFolder) -> str | None:
    """Return what the actions that the policy was trained on seem to count in."""
    for file in base.path.glob("policy_postprocessor*.safetensors"):
        known = load_file(file)
        if {"action.min", "action.max"} <= known.keys():
            low, high = (np.asarray(known[f"action.{end}"], dtype=np.float64) for end in ("min", "max"))
            return guess_units(FEATURE_NAMES, low, high)
    return None


def _listed(cameras: dict[str, tuple[int, int]]) -> str:
    described = (f"{name} ({height} x {width})" for name, (height, width) in sorted(cameras.items()))
    return ", ".join(described) or "no camera"
