"""One contract over all policies: train, save, load, judge. Stock `lerobot-train` runs as it is; minutes in all."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.evaluation.evaluate import evaluate
from armchair_policies.evaluation.plan import refuse_training_seeds
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.training.lerobot.job import TrainingJob
from armchair_policies.training.lerobot.measure import measure
from armchair_policies.training.lerobot.presets import presets
from armchair_policies.training.lerobot.train import TrainingPlan, prepare, run
from armchair_policies.training.loss_curve import read_rows
from armchair_policies.training.nano.train import train as train_nano
from armchair_policies.training.request import TrainRequest
from armchair_sim.seeds import FIRST_EVALUATION_SEED

pytestmark = pytest.mark.slow
LAPTOP = replace(presets()["laptop"], batch_size=2)


def plan(reach: Path, out: Path, policy: str = "act", steps: int = 2, resume: bool = False, **other) -> TrainingPlan:
    return prepare(TrainingJob(reach, out, policy, LAPTOP, steps, **other), resume)


@pytest.fixture(scope="module")
def train(reach, tmp_path_factory):
    """The folder in which a policy was trained for two steps."""
    trained = {}

    def go(policy: str) -> Path:
        if policy not in trained:
            out = tmp_path_factory.mktemp("rails") / policy
            if policy == "nano":
                train_nano(TrainRequest((reach,), out, steps=2))
            else:
                run(plan(reach, out, policy))
            trained[policy] = out
        return trained[policy]

    return go


@pytest.mark.parametrize("policy", ["nano", "act", "diffusion"])
def test_trains_saves_loads_and_is_judged(train, policy, tmp_path):
    out = train(policy)
    facts = json.loads((out / "checkpoints/last/pretrained_model/armchair.json").read_text())
    assert (facts["policy"], facts["task"], facts["steps"]) == (policy, "reach", 2)
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG") and read_rows(out / "loss.csv")[-1]["step"] == 2
    result = evaluate(EvalRequest(str(out), None, 1, FIRST_EVALUATION_SEED, tmp_path / "report"), workers=1)
    assert result.episodes == 1
    with pytest.raises(ArmchairError, match="was trained on 1 of these scenes"):
        refuse_training_seeds(range(1), facts["training_seeds"])


def test_ctrl_c_keeps_what_was_learnt_and_resume_goes_on(reach, tmp_path):
    out = tmp_path / "act"

    def interrupt(at) -> None:
        if at.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(plan(reach, out, steps=50), interrupt)
    kept = int((out / "checkpoints/last").resolve().name)
    assert 2 <= kept < 50
    folder = run(plan(reach, out, steps=kept + 2, resume=True))
    assert int(folder.parent.name) == kept + 2
    assert [row["step"] for row in read_rows(out / "loss.csv")] == list(range(1, kept + 3))
    assert run(plan(reach, out, steps=kept + 2, resume=True)) == folder  # nothing is left to do


def test_a_measurement_leaves_nothing_behind(reach, tmp_path, monkeypatch):
    monkeypatch.setattr("armchair_policies.training.lerobot.measure.LONGEST_S", 600.0)  # on a slow machine, too
    speed = measure(plan(reach, tmp_path / "act").job)
    assert speed.steps == 18 and speed.step_s > 0
    assert list(tmp_path.iterdir()) == []


def test_another_policy_goes_on_from_a_checkpoint(reach, train, tmp_path):
    start = plan(reach, tmp_path / "more", "nano", base=train("act"))
    assert start.job.policy == "act"
    assert run(start).parent.name == "000002"
    with pytest.raises(ArmchairError, match="is of the type act, not diffusion"):
        plan(reach, tmp_path / "other", "diffusion", base=train("act"))


def test_two_processes_train_one_policy(reach, tmp_path):
    folder = run(plan(reach, tmp_path / "two", processes=2))
    state = json.loads((folder.parent / "training_state" / "training_step.json").read_text())
    assert (state["step"], state["num_processes"]) == (2, 2)
    assert len(read_rows(tmp_path / "two" / "loss.csv")) == 2


def test_stock_lerobot_eval_opens_it(train, tmp_path):
    words = ["--env.type=armchair", "--env.task=reach", "--eval.n_episodes=1", "--eval.batch_size=1"]
    policy = train("act") / "checkpoints/last/pretrained_model"
    command = [Path(sys.executable).with_name("lerobot-eval"), *words, f"--policy.path={policy}", "--policy.device=cpu"]
    done = subprocess.run(
        [*command, f"--output_dir={tmp_path / 'eval'}"],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads((tmp_path / "eval" / "eval_info.json").read_text())["overall"]["n_episodes"] == 1
