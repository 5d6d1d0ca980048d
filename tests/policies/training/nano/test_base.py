"""Training that begins with a base: its weights and statistics, the words of new sentences, and who does not suit."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file

from armchair_core.errors import ArmchairError
from armchair_policies.nano.modeling_nano import NanoPolicy
from armchair_policies.training.nano.base import open_base, with_sentences
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.training_data import read_training_data

NORMALISER = "policy_preprocessor_step_3_normalizer_processor.safetensors"


@pytest.fixture(scope="module")
def base(record_discs, tmp_path_factory):
    """A policy that knows two tasks, after a few steps."""
    both = record_discs(), record_discs(episodes=2, task="look at the disc")
    return train(TrainRequest(both, tmp_path_factory.mktemp("base") / "out", steps=5, batch_size=4))


def batch(sentence):
    return {
        "observation.images.front": torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(0)),
        "observation.state": torch.tensor([[0.1, -0.2], [0.3, 0.0]]),
        "task": [sentence] * 2,
    }


def test_a_policy_with_more_words_does_what_it_did(base):
    policy = NanoPolicy.from_pretrained(base).eval()
    grown = with_sentences(policy, ["push the disc away"]).eval()
    assert grown.config.vocabulary == ["at", "disc", "look", "point", "the", "away", "push"]
    told = batch("look at the disc")
    assert torch.equal(grown.predict_action_chunk(told), policy.predict_action_chunk(told))
    assert with_sentences(policy, ["look at the disc"]) is policy


def test_a_policy_of_one_task_gains_words(discs, tmp_path):
    alone = NanoPolicy.from_pretrained(train(TrainRequest((discs,), tmp_path / "out", steps=2, batch_size=4))).eval()
    assert with_sentences(alone, ["point at the disc"]) is alone
    told = with_sentences(alone, ["point at the disc", "look at the disc"]).eval()
    torch.testing.assert_close(
        told.predict_action_chunk(batch("look at the disc")), alone.predict_action_chunk(batch(""))
    )


def test_training_begins_there_and_keeps_the_statistics(base, record_discs, tmp_path):
    new = record_discs(episodes=2, frames=9, task="push the disc away")
    policy = train(TrainRequest((new,), tmp_path / "out", steps=1, batch_size=4, base=base))
    assert (policy / NORMALISER).read_bytes() == (base / NORMALISER).read_bytes()
    ours, theirs = (load_file(folder / "model.safetensors") for folder in (policy, base))
    moved = (ours["encoders.0.maps.0.weight"] - theirs["encoders.0.maps.0.weight"]).abs().max()
    assert moved < 1e-3
    assert json.loads((policy / "armchair.json").read_text())["base_sha256"]
    NanoPolicy.from_pretrained(policy, strict=True)


def test_resumed_is_the_same_as_uninterrupted(base, discs, tmp_path, stop_at):
    whole = train(TrainRequest((discs,), tmp_path / "whole", steps=45, batch_size=4, base=base))
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        train(TrainRequest((discs,), out, steps=45, batch_size=4, base=base), stop_at(20))
    resumed = train(TrainRequest((discs,), out, steps=45, batch_size=4, resume=True))
    assert (resumed / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_resuming_with_another_base_is_refused(base, discs, tmp_path):
    out = tmp_path / "out"
    train(TrainRequest((discs,), out, steps=2, batch_size=4))
    with pytest.raises(ArmchairError, match=r"did not begin with .*: resume without --from"):
        train(TrainRequest((discs,), out, steps=4, batch_size=4, base=base, resume=True))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action_feature_names": ["one.pos", "two.pos"]}, "moves one.pos, two.pos, but"),
        ({"type": "act"}, "is of the type act, not nano"),
    ],
)
def test_who_does_not_suit(base, discs, tmp_path, change, reason):
    folder = shutil.copytree(base, tmp_path / "base")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(ArmchairError, match=rf"{reason}.*without --from"):
        open_base(folder, read_training_data(discs))


def test_other_cameras_and_other_units(base, record_discs, discs, tmp_path):
    wrist = record_discs(episodes=1, frames=2, cameras={"wrist": (96, 96)})
    with pytest.raises(ArmchairError, match="looks through front, but dataset has wrist"):
        open_base(base, read_training_data(wrist))
    folder = shutil.copytree(base, tmp_path / "base")
    about = json.loads((folder / "armchair.json").read_text())
    (folder / "armchair.json").write_text(json.dumps({**about, "units": "-100..100"}))
    tables = read_training_data(discs)
    tables.action[:, 0] = 170
    with pytest.raises(ArmchairError, match=r"counts in -100\.\.100, but dataset in degrees"):
        open_base(folder, tables)
