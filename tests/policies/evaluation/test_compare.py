"""Two folders of evaluations, paired: what is said of them, and when nothing is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.evaluation.compare import compare, judge_paired
from armchair_policies.evaluation.results import ARM, TWIN, EvalResult, append_outcome, load_result, save_result
from armchair_policies.evaluation.statistics.paired import Paired
from armchair_robot.loop.episode import Outcome

FIRST = 100_000
A_RESULT = EvalResult(
    "lift", "Pick up the red cube.", "demo/policy", "policy", 0, 0, 0.0, (0.0, 1.0), FIRST, FIRST, {}, 30,
    (96, 96), 1.0, "armchair eval …", {"armchair": "0.1.0", "mujoco": "3.3.7"}, {},
)  # fmt: skip


def evaluation(folder: Path, successes: list[bool], first: int = FIRST, **changes) -> Path:
    """The folder of an evaluation that came out so."""
    for seed, success in enumerate(successes, first):
        append_outcome(Outcome(seed, success, 90, "success" if success else "missed the cube"), folder)
    facts = {"episodes": len(successes), "successes": sum(successes), "first_seed": first}
    save_result(replace(A_RESULT, **{**facts, **changes}), folder)
    return folder


def test_only_what_both_were_judged_in_counts(tmp_path):
    a = evaluation(tmp_path / "a", [True] * 6 + [False] * 4)
    b = evaluation(tmp_path / "b", [False] * 2 + [True] * 3 + [False] * 20, first=FIRST + 4)
    found = compare(a, b)
    assert (found.scenes, found.seeds) == (6, "100004 to 100009")
    assert found.pairs == Paired(both=0, only_a=2, only_b=3, neither=1)
    assert (found.a.successes, found.b.successes) == (2, 3)


@pytest.mark.parametrize(
    ("pairs", "words", "sentence"),
    [
        (
            Paired(100, 40, 10, 50),
            "A is better",
            "A is better, by 15.0 points: were they equal, chance would set them so far apart",
        ),
        (Paired(100, 10, 40, 50), "B is better", "B is better, by 15.0 points"),
        (Paired(170, 9, 6, 15), "cannot tell", "if the 1.5 points between them are real, some 2,"),
        (Paired(190, 5, 5, 0), "cannot tell", "Cannot tell: so far they are level."),
        (Paired(59, 6, 16, 80), "cannot tell", "if the 6.2 points between them are real, some "),
    ],
)
def test_the_verdict_is_in_words(pairs, words, sentence):
    verdict = judge_paired(pairs)
    assert verdict.words == words
    assert sentence in str(verdict)


def test_the_same_folder_twice_is_level(tmp_path):
    a = evaluation(tmp_path / "a", [True, False] * 20)
    assert str(compare(a, a).verdict) == "Cannot tell: so far they are level."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "reach"}, r"about lift and \S+b about reach: .* `armchair eval demo/policy --task lift --episodes 4"),
        ({"first": FIRST + 50}, r"no scene in common .*`armchair eval .* --episodes 4 --seed 100000 --out \S+b-2`"),
        ({"body": ARM}, "held on a real arm, where no scene can be set twice"),
    ],
)
def test_what_cannot_be_paired_is_said(tmp_path, changes, message):
    a = evaluation(tmp_path / "a", [True] * 4)
    b = evaluation(tmp_path / "b", [True] * 4, **changes)
    with pytest.raises(ArmchairError, match=message):
        compare(a, b)


def test_folders_that_are_no_evaluations(tmp_path):
    a = evaluation(tmp_path / "report", [True] * 4)
    with pytest.raises(ArmchairError, match=r"there is no folder .*reprot: did you mean '.*report'\?"):
        compare(a, tmp_path / "reprot")
    (tmp_path / "begun").mkdir()
    with pytest.raises(ArmchairError, match="holds no evaluation"):
        compare(tmp_path / "begun", a)
    (tmp_path / "begun" / "exam.json").write_text("{}")
    with pytest.raises(
        ArmchairError, match="is not finished: finish it with the `armchair eval` that began it and --resume"
    ):
        compare(tmp_path / "begun", a)


def test_what_may_make_the_pairs_unequal_is_said(tmp_path):
    a = evaluation(tmp_path / "a", [True] * 4)
    newer = {"armchair": "0.1.0", "mujoco": "3.4.0"}
    b = evaluation(tmp_path / "b", [True] * 4, body=TWIN, versions=newer, episode_s=30.0)
    said = compare(a, b).warnings
    assert said[0] == "A was judged with mujoco 3.3.7 and B with 3.4.0: one seed may be two scenes."
    assert said[1] == "A was given the task's own time and B 30 s."
    assert "twin" in said[2] and len(said) == 3


def test_a_result_comes_back_as_it_was_written(tmp_path):
    evaluation(tmp_path / "a", [True, False])
    assert load_result(tmp_path / "a") == replace(A_RESULT, episodes=2, successes=1)
