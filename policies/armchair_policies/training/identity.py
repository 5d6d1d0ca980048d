"""The identity of a training run: the data that its checkpoints have learnt from.

A checkpoint's armchair.json holds the SHA-256 of each dataset's numbers. Checkpoints without (old ones, and those that
stock `lerobot-train` began) are known by the statistics in their normaliser.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from armchair_core.dataset_format.columns import ACTION, STATE
from armchair_core.errors import ArmchairError
from armchair_policies.training.provenance import dataset_sha256
from armchair_policies.training.training_data import TrainingData

_STATISTICS = ("mean", "min", "max")  # not the spread, which some policies give a floor
_RELATIVE, _ABSOLUTE = 1e-4, 1e-3  # how far sums of float32 may be off, in the arm's units


def check_same_data(out: Path, model: Path, tables: TrainingData) -> None:
    """Raise ArmchairError if the run in `out`, with a checkpoint's `model`, learnt from other data than `tables`."""
    known = _object(model / "armchair.json")
    learnt = known.get("dataset") or _root(_object(model / "train_config.json"))
    given = " + ".join(map(str, tables.roots))
    if _is_same(known, model, tables, learnt, given):
        return
    if learnt in (None, given):
        raise ArmchairError(
            f"{out} was begun with other data than {given} holds now: go on with the dataset as it was then, or train "
            "anew into another --out."
        )
    raise ArmchairError(
        f"{out} was begun with {learnt}, not with {given}: name that dataset, or train anew into another --out."
    )


def _is_same(known: dict[str, Any], model: Path, tables: TrainingData, learnt: str | None, given: str) -> bool:
    if "dataset_sha256" in known:
        return known["dataset_sha256"] == " + ".join(map(dataset_sha256, tables.roots))
    if known.get("sentences") not in (None, list(tables.sentences)):
        return False
    pairs = _comparable(_normalised_by(model), tables)
    if not pairs:  # a policy that normalises nothing, or in a way of its own
        return learnt is None or Path(learnt).resolve() == Path(given).resolve()
    return all(np.allclose(before, now, _RELATIVE, _ABSOLUTE) for before, now in pairs)


def _comparable(normalised_by: dict[str, np.ndarray], tables: TrainingData) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return pairs of statistics: those of the checkpoint, and those of the data."""
    now = {
        f"{key}.{name}": getattr(values.astype(np.float64), name)(axis=0)
        for key, values in ((STATE, tables.state), (ACTION, tables.action))
        for name in _STATISTICS
        if values.size
    }
    return [
        (normalised_by[name], values)
        for name, values in now.items()
        if name in normalised_by and normalised_by[name].shape == values.shape
    ]


def _normalised_by(model: Path) -> dict[str, np.ndarray]:
    files = sorted(model.glob("policy_preprocessor_step_*_normalizer_processor.safetensors"))
    return load_file(files[0]) if files else {}


def _root(train_config: dict[str, Any]) -> str | None:
    dataset = train_config.get("dataset") or {}
    return dataset.get("root") or dataset.get("repo_id")


def _object(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
