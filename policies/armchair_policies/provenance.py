"""Where a policy comes from: armchair.json beside its weights. No I/O."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from armchair_policies.tables import Tables

PACKAGES = ("lerobot_robot_armchair", "lerobot", "torch")


def training_provenance(tables: Tables, held_out: list[int], run: dict[str, Any]) -> dict[str, Any]:
    """What evaluation must know to be fair, and a person to repeat the training. `run` adds its own facts.

    `task` and `training_seeds` are there only if the dataset names them: one recorded elsewhere does not.
    """
    known = {"task": "task", "seeds": "training_seeds", "hand": "hand", "disturbed": "disturbed"}
    from_dataset = {ours: tables.provenance[key] for key, ours in known.items() if key in tables.provenance}
    return {
        "policy": "nano",
        **from_dataset,
        "dataset": str(tables.root),
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


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
