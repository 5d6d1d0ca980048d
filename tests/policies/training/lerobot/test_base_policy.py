"""A checkpoint is a start only for a dataset with its cameras, joints and units, and only if it is safe to open."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from armchair_core.errors import ArmchairError
from armchair_policies.training.lerobot.base_policy import check_base
from armchair_policies.training.lerobot.dataset_checks import read_dataset_facts

DEGREES = np.array([60, 105, 95, 80, 90, 100], np.float32)  # farthest from the middle, and the gripper


@pytest.fixture
def checkpoint(tmp_path):
    """Writes a policy folder as LeRobot does, with weights of no size."""

    def write(cameras: tuple[str, ...] = ("front", "wrist"), farthest=DEGREES, step: dict | None = None) -> Path:
        folder = tmp_path / "base"
        folder.mkdir()
        seen = {f"observation.images.{name}": {"type": "VISUAL", "shape": [3, 96, 96]} for name in cameras}
        (folder / "config.json").write_text(json.dumps({"type": "act", "input_features": seen}))
        for name in ("policy_preprocessor.json", "policy_postprocessor.json"):
            (folder / name).write_text(json.dumps({"steps": [step] if step else []}))
        save_file({"nothing": np.zeros(1, np.float32)}, folder / "model.safetensors")
        stats = {"action.min": -farthest, "action.max": farthest}
        save_file(stats, folder / "policy_postprocessor_step_0_unnormalizer_processor.safetensors")
        return folder

    return write


@pytest.fixture(scope="module")
def material(reach):
    return read_dataset_facts(reach)


def test_a_checkpoint_that_fits(checkpoint, material):
    assert check_base(checkpoint(), material).config["type"] == "act"


def test_other_cameras(checkpoint, material):
    with pytest.raises(
        ArmchairError, match=r"looks through top \(96 x 96\), but .* has front \(96 x 96\), wrist"
    ) as refused:
        check_base(checkpoint(("top",)), material)
    assert '--rename_map=\'{"observation.images.front": "observation.images.top"}\'' in str(refused.value)


def test_other_joints(checkpoint, material):
    names = material.layout.info.features["action"].names
    names[0], kept = "turntable.pos", names[0]
    try:
        with pytest.raises(ArmchairError, match=r"moves the joints shoulder_pan\.pos, .* are turntable\.pos, "):
            check_base(checkpoint(), material)
    finally:
        names[0] = kept


def test_other_units(checkpoint, spoilt):
    material = read_dataset_facts(spoilt)
    material.action[0, 1] = 104.0  # which only degrees can be
    assert material.units == "degrees"
    with pytest.raises(ArmchairError, match=r"counts in -100\.\.100 and .* in degrees"):
        check_base(checkpoint(farthest=np.full(6, 100, np.float32)), material)


def test_code_in_a_checkpoint_is_not_run(checkpoint, material):
    with pytest.raises(ArmchairError, match=r"asks to run 'os\.system' as code"):
        check_base(checkpoint(step={"class": "os.system"}), material)
