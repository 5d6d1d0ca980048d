"""The JSON files of a policy folder: read, and sound in their form. Imports nothing of LeRobot's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_robot.rollout.processor_files import MEND, STATISTICS

_LARGEST_BYTES = 50_000_000  # a list of a million training seeds is smaller
_BOM = b"\xef\xbb\xbf"
# Numbers of LeRobot's configurations that count actions or observations.
_COUNTS = ("chunk_size", "n_action_steps", "n_obs_steps", "horizon")


def read_json(file: Path) -> dict[str, Any]:
    """Return a file's JSON object.

    Raises:
        ArmchairError: if it is missing, damaged, or something that LeRobot could not read.
    """
    if not file.exists():
        raise ArmchairError(f"the policy in {file.parent} has no {file.name}: {MEND}.")
    try:
        content = json.loads(_bytes(file).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise damaged(file, str(error)) from None
    except OSError as error:
        raise ArmchairError(f"{file} cannot be read ({error.strerror}): {MEND}.") from None
    if not isinstance(content, dict):
        raise damaged(file, "it holds no JSON object")
    return content


def damaged(file: Path, reason: str) -> ArmchairError:
    """Return the error for a file that is there, but not sound."""
    return ArmchairError(f"{file} is damaged ({reason}): {MEND}.")


def _bytes(file: Path) -> bytes:
    if not file.is_file() or file.stat().st_size > _LARGEST_BYTES:
        raise damaged(file, "it is no file of a policy's size")
    content = file.read_bytes()
    if content.startswith(_BOM):
        raise ArmchairError(
            f"{file} begins with a byte-order mark, which LeRobot does not read: save it as UTF-8 without one."
        )
    return content


def check_config(file: Path, config: dict[str, Any]) -> None:
    """Raise ArmchairError unless config.json says what goes in and out, and how many actions at a time."""
    if not isinstance(config.get("type"), str):
        raise damaged(file, "it does not say the type of the policy")
    for side in ("input_features", "output_features"):
        features = config.get(side) or {}
        if not isinstance(features, dict) or not all(map(_is_feature, features.values())):
            raise damaged(file, f"its {side} are not features with a type and a shape")
    modes = config.get("normalization_mapping") or {}
    if not isinstance(modes, dict) or not all(isinstance(mode, str) and mode in STATISTICS for mode in modes.values()):
        raise damaged(file, f"its normalization_mapping names none of {', '.join(STATISTICS)}")
    for name in _COUNTS:
        count = config.get(name, 1)
        if isinstance(count, int | float) and count < 1:
            raise damaged(file, f"{name} is {count}, and must be 1 or more")


def _is_feature(feature: Any) -> bool:
    shape = feature.get("shape") if isinstance(feature, dict) else None
    if not isinstance(shape, list) or not shape or not all(type(size) is int and size > 0 for size in shape):
        return False
    return isinstance(feature.get("type"), str) and (feature["type"] != "VISUAL" or len(shape) == 3)


def check_provenance(file: Path, provenance: dict[str, Any]) -> None:
    """Raise ArmchairError unless what armchair.json says can be used."""
    for name, is_sound in _PROVENANCE.items():
        if provenance.get(name) is not None and not is_sound(provenance[name]):
            raise damaged(file, f"its {name} is {str(provenance[name])[:60]!r}")


def _list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(type(one) is kind for one in value)


_PROVENANCE: dict[str, Callable[[Any], bool]] = {
    "task": lambda value: isinstance(value, str),
    "tasks": _list_of(str),
    "joint_names": _list_of(str),
    "training_seeds": _list_of(int),
    "fps": lambda value: type(value) in (int, float) and 0 < value <= 1000,
}
