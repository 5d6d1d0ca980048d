"""A training run: what it leaves behind, that resuming is the same run, that interrupting loses nothing."""

import csv
import errno
import json
import shutil

import pytest
import torch
from safetensors.torch import load_file

from armchair_core.errors import ArmchairError
from armchair_policies.nano.modeling_nano import NanoPolicy
from armchair_policies.training.nano import learner
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest


def weights_of(policy_folder):
    return load_file(policy_folder / "model.safetensors")


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def stop_at(step):
    """A watcher that presses Ctrl-C when it is told of `step`."""

    def watch(progress):
        if progress.step >= step:
            raise KeyboardInterrupt

    return watch


@pytest.fixture(scope="module")
def trained(discs, tmp_path_factory):
    """The output folder of 45 uninterrupted steps."""
    out = tmp_path_factory.mktemp("trained") / "out"
    train(TrainRequest((discs,), out, minutes=1, steps=45, batch_size=4))
    return out


def test_what_a_run_leaves_behind(discs, trained):
    policy = trained / "checkpoints" / "last" / "pretrained_model"
    assert (trained / "checkpoints" / "last").readlink().name == "000045"
    assert (trained / "loss.png").read_bytes().startswith(b"\x89PNG")
    with (trained / "loss.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [20, 40, 45]
    assert rows[0].keys() == {"step", "elapsed_s", "loss", "learning_rate", "val_loss"}
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    provenance = json.loads((policy / "armchair.json").read_text())
    assert provenance["steps"] == 45
    assert provenance["dataset"] == str(discs)
    assert provenance["joint_names"] == ["left.pos", "right.pos"]
    assert "task" not in provenance  # this dataset does not name one
    assert json.loads((policy / "config.json").read_text())["action_feature_names"] == [
        "left.pos",
        "right.pos",
    ]
    NanoPolicy.from_pretrained(policy, strict=True)


def test_the_same_seed_gives_the_same_weights(discs, trained, tmp_path):
    again = train(TrainRequest((discs,), tmp_path / "out", minutes=1, steps=45, batch_size=4))
    other = train(TrainRequest((discs,), tmp_path / "other", minutes=1, steps=45, batch_size=4, seed=1))
    weights = weights_of(trained / "checkpoints/last/pretrained_model")
    assert same(weights, weights_of(again))
    assert not same(weights, weights_of(other))


def test_resumed_is_the_same_as_uninterrupted(discs, trained, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        train(TrainRequest((discs,), out, minutes=1, steps=45, batch_size=4), stop_at(20))
    assert (out / "checkpoints/last").readlink().name == "000020"
    NanoPolicy.from_pretrained(out / "checkpoints/last/pretrained_model", strict=True)
    with (out / "loss.csv").open("a") as file:
        file.write("30,1.0,9.9,0.001,\n31,1.")  # what a killed run wrote after its last checkpoint
    resumed = train(TrainRequest((discs,), out, minutes=1, steps=45, batch_size=4, resume=True))
    assert same(weights_of(resumed), weights_of(trained / "checkpoints/last/pretrained_model"))
    with (out / "loss.csv").open() as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["20", "40", "45"]


def test_resuming_a_finished_run_returns_it(discs, trained):
    resumed = train(TrainRequest((discs,), trained, minutes=1, steps=45, batch_size=4, resume=True))
    assert resumed.parent.name == "000045"


def test_minutes_are_kept(discs, tmp_path):
    seen = []
    policy = train(TrainRequest((discs,), tmp_path / "out", minutes=0.02, batch_size=4), seen.append)
    assert int(policy.parent.name) > 1
    assert {progress.stage for progress in seen} == {"decode", "train"}
    assert seen[-1].fraction == 1 and seen[-1].left_s == 0
    assert seen[-1].elapsed_s >= 1.2


def test_only_the_newest_two_checkpoints_stay(discs, tmp_path, monkeypatch):
    monkeypatch.setattr("armchair_policies.training.nano.training_run.CHECKPOINT_EVERY_S", 0)
    train(TrainRequest((discs,), tmp_path / "out", minutes=1, steps=5, batch_size=4))
    names = sorted(path.name for path in (tmp_path / "out/checkpoints").iterdir())
    assert names == ["000004", "000005", "last"]


def test_held_out_episodes_are_never_trained_on(record_discs, tmp_path):
    root = record_discs(episodes=20, frames=2)
    policy = train(TrainRequest((root,), tmp_path / "out", minutes=1, steps=2, batch_size=4))
    held_out = json.loads((policy / "armchair.json").read_text())["held_out_episodes"]
    assert len(held_out) == 1
    with (tmp_path / "out/loss.csv").open() as file:
        assert float(list(csv.DictReader(file))[-1]["val_loss"]) > 0


def test_dataset_provenance_reaches_the_policy(discs, tmp_path):
    root = shutil.copytree(discs, tmp_path / "dataset")
    (root / "meta/armchair.json").write_text(json.dumps({"task": "lift", "hand": "expert", "seeds": [3, 4, 5]}))
    policy = train(TrainRequest((root,), tmp_path / "out", minutes=1, steps=1, batch_size=2))
    provenance = json.loads((policy / "armchair.json").read_text())
    assert provenance["task"] == "lift" and provenance["training_seeds"] == [3, 4, 5]


def test_a_used_folder_is_refused_and_untouched(discs, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ArmchairError, match="--out"):
        train(TrainRequest((discs,), tmp_path, minutes=1, steps=1))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_nothing_to_resume(discs, tmp_path):
    with pytest.raises(ArmchairError, match="no checkpoint to resume from"):
        train(TrainRequest((discs,), tmp_path, minutes=1, resume=True))


@pytest.mark.parametrize("change", [{"seed": 7}, {"batch_size": 5}])
def test_resuming_another_run_is_refused(discs, trained, change):
    with pytest.raises(ArmchairError, match="settings that it was started with"):
        train(TrainRequest((discs,), trained, minutes=1, **{"steps": 90, "batch_size": 4, "resume": True, **change}))


def test_resuming_what_looked_ahead_differently_is_refused_and_not_called_damaged(discs, trained, monkeypatch):
    monkeypatch.setattr(learner, "FORESIGHT_TICKS", [16])
    with pytest.raises(ArmchairError, match="trained with foresight"):
        train(TrainRequest((discs,), trained, minutes=1, steps=90, batch_size=4, resume=True))


@pytest.mark.parametrize(
    "file",
    [
        "training_state/state.json",
        "training_state/weights.safetensors",
        "training_state/optimizer.safetensors",
        "pretrained_model/model.safetensors",
    ],
)
def test_a_damaged_checkpoint_is_named(discs, trained, tmp_path, file):
    out = shutil.copytree(trained, tmp_path / "out", symlinks=True)
    damaged = out / "checkpoints/000045" / file
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    with pytest.raises(ArmchairError, match=r"000045 is damaged .* delete that folder and resume again"):
        train(TrainRequest((discs,), out, minutes=1, steps=90, batch_size=4, resume=True))


def test_a_full_disk_leaves_the_checkpoint_before(discs, trained, tmp_path, monkeypatch):
    out = shutil.copytree(trained, tmp_path / "out", symlinks=True)

    def fill_disk(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(learner, "write_training_state", fill_disk)
    with pytest.raises(ArmchairError, match=r"no space is left .* the checkpoint of step 45 is safe"):
        train(TrainRequest((discs,), out, minutes=1, steps=50, batch_size=4, resume=True))
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == ["000045", "last"]
    monkeypatch.undo()
    assert train(TrainRequest((discs,), out, minutes=1, steps=50, batch_size=4, resume=True)).parent.name == "000050"


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"minutes": 0}, "--minutes 8"),
        ({"minutes": float("nan")}, "--minutes 8"),
        ({"steps": 0}, "--steps 1000"),
        ({"batch_size": 0}, "--batch-size 32"),
        ({"seed": -1}, "--seed 0"),
    ],
)
def test_impossible_numbers_are_refused(discs, tmp_path, change, hint):
    with pytest.raises(ArmchairError, match=hint):
        train(TrainRequest((discs,), tmp_path / "out", **{"minutes": 1, **change}))
    assert not (tmp_path / "out").exists()


def test_a_loss_that_is_not_finite_stops_the_run(discs, tmp_path, monkeypatch):
    monkeypatch.setattr(learner.Learner, "update", lambda self, batch, progress: float("nan"))
    with pytest.raises(ArmchairError, match="training broke down at step 0"):
        train(TrainRequest((discs,), tmp_path / "out", minutes=1, steps=3))
