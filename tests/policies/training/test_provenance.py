"""Where a policy and its score come from: what changes an identity, and what does not."""

import json
import os
import platform
from pathlib import Path

import pytest

from armchair_policies.training.provenance import dataset_sha256, lerobot_provenance, machine, policy_sha256

FILES = (
    "config.json",
    "policy_preprocessor.json",
    "policy_postprocessor.json",
    "model.safetensors",
    "step_3.safetensors",
)


@pytest.fixture
def policy(tmp_path) -> Path:
    folder = tmp_path / "checkpoints" / "000500" / "pretrained_model"
    folder.mkdir(parents=True)
    for number, name in enumerate((*FILES, "README.md")):
        (folder / name).write_bytes(b"bytes %d" % number)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_every_byte_that_acts_counts(policy, name):
    before = policy_sha256(policy)
    (policy / name).write_bytes((policy / name).read_bytes() + b".")
    assert policy_sha256(policy) != before


def test_names_count_and_places_do_not(policy, tmp_path):
    before = policy_sha256(policy)
    moved = policy.rename(tmp_path / "elsewhere")
    (moved / "README.md").write_text("the card may change")
    assert policy_sha256(moved) == before
    (moved / "step_3.safetensors").rename(moved / "step_4.safetensors")
    assert policy_sha256(moved) != before


@pytest.fixture
def dataset(tmp_path) -> Path:
    root = tmp_path / "dataset"
    for name in (
        "meta/info.json",
        "meta/stats.json",
        "data/chunk-000/file-000.parquet",
        "meta/episodes/chunk-000/file-000.parquet",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_a_datasets_numbers_are_its_identity(dataset):
    before = dataset_sha256(dataset)
    (dataset / "meta" / "quality.json").write_text("a verdict, given later")
    assert dataset_sha256(dataset) == before
    (dataset / "meta" / "stats.json").write_text("brighter pictures")
    brighter = dataset_sha256(dataset)
    (dataset / "data" / "chunk-000" / "file-001.parquet").write_text("one episode more")
    assert len({before, brighter, dataset_sha256(dataset)}) == 3


def test_what_stock_training_tells(policy):
    assert lerobot_provenance(policy) == {}
    told = {
        "dataset": {"repo_id": "marta/lift", "revision": "v3.0"},
        "policy": {"type": "act"},
        "seed": 7,
        "steps": 900,
    }
    (policy / "train_config.json").write_text(json.dumps(told))
    assert lerobot_provenance(policy) == {
        "policy": "act", "dataset": "marta/lift", "dataset_revision": "v3.0", "steps": 500, "seed": 7,
    }  # fmt: skip


def test_the_machine_has_a_name():
    found = machine()
    assert found["cpu"] and found["platform"] == platform.platform()
    assert 1 <= found["cores"] <= os.cpu_count()
