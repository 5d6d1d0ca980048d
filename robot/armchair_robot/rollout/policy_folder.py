"""A policy folder on disk, found and checked before anything is loaded. Reads JSON, file headers and statistics only.

Invariant: what `open_policy_folder` returns is a local folder in LeRobot's layout whose weights are whole, whose
processor files name registered steps and files of its own only, and normalise what config.json says
(`processor_files.py`).
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armchair_core.command_line import named, runnable, typed
from armchair_core.dataset_format.columns import ACTION, IMAGE_PREFIX, STATE
from armchair_core.dataset_format.info import is_dataset
from armchair_core.errors import ArmchairError
from armchair_core.files import nearest_sibling
from armchair_core.so101.kinematics import FEATURE_NAMES, FPS
from armchair_robot.rollout.policy_json import check_config, check_provenance, read_json
from armchair_robot.rollout.processor_files import MEND, PROCESSOR_FILES, check_normalisation, check_steps

# Where LeRobot kept the statistics before 0.4, and where its migration finds them.
_OLD_STATISTICS = ("normalize_inputs.", "normalize_targets.", "unnormalize_outputs.")
_ON_HUB = re.compile(r"(?:https?:/+[^/]+/|hf:/+)?(?P<name>[\w.-]+/[\w.-]+?)(?:/(?:tree|resolve)/[\w.-]+)?/?")
_NAME_IT = f"name the folder that `{named('train')}` wrote with --out."
_MIGRATION = ("python", "-m", "lerobot.processor.migrate_policy_normalization")


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

    @property
    def fps(self) -> float:
        """How many frames a second it learnt from; our own rate where nobody wrote that down."""
        told = self.provenance.get("fps")
        return float(told) if isinstance(told, int | float) and 0 < told < math.inf else float(FPS)


def open_policy_folder(path: str | Path, any_robot: bool = False) -> PolicyFolder:
    """Return the checked policy at `path`: a training folder, its checkpoints/last, or a pretrained_model folder.

    Raises:
        ArmchairError: if there is none, a file is damaged, a processor file names code to run, or the policy
            was made for other joints than this arm's (unless it is for `any_robot`).
    """
    found = check_policy_files(find_policy_folder(Path(path)))
    _check_processors_are_there(found)
    if not any_robot:
        _check_joints(found)
    return found


def check_policy_files(folder: Path) -> PolicyFolder:
    """Return a pretrained_model folder of which all is sound that is there, whether or not it could act.

    Raises:
        ArmchairError: if a file is damaged, or a processor file is dangerous or does not normalise.
    """
    config = read_json(folder / "config.json")
    check_config(folder / "config.json", config)
    _tensor_names(folder)
    processors = {name: read_json(folder / name) for name in PROCESSOR_FILES if (folder / name).exists()}
    for name, content in processors.items():
        check_steps(folder / name, content)
    check_normalisation(folder, config, processors)
    about = folder / "armchair.json"
    provenance = read_json(about) if about.exists() else {}
    check_provenance(about, provenance)
    return PolicyFolder(folder, config, processors, provenance)


def find_policy_folder(path: Path) -> Path:
    """Return the pretrained_model folder meant by `path`, resolved, so that its name tells the step.

    Raises:
        ArmchairError: if the path does not exist or holds no policy.
    """
    if not path.is_dir():
        raise no_policy(path)
    for candidate in (path, path / "pretrained_model", path / "checkpoints/last/pretrained_model"):
        if (candidate / "config.json").is_file():
            return candidate.resolve()
    if is_dataset(path):
        raise ArmchairError(
            f"{str(path)!r} is a dataset, not a policy: train one on it with "
            f"`{typed('train', path, '--out', path.with_name(f'{path.name}-policy'))}`."
        )
    raise ArmchairError(
        f"{str(path)!r} holds no policy (no config.json there, nor in checkpoints/last/pretrained_model): {_NAME_IT}"
    )


def no_policy(named: str | Path) -> ArmchairError:
    """Return the error for what is no folder: a file, a name or an address on the Hub, a slip of the pen."""
    path = Path(named)
    if path.is_file():
        inside = next((str(one) for one in path.parents if (one / "config.json").is_file()), None)
        there = f": did you mean {inside!r}?" if inside else f": {_NAME_IT}"
        return ArmchairError(f"{str(named)!r} is a file, and a policy is a folder{there}")
    near = nearest_sibling(path)
    fetch = "" if near else how_to_fetch(str(named))
    return ArmchairError(f"there is no policy folder {str(named)!r}{near or fetch or '.'}")


def how_to_fetch(named: str) -> str:
    """Return the end of a sentence about what is not here but may be on the Hub; "" for what cannot be."""
    on_hub = _ON_HUB.fullmatch(named)
    if on_hub is None or Path(named).parent.exists():
        return ""
    name, folder = on_hub["name"], on_hub["name"].split("/")[1]
    return (
        ", and nothing is fetched from the Hub unasked: if it is there, type "
        f"`{runnable('hf', 'download', name, '--local-dir', Path(folder))}`, then name {folder}."
    )


def _tensor_names(folder: Path) -> list[str]:
    """Return the names in the weights and statistics. Reads the headers, which hold the size that a file must have."""
    from safetensors import SafetensorError, safe_open

    names: list[str] = []
    for file in (folder / "model.safetensors", *folder.glob("*.safetensors")):
        try:
            with safe_open(file, framework="np") as tensors:
                names += tensors.keys()
        except (SafetensorError, OSError) as error:
            raise ArmchairError(f"{file} is damaged or missing ({error}): {MEND}.") from None
    return names


def _check_processors_are_there(found: PolicyFolder) -> None:
    """Raise ArmchairError for a policy without; it says what an old one needs."""
    folder = found.path
    if any(name.startswith(_OLD_STATISTICS) for name in _tensor_names(folder)):
        migration = runnable(*_MIGRATION, "--pretrained-path", folder)
        raise ArmchairError(
            f"the policy in {folder} was made by LeRobot before 0.4, which kept no processors: type `{migration}`, "
            f"then name {folder.name}_migrated beside it."
        )
    missing = [name for name in PROCESSOR_FILES if name not in found.processors]
    if missing:
        raise ArmchairError(
            f"the policy in {folder} has no {' and no '.join(missing)}, and its weights hold no statistics of which "
            f"LeRobot's migration ({_MIGRATION[-1]}) could make one: {MEND}."
        )


def _check_joints(found: PolicyFolder) -> None:
    """Compare joint names where they were written down, and the number of joints in any case."""
    outputs = found.config.get("output_features")
    if outputs and ACTION not in outputs:  # a configuration that was never filled has none at all
        raise ArmchairError(f"the policy in {found.path} puts out no action: name one that moves an arm.")
    names = found.provenance.get("joint_names") or found.config.get("action_feature_names")
    if names is not None and tuple(names) != FEATURE_NAMES:
        raise ArmchairError(
            f"the policy in {found.path} moves the joints {', '.join(map(str, names))}, but this arm's are "
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
