"""A training request knows whose training it is."""

from pathlib import Path

import pytest

from armchair_policies.training.request import TrainRequest

DATA = (Path("data"),)


@pytest.mark.parametrize(
    ("asked", "for_lerobot"),
    [
        ({}, False),
        ({"policy": "act"}, True),
        ({"base": Path("policy")}, False),
        ({"base": Path("policy"), "preset": "cuda"}, True),
    ],
)
def test_nano_trains_by_itself_unless_it_is_for_another_machine(asked, for_lerobot, tmp_path):
    assert TrainRequest(DATA, tmp_path, **asked).for_lerobot == for_lerobot


def test_what_lerobot_began_it_also_resumes(tmp_path):
    policy = tmp_path / "checkpoints/last/pretrained_model"
    policy.mkdir(parents=True)
    assert not TrainRequest(DATA, tmp_path, resume=True).for_lerobot
    (policy / "train_config.json").touch()
    assert TrainRequest(DATA, tmp_path, resume=True).for_lerobot
