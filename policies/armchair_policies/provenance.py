"""Where a policy comes from: armchair.json beside its weights. No I/O."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from armchair_policies.tables import Tables

PACKAGES = ("lerobot_robot_armchair", "lerobot", "torch")


def training_provenance(tables: Tables, held_out: list[int], run: dict[str, Any]) -> dict[str, Any]:
    """What evaluation must know to be fair, and a person to repeat the training. `run` adds its own facts.

    `task` and `training_seeds` are there only if the dataset names them: one recorded elsewhere does not.
    """
    return {
        "policy": "nano",
        **_of_datasets(tables.provenances),
        "dataset": " + ".join(map(str, tables.roots)),
        "sentences": list(tables.sentences),
        "intervention_frames": int(tables.intervention.sum()),
        "episodes": len(tables.episodes),
        "held_out_episodes": held_out,
        "frames": len(tables.state),
        "fps": tables.fps,
        "robot_type": tables.info.get("robot_type"),
        "joint_names": tables.joint_names,
        "cameras": list(tables.cameras),
        **run,
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _of_datasets(abouts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all of the datasets say of themselves, and every seed that one of them was recorded with."""
    agreed = {
        name: abouts[0][name]
        for name in ("task", "hand", "disturbed")
        if all(name in about and about[name] == abouts[0][name] for about in abouts)
    }
    tasks = sorted({about["task"] for about in abouts if "task" in about})
    seeds = sorted({seed for about in abouts for seed in about.get("seeds", ())})
    return agreed | ({"tasks": tasks} if len(tasks) > 1 else {}) | ({"training_seeds": seeds} if seeds else {})


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
