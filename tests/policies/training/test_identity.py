"""What a checkpoint of `lerobot-train` has learnt from, and with what it may go on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from armchair_core.errors import ArmchairError
from armchair_policies.training.identity import check_same_data
from armchair_policies.training.lerobot.job import TrainingJob
from armchair_policies.training.lerobot.presets import presets
from armchair_policies.training.lerobot.train import prepare
from armchair_policies.training.provenance import dataset_sha256
from armchair_policies.training.training_data import read_training_data


@pytest.fixture(scope="module")
def material(discs):
    return read_training_data(discs)


def stock(model: Path, root: Path, statistics: dict[str, np.ndarray]) -> Path:
    """A checkpoint as stock `lerobot-train` leaves it, which knows nothing of ours."""
    model.mkdir(parents=True)
    (model / "train_config.json").write_text(json.dumps({"dataset": {"repo_id": "me/data", "root": str(root)}}))
    if statistics:
        save_file(statistics, model / "policy_preprocessor_step_3_normalizer_processor.safetensors")
    return model


def statistics_of(material, **changes) -> dict[str, np.ndarray]:
    known = {"action.mean": material.action.mean(0), "observation.state.max": material.state.max(0)}
    return known | {"action.std": np.zeros(2, np.float32)} | changes


def test_statistics_tell_the_data_where_no_identity_was_written_down(material, tmp_path):
    elsewhere = tmp_path / "moved-since"
    check_same_data(tmp_path, stock(tmp_path / "a", elsewhere, statistics_of(material)), material)
    other = {"action.mean": material.action.mean(0) + 1}
    with pytest.raises(ArmchairError, match=r"was begun with .*moved-since, not with .*dataset: name that dataset"):
        check_same_data(tmp_path, stock(tmp_path / "b", elsewhere, statistics_of(material, **other)), material)


@pytest.mark.parametrize("statistics", [{}, {"action.mean": np.zeros(32, np.float32)}], ids=["none", "padded"])
def test_the_folder_tells_it_where_nothing_can_be_compared(material, tmp_path, statistics):
    check_same_data(tmp_path, stock(tmp_path / "a", material.roots[0], statistics), material)
    with pytest.raises(ArmchairError, match="was begun with"):
        check_same_data(tmp_path, stock(tmp_path / "b", tmp_path / "other", statistics), material)


@pytest.fixture
def run(holding_policy, discs, tmp_path) -> Path:
    """A run of `lerobot-train` through ours, with one checkpoint."""
    model = tmp_path / "run/checkpoints/000100/pretrained_model"
    shutil.copytree(holding_policy, model)
    (model / "armchair.json").write_text(json.dumps({"dataset": str(discs), "dataset_sha256": dataset_sha256(discs)}))
    begun = {"dataset": {"root": str(discs)}, "batch_size": 8, "seed": 3, "steps": 200}
    (model / "train_config.json").write_text(json.dumps(begun))
    (model.parent / "training_state").mkdir()
    (model.parent / "training_state/training_step.json").write_text('{"step": 100}')
    (model.parents[1] / "last").symlink_to("000100")
    return tmp_path / "run"


def go_on(run: Path, dataset: Path, seed: int = 0):
    return prepare(TrainingJob(dataset, run, "nano", presets()["laptop"], 0, seed), resume=True)


def test_it_goes_on_as_it_was_begun_and_from_wherever_the_same_data_is(run, discs, tmp_path):
    for dataset in (discs, shutil.copytree(discs, tmp_path / "moved")):
        plan = go_on(run, dataset)
        assert (plan.done, plan.job.steps, plan.job.seed, plan.job.preset.batch_size) == (100, 200, 3, 8)
    assert go_on(run, discs, seed=3).done == 100


def test_other_data_and_another_seed_are_refused(run, discs, record_discs):
    other = record_discs(task="point somewhere else")
    with pytest.raises(ArmchairError) as refused:
        go_on(run, other)
    assert str(refused.value) == (
        f"{run} was begun with {discs}, not with {other}: name that dataset, or train anew into another --out."
    )
    with pytest.raises(ArmchairError, match="begun with --seed 3, not 4"):
        go_on(run, discs, seed=4)


@pytest.mark.parametrize("file", ["training_state/training_step.json", "pretrained_model/train_config.json"])
@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_damaged_checkpoint_is_a_sentence(run, discs, file, content):
    (run / "checkpoints/000100" / file).write_text(content)
    with pytest.raises(ArmchairError, match=r"000100 is damaged .*: train anew into another --out"):
        go_on(run, discs)
