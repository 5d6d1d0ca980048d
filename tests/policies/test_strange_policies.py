"""Policies that others wrote, hostile, damaged or inert: refused in one sentence by every door."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.push.content.payload import make_payload
from armchair_policies.evaluation.plan import open_plan
from armchair_policies.evaluation.real_time.run import RealTimeRequest, prepare_real_time
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.training.lerobot.base_policy import check_base
from armchair_policies.training.nano.base import open_base
from armchair_robot.arm_options import ArmOptions
from armchair_robot.rollout.config_policy_teleoperator import ArmchairPolicyConfig
from armchair_robot.rollout.policy import PolicyTeleoperator
from armchair_robot.rollout.policy_folder import open_policy_folder
from armchair_robot.rollout.policy_teleoperator import ArmchairPolicy

PRE, POST, CONFIG, WEIGHTS = "policy_preprocessor.json", "policy_postprocessor.json", "config.json", "model.safetensors"
BOM = b"\xef\xbb\xbf"
Spoil = Callable[[Path], None]


# --- how a folder is spoilt ---
def text(name: str, content: str | bytes) -> Spoil:
    raw = content if isinstance(content, bytes) else content.encode()
    return lambda folder: write_bytes(folder / name, raw)


def missing(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def torn(name: str) -> Spoil:
    def tear(folder: Path) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])

    return tear


def marked(name: str) -> Spoil:
    return lambda folder: text(name, BOM + (folder / name).read_bytes())(folder)


def config(**changes) -> Spoil:
    return lambda folder: write(folder / CONFIG, {**read(folder / CONFIG), **changes})


def feature(side: str, key: str, shape) -> Spoil:
    def change(folder: Path) -> None:
        content = read(folder / CONFIG)
        content[side][key]["shape"] = shape
        write(folder / CONFIG, content)

    return change


def steps(name: str, change: Callable[[list], object]) -> Spoil:
    """`change` gets the list of steps, and changes it in place or returns another."""

    def spoil(folder: Path) -> None:
        content = read(folder / name)
        content["steps"] = change(content["steps"]) or content["steps"]
        write(folder / name, content)

    return spoil


def scaler(name: str, **changes) -> Spoil:
    """Change the settings of the (un)normaliser."""
    return steps(name, lambda all_of_them: normaliser(all_of_them)["config"].update(changes))


def statistics(name: str, change: Callable[[dict], dict]) -> Spoil:
    def spoil(folder: Path) -> None:
        file = folder / normaliser(read(folder / name)["steps"])["state_file"]
        save_file({key: np.ascontiguousarray(value) for key, value in change(load_file(file)).items()}, file)

    return spoil


def weights(change: Callable[[np.ndarray], np.ndarray]) -> Spoil:
    def spoil(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        name = next(name for name, tensor in tensors.items() if tensor.ndim == 2)
        save_file({**tensors, name: change(tensors[name])}, folder / WEIGHTS)

    return spoil


def normaliser(all_of_them: list) -> dict:
    return next(step for step in all_of_them if "normalizer" in step["registry_name"])


def without_normaliser(all_of_them: list) -> list:
    return [step for step in all_of_them if "normalizer" not in step["registry_name"]]


def twice(all_of_them: list) -> list:
    return [*all_of_them, normaliser(all_of_them)]


def without_std(known: dict) -> dict:
    return {key: value for key, value in known.items() if not key.endswith(".std")}


IDENTITY = {"VISUAL": "IDENTITY", "STATE": "IDENTITY", "ACTION": "IDENTITY"}
# (how it is spoilt, what the sentence must say)
ON_DISK: dict[str, tuple[Spoil, str]] = {
    "config is missing": (missing(CONFIG), "holds no policy|neither a dataset"),
    "config is a list": (text(CONFIG, "[]"), "config.json is damaged"),
    "config is torn": (torn(CONFIG), "config.json is damaged"),
    "config is deep": (text(CONFIG, "[" * 100_000), "config.json is damaged"),
    "config has a mark": (marked(CONFIG), "byte-order mark"),
    "config is Latin-1": (text(CONFIG, b'{"type": "n\xe4no"}'), "config.json is damaged"),
    "type is a number": (config(type=3), "does not say the type"),
    "features are a list": (config(input_features=["observation.state"]), "input_features are not features"),
    "shape is a word": (feature("input_features", "observation.state", "six"), "input_features are not features"),
    "shape is nothing": (feature("output_features", "action", [0]), "output_features are not features"),
    "no action": (config(output_features={"value": {"type": "REWARD", "shape": [1]}}), "puts out no action"),
    "chunk of 0": (config(chunk_size=0), "chunk_size is 0"),
    "chunk below 0": (config(chunk_size=-3), "chunk_size is -3"),
    "normalised by magic": (config(normalization_mapping={"STATE": "MAGIC"}), "normalization_mapping names none of"),
    "no weights": (missing(WEIGHTS), WEIGHTS),
    "weights are torn": (torn(WEIGHTS), "model.safetensors is damaged"),
    "weights are empty": (text(WEIGHTS, b""), "model.safetensors is damaged"),
    "weights are a pointer": (text(WEIGHTS, "version https://git-lfs.github.com/spec/v1\n"), "is damaged"),
    "no preprocessor": (missing(PRE), f"no {PRE}.*migrate_policy_normalization"),
    "no postprocessor": (missing(POST), f"no {POST}.*migrate_policy_normalization"),
    "steps are an object": (steps(PRE, lambda _: {"0": {}}), "steps are no list"),
    "steps are words": (steps(POST, lambda _: ["device_processor"]), "steps are no list"),
    "a step is code": (steps(PRE, lambda _: [{"class": "os.system", "config": {"command": "true"}}]), "as code"),
    "a step's name is a list": (steps(PRE, lambda _: [{"registry_name": ["x"]}]), "as code"),
    "a step's config is a list": (steps(PRE, lambda all: all[0].update(config=[])), "is no object"),
    "state from outside": (steps(PRE, lambda all: normaliser(all).update(state_file="../x.safetensors")), "own folder"),
    "state from the root": (steps(POST, lambda all: normaliser(all).update(state_file="/etc/passwd")), "own folder"),
    "state is a number": (steps(POST, lambda all: normaliser(all).update(state_file=7)), "own folder"),
    "state is missing": (steps(PRE, lambda all: normaliser(all).update(state_file="no.safetensors")), "has no no.safe"),
    "statistics renamed": (
        statistics(PRE, lambda known: {f"so100.buffer.{key}": value for key, value in known.items()}),
        "do not normalise observation.state, though config.json says MEAN_STD",
    ),
    "normaliser left out": (steps(POST, without_normaliser), "do not normalise action"),
    "normaliser does nothing": (scaler(PRE, norm_map=IDENTITY), "do not normalise observation.state"),
    "normaliser of nothing": (scaler(PRE, features={}), "do not normalise observation.state"),
    "normaliser of no key": (scaler(PRE, normalize_observation_keys=[]), "do not normalise observation.state"),
    "statistics of another": (scaler(POST, stats={"x": {"mean": [0], "std": [1]}}), "do not normalise action"),
    "normalised twice": (steps(POST, twice), "normalises action 2 times"),
    "no spread": (statistics(POST, without_std), "no std of it"),
    "mean is not a number": (statistics(PRE, lambda known: {k: v * np.nan for k, v in known.items()}), "not finite"),
    "mean of one": (statistics(PRE, lambda known: {k: v[:1] for k, v in known.items()}), r"by a mean of \[1\]"),
    "mean is a word": (scaler(POST, stats={"action": {"mean": ["a"] * 6, "std": [1] * 6}}), "not finite"),
    "twelve joints": (feature("output_features", "action", [12]), r"normalises action of \[12\]"),
    "torn provenance": (text("armchair.json", "{"), "armchair.json is damaged"),
    "no frames a second": (text("armchair.json", '{"fps": 0}'), "armchair.json is damaged"),
    "seeds are a word": (text("armchair.json", '{"training_seeds": "all"}'), "armchair.json is damaged"),
    "joints of another": (text("armchair.json", '{"joint_names": ["hip", "knee"]}'), "moves the joints hip, knee"),
}  # fmt: skip
MAY_BE_SENT = ("joints of another", "no action", "no preprocessor", "no postprocessor")  # to the Hub
WHEN_LOADED: dict[str, tuple[Spoil, str]] = {
    "a step's unknown option": (scaler(PRE, colour="red"), "cannot be loaded .*colour"),
    "a step that nobody has": (
        steps(PRE, lambda all: [{"registry_name": "telepathy"}, *all]),
        "ask for a step .*'telepathy' not found",
    ),
    "weights are not numbers": (weights(lambda tensor: tensor * np.nan), "are not finite"),
    "weights of another shape": (weights(lambda tensor: np.zeros((3, 3), np.float32)), "do not fit its config.json"),
    "a kind that nobody has": (config(type="telepathy"), "which nothing installed here provides"),
    "more steps than a chunk": (config(n_action_steps=99), "n_action_steps is 99"),
    "an unknown setting": (config(colour="red"), "cannot be loaded"),
    "a setting of another kind": (config(keypoints="many"), "cannot be loaded"),
    "a width below 0": (config(hidden_dim=-1), "cannot be loaded|do not fit"),
}

# --- the doors ---
TWO = "{front: {type: opencv, index_or_path: 0}, wrist: {type: opencv, index_or_path: 1}}"
ARM = ArmOptions("/dev/nothing", task="lift", cameras=TWO)
OURS = SimpleNamespace(joint_names=list(FEATURE_NAMES))  # a dataset
DOORS: dict[str, Callable[[Path], object]] = {
    "open": open_policy_folder,
    "eval, and run without an arm": lambda folder: open_plan(EvalRequest(str(folder), "lift", 1, 100_000, Path("x"))),
    "run with an arm, and the page": lambda folder: prepare_real_time(RealTimeRequest(str(folder), ARM, 1, 100_000)),
    "stock lerobot": lambda folder: ArmchairPolicy(ArmchairPolicyConfig(policy_path=str(folder), task="Lift.")),
    "train --from": lambda folder: check_base(folder, None),  # type: ignore[arg-type]  # comes no further
    "train nano --from": lambda folder: open_base(folder, OURS),  # type: ignore[arg-type]  # comes no further
    "push": lambda folder: make_payload(folder, "me/policy"),
}


def read(file: Path) -> dict:
    return json.loads(file.read_text())


def write_bytes(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content))


@pytest.fixture
def folder(holding_policy, tmp_path) -> Path:
    """A sound policy of one's own, to be spoilt."""
    return shutil.copytree(holding_policy, tmp_path / "policy")


def refusal(open_it: Callable[[Path], object], folder: Path) -> str:
    with pytest.raises(ArmchairError) as refused:
        open_it(folder)
    return str(refused.value)


def test_a_sound_one_is_let_in_by_every_door(folder):
    write(folder / "armchair.json", {"task": "lift"})
    for name, door in DOORS.items():
        if "--from" not in name:
            door(folder)
    assert PolicyTeleoperator(folder, "Lift.").looks_next


@pytest.mark.parametrize("case", ON_DISK)
def test_every_door_refuses_it_in_one_sentence(folder, case):
    spoil, said = ON_DISK[case]
    spoil(folder)
    for name, door in DOORS.items():
        if name != "push" or case not in MAY_BE_SENT:
            sentence = refusal(door, folder)
            assert "\n" not in sentence and re.search(said, sentence), sentence


@pytest.mark.parametrize("case", WHEN_LOADED)
def test_what_only_loading_shows_is_a_sentence_too(folder, case):
    spoil, said = WHEN_LOADED[case]
    spoil(folder)
    sentence = refusal(lambda path: PolicyTeleoperator(path, "Lift."), folder)
    assert "\n" not in sentence and re.search(said, sentence), sentence
    hand = ArmchairPolicy(ArmchairPolicyConfig(policy_path=str(folder), task="Lift."))
    refusal(lambda _: hand.connect(), folder)


@pytest.mark.parametrize("names", ["{}", "{top: {type: opencv, index_or_path: 0}}"])
def test_cameras_of_other_names_are_refused_before_the_arm_is_opened(folder, names):
    arm = ArmOptions("/dev/nothing", task="lift", cameras=names)
    with pytest.raises(ArmchairError, match="looks through the cameras front, wrist, but this arm has"):
        prepare_real_time(RealTimeRequest(str(folder), arm, 1, 100_000))


@pytest.mark.parametrize("content", ["{", "[]", '{"dataset": "me/data"}'])
def test_what_stock_training_left_may_be_damaged(folder, content):
    text("train_config.json", content)(folder)
    assert "train_config.json is damaged" in refusal(DOORS["eval, and run without an arm"], folder)


@pytest.mark.parametrize(
    "named",
    ["me/policy", "https://huggingface.co/me/policy", "https://huggingface.co/me/policy/tree/main", "hf://me/policy"],
)
def test_a_name_on_the_hub_is_told_how_to_fetch_it(named):
    for door in (DOORS["open"], DOORS["eval, and run without an arm"]):
        with pytest.raises(ArmchairError, match="type `hf download me/policy --local-dir policy`, then name policy"):
            door(named)  # type: ignore[arg-type]


def test_a_file_of_a_policy_is_told_its_folder(folder):
    for door in DOORS.values():
        if door is not DOORS["push"]:
            assert f"is a file, and a policy is a folder: did you mean {str(folder)!r}?" in refusal(
                door, folder / WEIGHTS
            )
