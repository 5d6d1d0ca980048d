"""A policy that stock `lerobot-train` made, judged by `armchair eval` as it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from armchair_policies.evaluation.evaluate import evaluate
from armchair_policies.evaluation.request import EvalRequest
from armchair_sim.seeds import FIRST_EVALUATION_SEED as FIRST

BIN = Path(sys.executable).parent


@pytest.mark.slow
def test_act_of_stock_lerobot_train_is_judged(tmp_path):
    run(tmp_path, "armchair", "record", "--task", "reach", "--episodes", 2, "--image-size", 64, "--out", "data")
    run(
        tmp_path, "lerobot-train", "--dataset.repo_id=me/reach", "--dataset.root=data", "--policy.type=act",
        "--policy.device=cpu", "--policy.push_to_hub=false", "--policy.pretrained_backbone_weights=null",
        "--policy.dim_model=64", "--policy.dim_feedforward=64", "--policy.n_heads=2", "--steps=2", "--save_freq=2",
        "--batch_size=2", "--num_workers=0", "--output_dir=act",
    )  # fmt: skip
    result = evaluate(EvalRequest(str(tmp_path / "act"), "reach", 2, FIRST, tmp_path / "report"), workers=1)
    assert (result.episodes, result.training["policy"], result.training["dataset"]) == (2, "act", "me/reach")
    assert result.training["steps"] == 2 and len(result.policy_sha256) == 64
    assert json.loads((tmp_path / "report" / "eval.json").read_text())["image_size"] == [64, 64]
    assert "How it was taught" in (tmp_path / "report" / "report.html").read_text()


def run(folder: Path, *words: object) -> None:
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    command = [BIN / str(words[0]), *map(str, words[1:])]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
