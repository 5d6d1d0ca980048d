"""A policy that ships on the twin of a real console: it tries, is taken over by the wheel, handed back, and stopped."""

import numpy as np
import pytest

from armchair_policies.evaluation.results import load_outcomes, load_result

pytestmark = [pytest.mark.slow, pytest.mark.real_time]
WITHIN_S = 300.0
UP = {"type_": "jog", "rates": [0, 0, 1, 0, 0, 0], "mode": "tip", "speed": "slow"}
KEEP = {"type_": "hold"}


def phase(news) -> str:
    return (news["arm"].get("attempt") or {}).get("phase", "")


def driving(news) -> bool:
    return news["arm"]["phase"] == "driving" and "state" in news["arm"]


def let_try(page, policy, episodes):
    """Once the arm is driven, take the wheel and let the policy try."""
    page.until(driving, WITHIN_S)
    page.say("take")
    page.say("run", policy=policy, episodes=episodes)
    return page


def test_it_tries_is_taken_over_handed_back_and_judged(console, visit):
    page = let_try(visit(console), "lift", 1)
    page.until(lambda news: phase(news) == "trying", WITHIN_S, also=KEEP)
    page.say("trial", do="take")
    page.until(lambda news: phase(news) == "yours", 20, also=KEEP)
    held = np.array(page.watch(0.7, also=KEEP)["arm"]["state"])
    moved = page.until(lambda news: abs(np.array(news["arm"]["state"]) - held).max() > 3, 30, also=UP)
    assert phase(moved) == "yours"
    page.say("trial", do="take")
    page.until(lambda news: phase(news) == "trying", 20, also=KEEP)
    over = page.until(lambda news: phase(news) == "over", WITHIN_S, also=KEEP)["arm"]["attempt"]
    assert over["ended"] == 1 and over["out"] in over["said"]
    (outcome,) = load_outcomes(console.folder / over["out"])
    assert outcome.ending == "a person helped" and not outcome.success
    assert load_result(console.folder / over["out"]).body == "twin"
    page.until(driving, WITHIN_S)


def test_stop_holds_the_arm_and_ends_the_trials(console, visit):
    page = let_try(visit(console), "lift", 3)
    page.until(lambda news: phase(news) == "trying", WITHIN_S, also=KEEP)
    page.watch(1.0, also=KEEP)
    page.say("stop")
    page.until(lambda news: news["arm"]["stopped"], also=KEEP)
    held = np.array(page.watch(1.5, also=KEEP)["arm"]["state"])
    assert abs(np.array(page.watch(2.0, also=KEEP)["arm"]["state"]) - held).max() < 2
    page.say("go")
    over = page.until(lambda news: phase(news) == "over", WITHIN_S, also=KEEP)["arm"]["attempt"]
    assert "hold still" in over["said"]
    page.until(driving, WITHIN_S)
    assert len(console.twin(do="status")["motors_on"]) == 6


def test_a_policy_that_cannot_be_is_said_and_the_arm_is_driven_on(console, visit):
    (console.folder / "broken" / "checkpoints" / "last").mkdir(parents=True)
    page = let_try(visit(console), "broken", 1)
    over = page.until(lambda news: phase(news) == "over" and news["arm"]["attempt"]["policy"] == "broken", WITHIN_S,
                      also=KEEP)["arm"]["attempt"]  # fmt: skip
    assert over["said"] and "\n" not in over["said"]
    page.until(driving, WITHIN_S)
