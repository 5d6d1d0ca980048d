"""`armchair compare` as it is typed."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair_policies.evaluation.compare import compare
from armchair_policies.evaluation.results import EvalResult, append_outcome, save_result
from armchair_robot.loop.episode import Outcome

RESULT = EvalResult(
    "lift", "Pick up the red cube.", "demo/policy", "policy", 50, 0, 0.0, (0.0, 1.0), 100_000, 100_049, {}, 30,
    (96, 96), 1.0, "armchair eval …", {}, {},
)  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Two evaluations, `a` and `b`, and the command beside them."""
    monkeypatch.chdir(tmp_path)
    for name, successes in (("a", 40), ("b", 20)):
        for number in range(50):
            success = number < successes
            append_outcome(Outcome(100_000 + number, success, 90, "success" if success else "missed"), Path(name))
        save_result(replace(RESULT, successes=successes, policy=f"<b>{name}</b>"), Path(name))

    def compare_(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["compare", *words])
        return done.exit_code, done.output

    return compare_


def test_the_text_says_it_all(run):
    code, said = run("a", "b")
    assert code == 0
    assert "50 scenes of lift in common, seeds 100000 to 100049" in said
    assert re.search(r"A +80.0%  \(95 % interval 67.0% to 88.8%\)  <b>a</b>, a\n", said)
    assert re.search(r"20  only A\n +0  only B\n", said)
    assert "McNemar's exact test: p = 1.91e-06" in said
    assert "A less B: +40.0 points (95 % interval " in said
    assert "A is better, by 40.0 points" in said.splitlines()[-1]


def test_the_page_needs_nothing_and_overwrites_nothing(run):
    code, said = run("a", "b", "--html", "which.html")
    assert (code, said.splitlines()[-1]) == (0, "Page: which.html")
    page = Path("which.html").read_text()
    assert "A is better" in page and "armchair compare a b" in page and "&lt;b&gt;a&lt;/b&gt;" in page
    assert not re.search("https?:|<script|<b>a", page)
    code, said = run("a", "b", "--html", "which.html")
    assert (code, said) == (1, "error: which.html exists: use --html which-2.html.\n")


def test_json_is_one_object(run):
    assert json.loads(run("a", "b", "--json")[1]) == json.loads(json.dumps(asdict(compare(Path("a"), Path("b")))))


def test_mistakes(run):
    assert run("a", "b", "--json", "--html", "x.html")[0] == 2
    assert run("a", "c") == (1, "error: there is no folder c: name one that `armchair eval` wrote.\n")
