"""The processor files of a policy, in front of and behind its network: harmless, whole, and normalising.

LeRobot builds any class that a file names under ``"class"``, opens any path that it names as ``state_file``, and lets a
normaliser without statistics for a feature pass that feature through (lerobot 0.6.1, processor/pipeline.py and
normalize_processor.py). The first two a stranger could abuse; the third sends standard deviations to the motors as
degrees. Reads JSON and small tensors; imports nothing of LeRobot's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from armchair_core.dataset_format.columns import ACTION
from armchair_core.errors import ArmchairError

BEFORE, AFTER = PROCESSOR_FILES = ("policy_preprocessor.json", "policy_postprocessor.json")
Statistics = dict[str, dict[str, np.ndarray]]  # feature -> name of the statistic -> its numbers
MEND = "copy the folder again, or go back to an earlier one under checkpoints/"

# What a mode of LeRobot's needs to know of a feature.
STATISTICS = {
    "IDENTITY": (),
    "MEAN_STD": ("mean", "std"),
    "MIN_MAX": ("min", "max"),
    "QUANTILES": ("q01", "q99"),
    "QUANTILE10": ("q10", "q90"),
}
_NORMALISER = {BEFORE: "normalizer_processor", AFTER: "unnormalizer_processor"}
# Steps of LeRobot's that do not normalise. Others (Groot's, X-VLA's, those of packages by others) may do so in a way of
# their own, and of their policies we say nothing.
_NORMALISE_NOTHING = {
    "absolute_actions_processor", "action_tokenizer_processor", "device_processor", "observation_processor",
    "pi05_prepare_state_tokenizer_processor_step", "pi0_fast_prepare_state_tokenizer_processor_step",
    "pi0_new_line_processor", "relative_actions_processor", "rename_observations_processor",
    "render_messages_processor", "smolvla_new_line_processor", "to_batch_processor", "tokenizer_processor",
}  # fmt: skip


def check_steps(file: Path, content: dict[str, Any]) -> None:
    """Raise ArmchairError unless `content` lists steps of which none names code, or a file outside of the folder."""
    steps = content.get("steps")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise ArmchairError(f"{file} is damaged (its steps are no list of objects): {MEND}.")
    for step in steps:
        name = step.get("registry_name")
        if "class" in step or not isinstance(name, str):
            raise ArmchairError(
                f"{file} asks to run {step.get('class', 'nothing that LeRobot knows')!r} as code, which a policy from "
                "elsewhere could abuse: only steps with a registry_name are loaded."
            )
        if not isinstance(step.get("config", {}), dict):
            raise ArmchairError(f"{file} is damaged (the config of {name!r} is no object): {MEND}.")
        if "state_file" in step:
            _check_state_file(file, step["state_file"])


def _check_state_file(file: Path, state: Any) -> None:
    if not isinstance(state, str) or Path(state).name != state:
        raise ArmchairError(
            f"{file} asks for the file {state!r}, and a policy has no business outside of its own folder: "
            "load only policies of people whom you trust."
        )
    if not (file.parent / state).is_file():
        raise ArmchairError(f"the policy in {file.parent} has no {state}, which {file.name} names: {MEND}.")


def check_normalisation(folder: Path, config: dict[str, Any], processors: dict[str, dict[str, Any]]) -> None:
    """Raise ArmchairError unless the processors normalise, each once, the features that config.json says so of.

    `config` is LeRobot's config.json, sound in its form, and `processors` those of the two files that are there, by
    name, passed by `check_steps`.
    """
    modes = config.get("normalization_mapping") or {}
    idle: dict[str, str] = {}
    for file, side in ((BEFORE, "input_features"), (AFTER, "output_features")):
        steps = processors[file]["steps"] if file in processors else []
        known_steps = {*_NORMALISE_NOTHING, *_NORMALISER.values()}
        if file not in processors or not all(step["registry_name"] in known_steps for step in steps):
            continue
        known = [(step, _statistics(folder, step)) for step in steps if step["registry_name"] == _NORMALISER[file]]
        for key, feature in (config.get(side) or {}).items():
            mode = modes.get(feature["type"], "IDENTITY")
            if mode != "IDENTITY" and not _is_normalised(folder / file, key, feature, known):
                idle[key] = mode
    if idle:
        raise ArmchairError(
            f"the processors of {folder} do not normalise {' and '.join(idle)}, though config.json says "
            f"{' and '.join(dict.fromkeys(idle.values()))}, and the arm would be sent numbers of another scale: {MEND}."
        )


def _is_normalised(file: Path, key: str, feature: dict[str, Any], known: Sequence[tuple[dict, Statistics]]) -> bool:
    """Return whether one of the steps normalises the feature.

    Raises:
        ArmchairError: if several do, or by impossible numbers.
    """
    found = [
        (mode, stats[key]) for step, stats in known if (mode := _mode(step, key, feature["type"])) and key in stats
    ]
    if len(found) > 1:
        raise ArmchairError(f"{file} normalises {key} {len(found)} times instead of once: {MEND}.")
    for mode, stats in found:
        _check_numbers(file, key, feature, mode, stats)
    return bool(found)


def _mode(step: dict[str, Any], key: str, kind: str) -> str | None:
    """Return how LeRobot's step would normalise the feature, None if it would pass it through."""
    settings = step.get("config", {})
    only = settings.get("normalize_observation_keys")
    seen = key == ACTION or (key in _object(settings.get("features")) and (only is None or key in list(only)))
    mode = _object(settings.get("norm_map")).get(kind)
    return mode if seen and mode != "IDENTITY" else None


def _statistics(folder: Path, step: dict[str, Any]) -> Statistics:
    """Return what LeRobot's step will know of each feature: those in its settings count before those in its file."""
    given = _object(step.get("config", {}).get("stats"))
    if given:
        return {
            key: {name: np.array(value, object) for name, value in _object(one).items()} for key, one in given.items()
        }
    found: Statistics = {}
    for name, tensor in (_tensors(folder / step["state_file"]) if "state_file" in step else {}).items():
        key, _, statistic = name.rpartition(".")
        found.setdefault(key, {})[statistic] = tensor
    return found


def _tensors(file: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    try:
        return load_file(file)
    except TypeError:  # bfloat16, which NumPy does not know
        from safetensors.torch import load_file as load_torch_file

        return {name: tensor.double().numpy() for name, tensor in load_torch_file(file).items()}


def _check_numbers(file: Path, key: str, feature: dict[str, Any], mode: str, stats: dict[str, np.ndarray]) -> None:
    """Raise ArmchairError unless the statistics are there, finite, and one for each number of the feature."""
    if mode not in STATISTICS:
        raise ArmchairError(f"{file} normalises {key} by {mode!r}, which LeRobot does not know: {MEND}.")
    for name in STATISTICS[mode]:
        if name not in stats:
            raise ArmchairError(f"{file} normalises {key} by {mode}, and no {name} of it is there: {MEND}.")
        try:
            values = stats[name].astype(np.float64)
        except (ValueError, TypeError):
            values = np.array(np.nan)
        if not np.isfinite(values).all():
            raise ArmchairError(f"{file} normalises {key} by a {name} that is not finite: {MEND}.")
        if not _suits(values.shape, feature):
            raise ArmchairError(
                f"{file} normalises {key} of {feature['shape']} by a {name} of {list(values.shape)}: {MEND}."
            )


def _suits(shape: tuple[int, ...], feature: dict[str, Any]) -> bool:
    """Return whether statistics have a number for each of the feature's, or for each colour of a picture."""
    whole = tuple(feature["shape"])
    if feature["type"] != "VISUAL" or len(shape) != len(whole):
        return shape == (whole[:1] if feature["type"] == "VISUAL" else whole)
    return all(size in (1, full) for size, full in zip(shape, whole, strict=True))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
