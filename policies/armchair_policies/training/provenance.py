"""The provenance of a policy and of its score: the data, the weights, the software and the machine."""

import platform
import subprocess
from collections.abc import Iterable, Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from armchair_core.dataset_format.info import INFO, STATS
from armchair_core.dataset_format.tables import DATA, EPISODES, TASKS
from armchair_core.processes.parallel import default_workers
from armchair_core.versions import versions
from armchair_policies.training.training_data import TrainingData
from armchair_robot.rollout.policy_json import damaged, read_json
from armchair_robot.rollout.processor_files import PROCESSOR_FILES


def training_provenance(tables: TrainingData, held_out: list[int], run: dict[str, Any]) -> dict[str, Any]:
    """Return what evaluation must know to be fair, and a person to repeat the training. `run` adds its own facts.

    `task` and `training_seeds` are there only if the dataset names them: one recorded elsewhere does not.
    """
    return {
        "policy": "nano",
        **_of_datasets(tables.provenances),
        "dataset": " + ".join(map(str, tables.roots)),
        "dataset_sha256": " + ".join(map(dataset_sha256, tables.roots)),
        "sentences": list(tables.sentences),
        "intervention_frames": int(tables.intervention.sum()),
        "episodes": len(tables.episodes),
        "held_out_episodes": held_out,
        "frames": len(tables.state),
        "fps": tables.fps,
        "robot_type": tables.info.robot_type,
        "joint_names": tables.joint_names,
        "units": tables.units,
        "cameras": list(tables.cameras),
        **run,
        "versions": versions(),
    }


def _of_datasets(abouts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what all of the datasets say of themselves, and every seed that one of them was recorded with."""
    agreed = {
        name: abouts[0][name]
        for name in ("task", "hand", "disturbed", "desks")
        if all(name in about and about[name] == abouts[0][name] for about in abouts)
    }
    tasks = sorted({about["task"] for about in abouts if "task" in about})
    seeds = sorted({seed for about in abouts for seed in about.get("seeds", ())})
    return agreed | ({"tasks": tasks} if len(tasks) > 1 else {}) | ({"training_seeds": seeds} if seeds else {})


def lerobot_provenance(folder: Path) -> dict[str, Any]:
    """Return the same, as far as the train_config.json of stock `lerobot-train` tells it ({} without one).

    Raises:
        ArmchairError: if that is damaged.
    """
    file = folder / "train_config.json"
    if not file.exists():
        return {}
    config = read_json(file)
    policy, dataset = (config.get(name) or {} for name in ("policy", "dataset"))
    if not isinstance(policy, dict) or not isinstance(dataset, dict):
        raise damaged(file, "its policy and its dataset are no objects")
    told = {
        "policy": policy.get("type"),
        "dataset": dataset.get("repo_id"),
        "dataset_revision": dataset.get("revision"),
        "steps": int(folder.parent.name) if folder.parent.name.isdigit() else None,
        "seed": config.get("seed"),
        "batch_size": config.get("batch_size"),
    }
    return {name: value for name, value in told.items() if value is not None}


def policy_sha256(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of *.safetensors, config.json and the two processor files."""
    described = (folder / name for name in ("config.json", *PROCESSOR_FILES))
    return _sha256(folder, [*folder.glob("*.safetensors"), *described])


def dataset_sha256(root: Path) -> str:
    """Return the SHA-256 over the names and bytes of a LeRobotDataset's numbers: info, stats, tasks, episodes and data.

    Videos, which may be gigabytes, count through their statistics in meta/stats.json.
    """
    described = (root / name for name in (INFO, STATS, TASKS))
    parquets = (path for part in (EPISODES, DATA) for path in (root / part).rglob("*.parquet"))
    return _sha256(root, [*(path for path in described if path.exists()), *parquets])


def _sha256(root: Path, paths: Iterable[Path]) -> str:
    whole = sha256()
    for path in sorted(paths):
        with path.open("rb") as file:
            whole.update(path.relative_to(root).as_posix().encode() + b"\0" + file_digest(file, "sha256").digest())
    return whole.hexdigest()


def machine() -> dict[str, str | int]:
    """Return what computed a score: the processor's name, how many cores could be used, and the operating system."""
    return {"cpu": _cpu(), "cores": default_workers(), "platform": platform.platform()}


def _cpu() -> str:
    if platform.system() == "Linux":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return names[0] if names else platform.machine()
    if platform.system() == "Darwin":
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True).stdout.strip() or platform.machine()
    return platform.processor() or platform.machine()
