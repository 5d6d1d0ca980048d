"""The base of a nano policy's training: the weights that it begins with, with their statistics and words.

A base has seen many desks, and a new task takes it minutes instead of hours. Its statistics are kept, since its weights
count in them, and its vocabulary gains the words that only the new sentences have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lerobot.processor import PolicyProcessorPipeline

from armchair_core.dataset_format.columns import ACTION, IMAGE_PREFIX, STATE
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_policies.nano.instruction import vocabulary
from armchair_policies.nano.modeling_nano import NanoPolicy
from armchair_policies.training.provenance import policy_sha256
from armchair_policies.training.training_data import TrainingData
from armchair_robot.rollout.policy import load_policy
from armchair_robot.rollout.policy_folder import PolicyFolder, open_policy_folder

_HEAD = "head.0.weight"  # [hidden, seen + state + told]: what the sentence adds comes last
_WORDS = "instruction.embeddings.weight"  # [words, word_dim]


@dataclass(frozen=True)
class Base:
    """A nano policy to begin with, and what scales its joint positions and actions."""

    policy: NanoPolicy
    preprocess: PolicyProcessorPipeline[Any, Any]
    postprocess: PolicyProcessorPipeline[Any, Any]
    sha256: str | None = None  # of its folder; None for one that knows nothing


def open_base(path: Path, tables: TrainingData) -> Base:
    """Return the base in `path`, which knows the words of the dataset's sentences, too.

    Raises:
        ArmchairError: if there is no nano policy, or it was made for another arm or other cameras.
    """
    found = open_policy_folder(path, any_robot=tables.joint_names != list(FEATURE_NAMES))
    if reason := why_unsuited(found, tables):
        raise ArmchairError(f"the policy in {found.path} {reason}: record alike, or train anew without --from.")
    policy, before, after = load_policy(found)
    return Base(with_sentences(policy, tables.sentences), before, after, policy_sha256(found.path))


def why_unsuited(base: PolicyFolder, tables: TrainingData) -> str | None:
    """Return why a training on `tables` cannot begin with `base`, a predicate; None if it can. Reads no weights."""
    if base.config.get("type") != "nano":
        return f"is of the type {base.config.get('type')}, not nano"
    shown = sorted(key.removeprefix(IMAGE_PREFIX) for key in tables.cameras)
    if sorted(base.cameras) != shown:
        return f"looks through {' and '.join(sorted(base.cameras))}, but {tables.name} has {' and '.join(shown)}"
    theirs, ours = base.config.get("action_feature_names"), tables.joint_names
    if ours and theirs and list(theirs) != ours:
        return f"moves {', '.join(theirs)}, but {tables.name} has {', '.join(ours)}"
    for side, key, values in (("input_features", STATE, tables.state), ("output_features", ACTION, tables.action)):
        shape = (base.config.get(side) or {}).get(key, {}).get("shape")
        if shape != [values.shape[1]]:
            return f"has {key} of {shape}, but {tables.name} has {values.shape[1]} numbers of it"
    units, known = tables.units, base.provenance.get("units")
    return None if None in (units, known) or units == known else f"counts in {known}, but {tables.name} in {units}"


def with_sentences(policy: NanoPolicy, sentences: Sequence[str]) -> NanoPolicy:
    """Return a policy that tells these sentences apart as well, and does at those that it knows what it did before.

    One that knew a single task only, and is to learn a single one, goes on without words.
    """
    known = policy.config.vocabulary
    if not known and len(sentences) <= 1:
        return policy
    new = [word for word in vocabulary(sentences) if word not in known]
    if not new:
        return policy
    grown = NanoPolicy(replace(policy.config, vocabulary=[*known, *new]))
    weights, theirs = grown.state_dict(), policy.state_dict()
    with torch.no_grad():
        if known:
            weights[_WORDS][: len(known)] = theirs.pop(_WORDS)
        else:
            seen = theirs.pop(_HEAD)
            weights[_HEAD].zero_()[:, : seen.shape[1]] = seen
        for name, values in theirs.items():
            weights[name].copy_(values)
    return grown
