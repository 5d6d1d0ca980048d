"""The whole way through a classroom hub, each step a command: recorded here, trained elsewhere, judged here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
LOAD_DATASET = """
from lerobot.datasets import LeRobotDataset
data = LeRobotDataset("me/reach", video_backend="pyav")
print(data.num_episodes, len(data), tuple(data[len(data) - 1]["observation.images.front"].shape))
"""
LOAD_POLICY = """
import lerobot_robot_armchair
from huggingface_hub import snapshot_download
from armchair_policies.nano.modeling_nano import NanoPolicy
policy = NanoPolicy.from_pretrained("me/reach-policy")
print(snapshot_download("me/reach-policy"))
"""


class Desk:
    """A student's seat: a folder with homes of its own, and the hub's address."""

    def __init__(self, folder: Path, hub: str) -> None:
        folder.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
        homes = {"HF_HOME": folder / "hf", "HF_LEROBOT_HOME": folder / "lerobot", "ARMCHAIR_STATE": folder / "state"}
        self.folder = folder
        self.env = {**kept, "HF_ENDPOINT": hub, "HF_TOKEN": "any", **{name: str(home) for name, home in homes.items()}}

    def run(self, *words: object) -> str:
        command = [BIN / str(words[0]), *map(str, words[1:])]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture
def hub(tmp_path):
    """The address of `armchair hub`."""
    command = [BIN / "armchair", "hub", "--folder", tmp_path / "hub", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


@pytest.mark.slow
def test_recorded_pushed_loaded_trained_pushed_loaded_judged(tmp_path, hub):
    here, elsewhere = Desk(tmp_path / "here", hub), Desk(tmp_path / "elsewhere", hub)
    here.run("armchair", "record", "--task", "reach", "--episodes", 2, "--image-size", 64, "--out", "data")
    assert "loaded by LeRobot" in here.run("armchair", "push", "data", "--repo-id", "me/reach")

    frames = json.loads((here.folder / "data/meta/info.json").read_text())["total_frames"]
    assert elsewhere.run("python", "-c", LOAD_DATASET).strip() == f"2 {frames} (3, 64, 64)"
    elsewhere.run(
        "lerobot-train", "--dataset.repo_id=me/reach", "--policy.type=nano", "--policy.device=cpu", "--steps=1",
        "--policy.push_to_hub=false", "--batch_size=4", "--num_workers=0", "--save_freq=1", "--output_dir=trained",
    )  # fmt: skip
    elsewhere.run("armchair", "push", "trained", "--repo-id", "me/reach-policy")

    policy = here.run("python", "-c", LOAD_POLICY).split()[-1]
    assert Path(policy).is_relative_to(here.folder / "hf")
    here.run("armchair", "eval", policy, "--task", "reach", "--episodes", 2, "--out", "report")
    score = json.loads((here.folder / "report/eval.json").read_text())
    assert (score["kind"], score["task"], score["episodes"]) == ("policy", "reach", 2)
