"""The suite in the real simulator, made of three variations only; and its table, made up."""

import json
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.evaluation import suite
from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.evaluate import EvalProgress
from armchair_policies.evaluation.plan import EvalPlan
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.results import load_outcomes, load_result, summarise, write_outcomes
from armchair_policies.evaluation.statistics.paired import holm
from armchair_policies.evaluation.suite import SuiteRow, prepare_suite, run_suite, table
from armchair_robot.loop.episode import Outcome
from armchair_sim.scene.variations import ROBUST
from armchair_sim.seeds import FIRST_EVALUATION_SEED as FIRST


@pytest.fixture
def small(monkeypatch):
    """A suite of three."""
    names = ("nominal", "object-colour", "pushes")
    monkeypatch.setattr(suite, "ROBUST", tuple(one for one in ROBUST if one.name in names))
    return names


def test_the_suite_is_judged_resumed_and_reported(tmp_path, small):
    asked = EvalRequest("expert", "reach", 2, FIRST, tmp_path / "out", suite="robust")

    def interrupt(at: EvalProgress) -> None:
        if at.done == 3:
            raise KeyboardInterrupt

    plans = prepare_suite(asked)
    assert not (tmp_path / "out").exists()
    line = r"go on with `armchair eval expert --task reach .* --out \S+out --suite robust --resume`"
    with pytest.raises(ArmchairError, match=f"what was judged so far, 3 scenes, is kept; {line}"):
        run_suite(plans, 1, interrupt)
    with pytest.raises(ArmchairError, match=r"an unfinished evaluation waits in .*out: add --resume"):
        prepare_suite(asked)
    told: list[EvalProgress] = []
    rows = run_suite(prepare_suite(asked, resume=True), 1, told.append)
    assert [(at.stage, at.done, at.total) for at in told] == [
        *(("scenes", done, 6) for done in (4, 5, 6)),
        *(("videos", done, 3) for done in (1, 2, 3)),
    ]
    assert [(row.variation, row.successes, row.words) for row in rows] == [
        ("nominal", 2, ""), ("object-colour", 2, "cannot tell"), ("pushes", 2, "cannot tell"),
    ]  # fmt: skip
    saved = json.loads((tmp_path / "out" / "robust.json").read_text())
    assert [row["variation"] for row in saved["rows"]] == list(small)
    assert saved["command"].endswith("--suite robust")
    assert load_result(tmp_path / "out" / "pushes").variation == "pushes"
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("data:video/mp4") == 3 and "pushes of 10 N" in page and "it never failed" in page
    assert run_suite(prepare_suite(asked, resume=True), 1) == rows


def test_nothing_to_resume_is_said(tmp_path):
    with pytest.raises(ArmchairError, match=r"nothing waits in .*out to be resumed"):
        prepare_suite(EvalRequest("expert", "reach", 2, FIRST, tmp_path / "out", suite="robust"), resume=True)


def made_up(folder: Path, name: str, successes: int, episodes: int = 50) -> EvalPlan:
    """An evaluation that came out so: its first scenes succeeded."""
    request = EvalRequest("expert", "lift", episodes, FIRST, folder, suite="robust")
    plan = EvalPlan(request, Candidate("expert", "lift", None, 96, 96, name), {})
    plan.out.mkdir()
    write_outcomes((Outcome(seed, seed < FIRST + successes, 9, "x") for seed in plan.seeds), plan.out)
    return plan


def test_a_row_is_worse_only_if_so_many_rows_would_not_show_it_by_chance(tmp_path):

    plans = [
        made_up(tmp_path, name, successes)
        for name, successes in (("nominal", 48), ("light", 42), ("camera", 12), ("delay", 48), ("size", 50))
    ]
    results = [summarise(plan.candidate, {}, load_outcomes(plan.out), 1.0, "") for plan in plans]
    rows = {row.variation: row for row in table(plans, results)}
    assert {name: row.words for name, row in rows.items()} == {
        "nominal": "", "light": "cannot tell", "camera": "worse", "delay": "cannot tell", "size": "cannot tell",
    }  # fmt: skip
    # Six scenes of 50 lost and none won would be significant alone (p = 0.03), but not as one row of four.
    assert rows["light"].verdict.p_value == pytest.approx(3 * 2 / 2**6)
    assert rows["camera"].change == pytest.approx(-36 / 50)
    assert isinstance(rows["size"], SuiteRow) and rows["size"].change > 0


def test_holm():
    # Holm (1979) as in every textbook: 4 x 0.01, then 3 x 0.013, which may not fall below, 2 x 0.03, and 0.6.
    assert holm([0.03, 0.01, 0.6, 0.013]) == pytest.approx([0.06, 0.04, 0.6, 0.04])
    assert holm([]) == []
