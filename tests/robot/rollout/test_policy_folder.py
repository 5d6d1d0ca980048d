"""What is refused before anything of a policy is loaded. No torch: folders made of JSON and one tensor."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.rollout.policy import check_cameras
from armchair_robot.rollout.policy_folder import find_policy_folder, open_policy_folder


def camera(height: int = 96, width: int = 96) -> dict:
    return {"type": "VISUAL", "shape": [3, height, width]}


CONFIG = {
    "type": "nano",
    "input_features": {
        "observation.images.front": camera(),
        "observation.images.wrist": camera(),
        "observation.state": {"type": "STATE", "shape": [6]},
    },
    "output_features": {"action": {"type": "ACTION", "shape": [6]}},
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A training folder with one sound checkpoint, `last` pointing to it."""
    folder = tmp_path / "run" / "checkpoints" / "000100" / "pretrained_model"
    folder.mkdir(parents=True)
    (folder.parents[1] / "last").symlink_to("000100")
    write(folder / "config.json", CONFIG)
    for name in ("policy_preprocessor.json", "policy_postprocessor.json"):
        write(folder / name, {"name": name, "steps": [{"registry_name": "device_processor", "config": {}}]})
    write(folder / "armchair.json", {"task": "reach", "joint_names": list(FEATURE_NAMES)})
    save_file({"weight": np.zeros((64, 64), np.float32)}, folder / "model.safetensors")
    return tmp_path / "run"


def write(file: Path, content: dict) -> None:
    file.write_text(json.dumps(content))


@pytest.fixture
def folder(run: Path) -> Path:
    return find_policy_folder(run)


@pytest.mark.parametrize("below", ["", "checkpoints/last", "checkpoints/000100", "checkpoints/last/pretrained_model"])
def test_any_of_the_usual_paths_is_understood(run, below):
    found = open_policy_folder(run / below)
    assert found.path == run / "checkpoints/000100/pretrained_model"
    assert found.cameras == {"front": (96, 96), "wrist": (96, 96)}
    assert found.provenance["task"] == "reach"


def test_a_mistyped_folder_names_its_nearest_neighbour(run):
    with pytest.raises(ArmchairError, match=r"no policy folder .*runn'.*did you mean '.*run'\?"):
        open_policy_folder(run.with_name("runn"))


def test_a_path_that_looks_like_a_repository_never_reaches_the_hub(monkeypatch):
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda *_, **__: pytest.fail("asked the Hub"))
    with pytest.raises(ArmchairError, match="no policy folder"):
        open_policy_folder("lerobot/act_aloha_sim_transfer_cube_human")


def test_a_dataset_is_told_from_a_policy(tmp_path):
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "info.json").write_text("{}")
    with pytest.raises(ArmchairError, match=r"is a dataset, not a policy.*armchair train"):
        open_policy_folder(tmp_path)


def test_an_empty_folder_is_no_policy(tmp_path):
    with pytest.raises(ArmchairError, match=r"holds no policy \(no config.json"):
        open_policy_folder(tmp_path)


def test_torn_weights_are_found_without_loading_them(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ArmchairError, match=r"model\.safetensors is damaged.*go back to an earlier one"):
        open_policy_folder(folder)


@pytest.mark.parametrize("name", ["config.json", "policy_preprocessor.json", "armchair.json"])
@pytest.mark.parametrize("content", ['{"type": "na', "[]", "\xff\xfe"])
def test_torn_json_is_named(folder, name, content):
    (folder / name).write_text(content, encoding="latin-1")
    with pytest.raises(ArmchairError, match=rf"{name} is damaged"):
        open_policy_folder(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "policy_preprocessor.json", "policy_postprocessor.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArmchairError, match=name):
        open_policy_folder(folder)


@pytest.mark.parametrize("name", ["policy_preprocessor.json", "policy_postprocessor.json"])
@pytest.mark.parametrize("step", [{"class": "os.system"}, {"registry_name": "x", "class": "os.system"}, {}])
def test_a_processor_step_that_is_code_is_refused(folder, name, step):
    write(folder / name, {"steps": [step | {"config": {"command": "touch pwned"}}]})
    with pytest.raises(ArmchairError, match="as code"):
        open_policy_folder(folder)


def test_other_joint_names_are_refused_with_both_lists(folder):
    write(folder / "armchair.json", {"joint_names": ["hip.pos", "knee.pos"]})
    with pytest.raises(ArmchairError, match=r"moves the joints hip\.pos, knee\.pos, but.*gripper\.pos"):
        open_policy_folder(folder)


@pytest.mark.parametrize(("side", "key"), [("input_features", "observation.state"), ("output_features", "action")])
def test_another_number_of_joints_is_refused(folder, side, key):
    config = json.loads(json.dumps(CONFIG))
    config[side][key]["shape"] = [14]
    write(folder / "config.json", config)
    with pytest.raises(ArmchairError, match=rf"{key} of \[14\], but this arm has 6 joints"):
        open_policy_folder(folder)


def test_cameras_that_the_arm_lacks_are_refused_with_both_lists(folder):
    features = CONFIG["input_features"] | {"observation.images.top": camera()}
    write(folder / "config.json", CONFIG | {"input_features": features})
    with pytest.raises(ArmchairError, match="front, top, wrist, but this arm has the cameras front, wrist"):
        check_cameras(open_policy_folder(folder))


def test_one_of_the_cameras_is_enough(folder):
    features = {key: value for key, value in CONFIG["input_features"].items() if "wrist" not in key}
    write(folder / "config.json", CONFIG | {"input_features": features})
    check_cameras(open_policy_folder(folder))
