"""Skills that ship: whole, honest about themselves, and made by a recipe that works."""

import importlib
import json

import pytest

from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_policies.skills import locate_policy, skill_names
from armchair_robot.rollout.policy_folder import open_policy_folder


@pytest.fixture(scope="module")
def recipes():
    """The module that makes skills, a script in `benchmarks`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(__file__.rsplit("tests", 1)[0] + "benchmarks")
        yield importlib.import_module("make_skills")


@pytest.fixture(params=skill_names())
def skill(request):
    return locate_policy(request.param)


def test_is_whole_and_small(skill):
    found = open_policy_folder(skill)
    assert found.config["type"] == "nano" and set(found.cameras) == {"front", "wrist"}
    assert sum(file.stat().st_size for file in skill.iterdir()) < 3_000_000
    assert "/" not in found.provenance["dataset"], "no paths of the computer that it was made on"


def test_its_card_says_what_was_measured(skill, recipes):
    score = json.loads((skill / "eval.json").read_text())
    card = (skill / "README.md").read_text()
    recipe = recipes.Recipe(**json.loads((skill / "recipe.json").read_text()))
    assert score["task"] == recipe.task == skill.name
    assert score["episodes"] == recipe.scenes >= 200
    assert score["interval_95"] == pytest.approx(wilson_interval(score["successes"], score["episodes"]))
    assert f"**{score['successes']} of {score['episodes']}**" in card and f"{score['success_rate']:.1%}" in card
    assert score["training"]["steps"] == recipe.steps and score["training"]["seed"] == recipe.seed


def test_the_recipe_makes_a_skill(recipes, tmp_path):
    result = recipes.make_skill(recipes.Recipe("reach", episodes=2, steps=3, scenes=2), tmp_path / "out")
    made = tmp_path / "out" / "reach"
    assert result.episodes == 2
    assert open_policy_folder(made).provenance["steps"] == 3
    assert "of 2** scenes" in (made / "README.md").read_text()
    assert json.loads((made / "eval.json").read_text())["command"].startswith("armchair eval reach --task reach")
    assert str(tmp_path) not in "".join(file.read_text() for file in made.glob("*.json"))


@pytest.mark.slow
def test_it_does_what_its_card_says(skill, tmp_path):
    """In scenes that the card has not counted."""
    from armchair_policies.evaluation.evaluate import evaluate
    from armchair_policies.evaluation.request import EvalRequest

    score = json.loads((skill / "eval.json").read_text())
    again = evaluate(EvalRequest(skill.name, None, 100, score["last_seed"] + 1, tmp_path / "report"))
    assert again.interval_95[1] > score["interval_95"][0]
