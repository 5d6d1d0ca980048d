"""The main job, end to end and small: record, train, judge; and what it wrote opens in stock LeRobot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

OFFLINE = {**os.environ, "HF_HUB_OFFLINE": "1"}
BIN = Path(sys.executable).parent


def run(*words: object, cwd: Path) -> str:
    command = [str(BIN / str(words[0])), *map(str, words[1:])]
    done = subprocess.run(command, cwd=cwd, env=OFFLINE, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """A folder in which a very small demo has run, with what it said in said.txt."""
    folder = tmp_path_factory.mktemp("main-job")
    words = ["--task", "reach", "--quick", "--episodes", 3, "--minutes", 0.1, "--out", "demo"]
    (folder / "said.txt").write_text(run("armchair", "demo", *words, cwd=folder))
    return folder


def test_demo_tells_and_writes(demo):
    said = (demo / "said.txt").read_text()
    assert "Three things to try next" in said
    assert said.strip().endswith("Report: demo/report/report.html")
    score = json.loads((demo / "demo/report/eval.json").read_text())
    assert (score["task"], score["episodes"], score["first_seed"]) == ("reach", 10, 100_000)
    low, high = score["interval_95"]
    assert 0 <= low <= score["success_rate"] == score["successes"] / 10 <= high <= 1
    assert len((demo / "demo/report/episodes.jsonl").read_text().splitlines()) == 10
    page = (demo / "demo/report/report.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert any((demo / "demo/report/videos").glob("*.mp4"))


def test_stock_lerobot_loads_the_dataset(demo):
    code = (
        "from lerobot.datasets.lerobot_dataset import LeRobotDataset;"
        "data = LeRobotDataset('armchair/reach', root='demo/dataset');"
        "row = data[len(data) - 1];"
        "print(data.num_episodes, data.fps, row['task'], tuple(row['observation.images.wrist'].shape))"
    )
    said = run("python", "-c", code, cwd=demo)
    assert said.strip().endswith("3 30 Touch the red ball. (3, 96, 96)")


def test_stock_lerobot_eval_runs_the_policy(demo):
    policy = "demo/policy/checkpoints/last/pretrained_model"
    words = ["--env.type=armchair", "--env.task=reach", f"--policy.path={policy}", "--policy.device=cpu"]
    run("lerobot-eval", *words, "--eval.n_episodes=1", "--eval.batch_size=1", "--output_dir=stock", cwd=demo)
    info = json.loads((demo / "stock/eval_info.json").read_text())
    assert info["overall"]["n_episodes"] == 1


def test_a_second_demo_overwrites_nothing(demo):
    done = subprocess.run([BIN / "armchair", "demo", "--out", "demo"], cwd=demo, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "demo-2" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.real_time
def test_the_policy_runs_through_the_twin(demo):
    example = Path(__file__).parents[1] / "examples" / "08_through_the_wire.py"
    words = ["demo/policy", "--task", "reach", "--scenes", 1]
    assert "of 1 scenes through the twin's bus and cameras" in run("python", example, *words, cwd=demo)
