"""A training run: what it leaves behind, that resuming is the same run, that interrupting loses nothing."""

import csv
import errno
import json
import shutil
import subprocess
from dataclasses import replace

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


def test_resumed_is_the_same_as_uninterrupted(discs, trained, tmp_path, stop_at):
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
    with pytest.raises(ArmchairError, match=r"000045 is damaged .*: train anew into another --out"):
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
        ({"batch_size": 0}, "use 32"),
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


def resume(root, out) -> None:
    train(TrainRequest((root,), out, minutes=1, steps=90, batch_size=4, resume=True))


@pytest.mark.parametrize("old", [False, True], ids=["as it is written now", "before identities were recorded"])
def test_resuming_with_other_data_names_both_and_calls_nothing_damaged(discs, record_discs, trained, tmp_path, old):
    """Other sentences, and the same sentences with other numbers: neither is what the weights were normalised by."""
    out = shutil.copytree(trained, tmp_path / "out", symlinks=True)
    if old:
        about = out / "checkpoints/000045/pretrained_model/armchair.json"
        known = json.loads(about.read_text())
        about.write_text(json.dumps({key: known[key] for key in known if key not in ("dataset_sha256", "sentences")}))
    spoken = record_discs(task="point somewhere else")
    for other in (spoken, shifted(discs, tmp_path / "shifted")):
        if not (old and other == spoken):  # the numbers are the same
            with pytest.raises(ArmchairError) as refused:
                resume(other, out)
            assert str(refused.value) == (
                f"{out} was begun with {discs}, not with {other}: name that dataset, or train anew into another --out."
            )
    assert (out / "checkpoints/last").readlink().name == "000045"


def shifted(dataset, copy):
    """A copy whose arm stood elsewhere."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    shutil.copytree(dataset, copy)
    for file in copy.glob("data/**/*.parquet"):
        table = pq.read_table(file)
        place = table.schema.get_field_index("observation.state")
        values = table.column(place).combine_chunks()
        moved = type(values).from_arrays(pc.add(values.flatten(), 5.0).cast(values.type.value_type), type=values.type)
        pq.write_table(table.set_column(place, table.schema.field(place), moved), file)
    return copy


def test_data_that_has_changed_in_its_place_is_told_so(discs, trained, tmp_path):
    out, root = shutil.copytree(trained, tmp_path / "out", symlinks=True), shifted(discs, tmp_path / "data")
    about = out / "checkpoints/000045/pretrained_model/armchair.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "dataset": str(root)}))
    with pytest.raises(ArmchairError, match=r"begun with other data than .* holds now"):
        resume(root, out)


@pytest.mark.parametrize("old", [False, True])
def test_a_dataset_that_has_moved_is_the_same(discs, trained, tmp_path, old):
    out, root = shutil.copytree(trained, tmp_path / "out", symlinks=True), shutil.copytree(discs, tmp_path / "moved")
    if old:
        about = out / "checkpoints/000045/pretrained_model/armchair.json"
        known = json.loads(about.read_text())
        del known["dataset_sha256"]
        about.write_text(json.dumps(known))
    policy = train(TrainRequest((root,), out, minutes=1, steps=46, batch_size=4, resume=True))
    assert policy.parent.name == "000046"


def test_a_whole_checkpoint_of_another_network_is_not_called_damaged(discs, trained, monkeypatch):
    monkeypatch.setattr(learner, "NanoPolicy", lambda config: NanoPolicy(replace(config, hidden_dim=8)))
    with pytest.raises(ArmchairError, match="that of another network than this version trains") as refused:
        resume(discs, trained)
    assert "damaged" not in str(refused.value) and "delete" not in str(refused.value)


def test_what_to_type_about_a_damaged_checkpoint_goes_on_from_the_one_before(discs, trained, tmp_path):
    out = shutil.copytree(trained, tmp_path / "two words", symlinks=True)
    shutil.copytree(out / "checkpoints/000045", out / "checkpoints/000046")
    (out / "checkpoints/000046/training_state/state.json").write_text("{")
    with pytest.raises(ArmchairError, match="000046 is damaged") as refused:
        resume(discs, out)
    subprocess.run(str(refused.value).split("`")[1], shell=True, check=True)
    assert (out / "damaged-000046/pretrained_model/model.safetensors").exists()  # nothing is deleted
    policy = train(TrainRequest((discs,), out, minutes=1, steps=47, batch_size=4, resume=True))
    assert policy.parent.name == "000047"
