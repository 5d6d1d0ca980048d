"""A policy folder on disk, found and checked before anything is loaded. Reads JSON and file headers only.

Invariant: what `open_policy_folder` returns is a local folder in LeRobot's layout whose weights are whole and
whose processor files name registered steps only. Stock LeRobot imports and calls any class that a processor
file names under ``"class"`` (lerobot 0.6.1, processor/pipeline.py, `_resolve_step_class`), so that a policy
from elsewhere could run any code. We refuse that.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armchair_core.dataset_format.columns import ACTION, IMAGE_PREFIX, STATE
from armchair_core.dataset_format.info import is_dataset
from armchair_core.errors import ArmchairError
from armchair_core.files import nearest_sibling
from armchair_core.so101.kinematics import FEATURE_NAMES

PROCESSOR_FILES = ("policy_preprocessor.json", "policy_postprocessor.json")


@dataclass(frozen=True)
class PolicyFolder:
    """A checked policy folder.

    `config` is LeRobot's config.json, `processors` the two processor files by name, `provenance` our
    armchair.json ({} for a policy that was trained elsewhere).
    """

    path: Path
    config: dict[str, Any]
    processors: dict[str, dict[str, Any]]
    provenance: dict[str, Any]

    @property
    def cameras(self) -> dict[str, tuple[int, int]]:
        """Camera name -> (height, width) in pixels that the policy looks at."""
        features = self.config.get("input_features") or {}
        return {
            key.removeprefix(IMAGE_PREFIX): tuple(feature["shape"][1:])
            for key, feature in features.items()
            if feature["type"] == "VISUAL"
        }


def open_policy_folder(path: str | Path, any_robot: bool = False) -> PolicyFolder:
    """Return the checked policy at `path`: a training folder, its checkpoints/last, or a pretrained_model folder.

    Raises:
        ArmchairError: if there is none, a file is damaged, a processor file names code to run, or the policy
            was made for other joints than this arm's (unless it is for `any_robot`).
    """
    folder = find_policy_folder(Path(path))
    processors = {name: _read_json(folder / name) for name in PROCESSOR_FILES}
    for name, content in processors.items():
        _refuse_code(folder / name, content)
    for weights in (folder / "model.safetensors", *folder.glob("*.safetensors")):
        _check_tensors(weights)
    provenance = _read_json(folder / "armchair.json") if (folder / "armchair.json").exists() else {}
    found = PolicyFolder(folder, _read_json(folder / "config.json"), processors, provenance)
    if not any_robot:
        _check_joints(found)
    return found


def find_policy_folder(path: Path) -> Path:
    """Return the pretrained_model folder meant by `path`, resolved, so that its name tells the step.

    Raises:
        ArmchairError: if the path does not exist or holds no policy.
    """
    if not path.is_dir():
        raise ArmchairError(f"there is no policy folder {str(path)!r}{nearest_sibling(path) or '.'}")
    for candidate in (path, path / "pretrained_model", path / "checkpoints/last/pretrained_model"):
        if (candidate / "config.json").is_file():
            return candidate.resolve()
    if is_dataset(path):
        raise ArmchairError(
            f"{str(path)!r} is a dataset, not a policy: train one on it with "
            f"`armchair train {path} --out {path}-policy`."
        )
    raise ArmchairError(
        f"{str(path)!r} holds no policy (no config.json there, nor in checkpoints/last/pretrained_model): "
        "name the folder that `armchair train` wrote with --out."
    )


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArmchairError(f"the policy in {file.parent} has no {file.name}: {_MEND}.") from None
    except ValueError as error:
        raise ArmchairError(f"{file} is damaged ({error}): {_MEND}.") from None
    if not isinstance(content, dict):
        raise ArmchairError(f"{file} is damaged (it holds no JSON object): {_MEND}.")
    return content


def _refuse_code(file: Path, content: dict[str, Any]) -> None:
    for step in content.get("steps", []):
        if "class" in step or "registry_name" not in step:
            named = step.get("class", "nothing that LeRobot knows")
            raise ArmchairError(
                f"{file} asks to run {named!r} as code, which a policy from elsewhere could abuse: "
                "only steps with a registry_name are loaded."
            )


def _check_tensors(file: Path) -> None:
    """Read the header, which holds the size that the file must have. Milliseconds, no tensor is loaded."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="np"):
            pass
    except (SafetensorError, OSError) as error:
        raise ArmchairError(f"{file} is damaged or missing ({error}): {_MEND}.") from None


def _check_joints(found: PolicyFolder) -> None:
    """Compare joint names where they were written down, and the number of joints in any case."""
    names = found.provenance.get("joint_names") or found.config.get("action_feature_names")
    if names is not None and tuple(names) != FEATURE_NAMES:
        raise ArmchairError(
            f"the policy in {found.path} moves the joints {', '.join(names)}, but this arm's are "
            f"{', '.join(FEATURE_NAMES)}: record with this arm and train again."
        )
    sides = {STATE: "input_features", ACTION: "output_features"}
    for key, side in sides.items():
        feature = (found.config.get(side) or {}).get(key)
        if feature and tuple(feature["shape"]) != (len(FEATURE_NAMES),):
            raise ArmchairError(
                f"the policy in {found.path} has {key} of {feature['shape']}, but this arm has "
                f"{len(FEATURE_NAMES)} joints: record with this arm and train again."
            )


_MEND = "copy the folder again, or go back to an earlier one under checkpoints/"
