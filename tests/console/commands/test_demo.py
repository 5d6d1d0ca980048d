"""The demo's words and what it says after Ctrl-C, with its three jobs replaced. The jobs are tested elsewhere."""

from pathlib import Path

import pytest
import typer

from armchair.commands import demo
from armchair.commands.demo import make_plan, run_demo
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.training.request import TrainRequest


@pytest.fixture(autouse=True)
def plain_names(monkeypatch):
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)


@pytest.fixture
def steps(monkeypatch):
    """The jobs done, after a dict in which a test says in which job Ctrl-C comes, and what that one leaves."""
    done, stop_at = [], {}

    def fake(name):
        def step(*arguments, **_):
            done.append((name, *arguments))
            if name in stop_at:
                if stop_at[name]:
                    stop_at[name].mkdir(parents=True)
                raise KeyboardInterrupt

        return step

    monkeypatch.setattr("armchair.commands.recording.simulated.record_step", fake("record_step"))
    monkeypatch.setattr("armchair.commands.training.nano.train_step", fake("train_step"))
    monkeypatch.setattr(demo, "eval_step", fake("eval_step"))
    done.append(stop_at)
    return done


def test_a_demo_records_trains_and_judges_in_one_folder(steps, tmp_path, capsys):
    out = tmp_path / "demo"
    run_demo(make_plan("lift", out, episodes=30, minutes=2))
    assert steps[1:] == [
        ("record_step", SimulatedRecordingRequest("lift", "expert", 30, 0, out / "dataset", 96, 96)),
        ("train_step", TrainRequest((out / "dataset",), out / "policy", minutes=2, seed=0)),
        ("eval_step", EvalRequest(str(out / "policy"), "lift", 50, 100_000, out / "report")),
    ]
    said = capsys.readouterr().out
    assert f"armchair eval {out}/policy --task lift --episodes 200 --out {out}/report-200" in said
    assert f"armchair train {out}/dataset --minutes 16 --out {out}/policy-16-minutes" in said
    assert said.rstrip().endswith(f"Report: {out}/report/report.html")
    assert "poor" not in said


def test_the_quick_demo_is_small_and_says_that_its_score_is_poor(steps, tmp_path, capsys):
    run_demo(make_plan("place", tmp_path / "demo", quick=True))
    (_, recording), _, (_, request) = steps[1:]
    assert (recording.task, recording.episodes, request.episodes) == ("place", 24, 10)
    assert "a poor policy" in capsys.readouterr().out


def test_zero_episodes_are_not_taken_for_the_default():
    assert make_plan("lift", Path("x"), episodes=0, minutes=0).episodes == 0
    assert make_plan("lift", Path("x"), minutes=0).minutes == 0


@pytest.mark.parametrize(
    ("step", "kept", "lines"),
    [
        ("record_step", "dataset.recording", ["record --task lift --episodes 100 --out {0}/dataset --resume"]),
        ("record_step", None, ["record --task lift --episodes 100 --out {0}/dataset"]),
        (
            "train_step",
            "policy/checkpoints/last",
            ["train {0}/dataset --minutes 7 --out {0}/policy --resume"],
        ),
        ("eval_step", "report/exam.json", ["eval {0}/policy --task lift --episodes 50 --out {0}/report --resume"]),
        ("eval_step", None, ["eval {0}/policy --task lift --episodes 50 --out {0}/report"]),
    ],
)
def test_after_ctrl_c_the_commands_for_the_rest_are_printed(steps, tmp_path, capsys, step, kept, lines):
    plan = make_plan("lift", tmp_path / "demo")
    steps[0][step] = plan.out / kept if kept else None
    with pytest.raises(typer.Exit) as left:
        run_demo(plan)
    assert left.value.exit_code == 130
    said = capsys.readouterr().err.splitlines()
    assert "What is finished is kept" in said[1]
    assert said[2 : 2 + len(lines)] == ["  armchair " + line.format(plan.out) for line in lines]
    if step != "eval_step":
        evaluation = f"  armchair eval {plan.policy} --task lift --episodes 50 --out {plan.report}"
        assert said[-1] == evaluation
