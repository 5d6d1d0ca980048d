"""Losses reach the real trackers, which write to the disk and to nobody else."""

import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.training.loss_curve import LossTable
from armchair_policies.training.tracking import check_tracker, how_to_look, tracking


def train(out, tracker, first: int = 1) -> None:
    """Two rows, told one by one, as a training does."""
    out.mkdir(exist_ok=True)
    table = LossTable(out / "loss.csv", until_step=first - 1)
    with tracking(tracker, out) as send:
        for step in (first, first + 1):
            table.add(step, step * 0.5, 1 / step, 1e-4, None)
            send()
    table.close()


def test_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(tmp_path / "run", "tensorboard")
    train(tmp_path / "run", "tensorboard", first=3)
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [
        (step, pytest.approx(1 / step, rel=1e-5)) for step in (1, 2, 3, 4)
    ]
    assert set(events.Tags()["scalars"]) == {"elapsed_s", "loss", "learning_rate"}


def test_trackio(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))  # read when trackio is imported, which is here
    train(tmp_path / "run", "trackio")
    train(tmp_path / "run", "trackio", first=3)
    from trackio.sqlite_storage import SQLiteStorage

    logs = SQLiteStorage.get_logs("armchair", "run")
    assert [(row["step"], row["loss"]) for row in logs] == [
        (step, pytest.approx(1 / step, rel=1e-5)) for step in (1, 2, 3, 4)
    ]


def test_wandb_stays_offline(tmp_path, monkeypatch):
    monkeypatch.delenv("WANDB_MODE", raising=False)
    train(tmp_path / "run", "wandb")
    assert list((tmp_path / "run" / "wandb").glob("offline-run-*/*.wandb"))
    assert how_to_look("wandb", tmp_path / "run")[:2] == ["wandb", "sync"]


def test_without_a_tracker_nothing_happens(tmp_path):
    train(tmp_path / "run", None)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["loss.csv"]


def test_a_tracker_that_is_not_installed(monkeypatch):
    monkeypatch.setattr("armchair_policies.training.tracking.find_spec", lambda name: None)
    with pytest.raises(ArmchairError, match=r"trackio is not installed: type `.* install .*\[trackio\]'`"):
        check_tracker("trackio")
