"""What `armchair repair` says, on datasets that stock LeRobot finished and somebody damaged."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from armchair.commands.repair import repair

EPISODES = 3


@pytest.fixture(scope="module")
def _recorded(tmp_path_factory) -> Path:
    """Three episodes of four frames each, recorded and finished by stock LeRobot."""
    from lerobot.datasets import LeRobotDataset

    root = tmp_path_factory.mktemp("recorded") / "lift"
    features = {
        name: {"dtype": "float32", "shape": (2,), "names": ["a", "b"]} for name in ("observation.state", "action")
    }
    dataset = LeRobotDataset.create("me/lift", 30, features, root=root, use_videos=False)
    for episode in range(EPISODES):
        for frame in range(4):
            row = np.array([episode, frame], np.float32)
            dataset.add_frame({"observation.state": row, "action": row, "task": "Lift."})
        dataset.save_episode()
    dataset.finalize()
    return root


@pytest.fixture
def root(_recorded, tmp_path) -> Path:
    return Path(shutil.copytree(_recorded, tmp_path / "lift"))


def cut_footer(root: Path) -> None:
    rows = root / "data/chunk-000/file-000.parquet"
    rows.write_bytes(rows.read_bytes()[:-100])


def run(*words: object):
    app = typer.Typer()
    app.command()(repair)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_healthy(root):
    result = run(root)
    assert result.exit_code == 0
    assert result.stdout == (
        f"{root} is healthy: 3 episodes, 12 frames. Nothing was changed.\nNext: armchair check {root}\n"
    )


def test_repaired(root):
    cut_footer(root)
    result = run(root)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"Broken in {root}:",
        "  data/chunk-000/file-000.parquet has no footer",
        "",
        "  episodes saved, by info.json        3",
        "  episodes recovered                  3   (12 frames)",
        "  episodes lost                       0",
        "",
        f"Repaired: {root}",
        f"The broken one is kept in {root}.broken",
        f"Next: armchair check {root}",
    ]


def test_dry_run_names_the_command(root, tmp_path):
    cut_footer(root)
    result = run(root, "--dry-run", "--out", tmp_path / "new one")
    assert result.stdout.splitlines()[-2:] == [
        "Nothing was changed. To repair it:",
        f"  armchair repair {root} --out '{tmp_path}/new one'",
    ]
    assert not (tmp_path / "new one").exists()


def test_lost_episodes_are_named_with_the_reason(root):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = root / "data/chunk-000/file-000.parquet"
    table = pq.read_table(rows)
    kept = table.filter(pa.compute.not_equal(table["episode_index"], 1))
    pq.write_table(kept, rows)
    result = run(root)
    assert "  episodes recovered                  2   (8 frames)" in result.stdout
    assert "  episode 1: its rows never reached the disk" in result.stdout
    assert "The episodes behind a lost one have moved up, as LeRobot numbers them without gaps." in result.stdout


def test_json(root):
    cut_footer(root)
    told = json.loads(run(root, "--json").stdout)
    assert told == {
        "healthy": False,
        "dataset": str(root),
        "saved": 3,
        "recovered": [0, 1, 2],
        "lost": {},
        "frames": 12,
        "faults": ["data/chunk-000/file-000.parquet has no footer"],
        "written": str(root),
        "backup": f"{root}.broken",
    }
    again = json.loads(run(root, "--json").stdout)
    assert (again["healthy"], again["written"]) == (True, None)


def test_mistakes_are_one_sentence(tmp_path):
    result = run(tmp_path / "lfit")
    assert result.exit_code == 1
    assert result.stderr == f"error: there is no folder {tmp_path}/lfit: name the folder of a LeRobotDataset.\n"


def test_importing_it_is_light():
    heavy = ("lerobot", "torch", "av", "pyarrow", "datasets", "psutil", "pandas")
    code = f"import sys, armchair.commands.repair; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert found.stdout.strip() == "[]"


def test_an_interrupted_recording_is_built_of_what_it_had_finished(tmp_path):
    from armchair_core.errors import ArmchairError
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record
    from armchair_datasets.recording.workspace import Workspace

    def stop(report):
        if report.kept == 1:
            raise KeyboardInterrupt

    out = tmp_path / "reach"
    with pytest.raises(ArmchairError, match="--resume"):
        record(SimulatedRecordingRequest("reach", "expert", 3, 0, out, height=32, width=32, workers=1), on_episode=stop)
    told = run(Workspace(out).root, "--dry-run")
    assert "1 finished episode: nothing of that is lost" in told.stdout
    assert not out.exists()
    assert "Built" in run(out).stdout
    assert json.loads((out / "meta/info.json").read_text())["total_episodes"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["reach"]
