"""The facts on a card of a dataset or a policy: read from the files that are sent, and from the evaluation beside them.

Nothing here depends on the clock or the machine: the same files give the same card.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from armchair_core.dataset_format.about import ABOUT
from armchair_core.dataset_format.columns import IMAGE_PREFIX
from armchair_core.dataset_format.info import INFO
from armchair_datasets.card.json_file import read_json
from armchair_datasets.card.preview import Clip, first_episode
from armchair_datasets.card.subject import Subject
from armchair_datasets.quality.summary import summarise_dataset

_ARMS = {"so_follower": "SO-101", "so101_follower": "SO-101", "so100_follower": "SO-100"}
_TELEOPERATORS = {"expert": "a scripted expert", "leader": "a person with a leader arm"}


def dataset_facts(subject: Subject) -> dict[str, Any]:
    """Return what dataset.md.j2 tells of a dataset."""
    root, info = subject.folder, summarise_dataset(subject.folder)
    about, quality = read_json(root / ABOUT), read_json(root / "meta/quality.json")
    return {
        "tasks": info.tasks,
        "arm": _arm(info.robot_type, about),
        "cameras": [(name, width, height) for name, (height, width) in info.cameras.items()],
        "fps": info.fps,
        "clock": info.clock,
        "episodes": info.episodes,
        "frames": info.frames,
        "duration": _duration(info.frames / info.fps),
        "hand": _TELEOPERATORS.get(about.get("hand", ""), about.get("hand")),
        "about": about,
        "failures": Counter(about.get("skipped", {}).values()).most_common(),
        # A verdict on fewer episodes is an old one.
        "quality": quality.get("counts") if quality.get("episodes") == info.episodes else None,
        "clips": first_episode(root, read_json(root / INFO)),
    }


def policy_facts(subject: Subject) -> dict[str, Any]:
    """Return what policy.md.j2 tells of a policy."""
    config, about = read_json(subject.folder / "config.json"), read_json(subject.folder / "armchair.json")
    training = read_json(subject.folder / "train_config.json")  # LeRobot's own; ours tells in armchair.json
    report = _report(subject.folder, about)
    score = read_json(report / "eval.json") if report else {}
    features = config.get("input_features") or {}
    return {
        "type": config.get("type"),
        "task": about.get("task"),
        "instruction": score.get("instruction"),
        "arm": _arm(about.get("robot_type"), about) if about else None,
        "cameras": _cameras(features),
        "dataset": _dataset(about, training),
        "steps": about.get("steps") or training.get("steps"),
        "about": about,
        "score": score,
        "clips": _success(report) if report else [],
    }


def _arm(robot_type: str | None, about: Mapping[str, Any]) -> str:
    arm = _ARMS.get(robot_type or "", robot_type or "unknown")
    return f"{arm}, simulated" if about.get("task") else arm  # only the simulator's tasks have names


def _cameras(features: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int, int]]:
    """Return each camera's name, width and height in pixels."""
    cameras = []
    for key, feature in features.items():
        if key.startswith(IMAGE_PREFIX):
            _, height, width = feature["shape"]
            cameras.append((key.removeprefix(IMAGE_PREFIX), width, height))
    return cameras


def _dataset(about: Mapping[str, Any], training: Mapping[str, Any]) -> str | None:
    """Return a name for people: a repo's, or that of a folder without the way to it."""
    repo_id = (training.get("dataset") or {}).get("repo_id")
    return repo_id or (Path(about["dataset"]).name if about.get("dataset") else None)


def _report(policy: Path, about: Mapping[str, Any]) -> Path | None:
    """Return the folder of the largest evaluation of just this checkpoint, in or beside the training's folder."""
    identity = {name: value for name, value in about.items() if name != "training_seeds"}
    found = []
    for file in (file for parent in policy.parents[:4] for file in parent.glob("*/eval.json")) if about else ():
        score = read_json(file)
        judged = {name: value for name, value in score.get("training", {}).items() if name != "training_seeds"}
        if score.get("kind") == "policy" and judged == identity:
            found.append((score["episodes"], str(file.parent)))
    return Path(max(found)[1]) if found else None


def _success(report: Path) -> list[Clip]:
    """Return the first video of a success, if there is one."""
    return [Clip(video) for video in sorted(report.glob("videos/*-success.mp4"))[:1]]


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
