"""Judge: evaluations under way and finished, their films, pairs, and a policy that is let loose on the page's arm."""

import json

import httpx
import pytest

from armchair.web.routes.evaluate import EvalJobRequest

WISH = {"policy": "expert", "task": "reach", "episodes": 8, "out": "new"}
ROWS = [(100_000 + number, number % 4 != 0) for number in range(8)]


def evaluation(folder, rows, name="expert", whole=True) -> None:
    """As `armchair eval` leaves it."""
    from armchair_policies.evaluation.candidate import Candidate
    from armchair_policies.evaluation.results import save_result, summarise, write_outcomes
    from armchair_robot.loop.episode import Outcome

    (folder / "videos").mkdir(parents=True, exist_ok=True)
    outcomes = [
        Outcome(seed, success, 50, "success" if success else "timed out", (0.2, 0.01)) for seed, success in rows
    ]
    write_outcomes(outcomes, folder)
    if whole:
        save_result(summarise(Candidate(name, "reach", None, 96, 96), {}, outcomes, 1.0, "armchair eval"), folder)
        (folder / "report.html").touch()


@pytest.fixture(autouse=True)
def evaluations(page):
    evaluation(page.folder / "report", ROWS)
    evaluation(page.folder / "better", [(seed, True) for seed, _ in ROWS])
    (page.folder / "report" / "videos" / "seed-100000-timed-out.mp4").write_bytes(bytes(range(256)))


def get(page, path: str, **query) -> httpx.Response:
    return httpx.get(f"{page.url}/api/judge{path}", params=query, trust_env=False)


def test_a_wish_is_a_command():
    assert EvalJobRequest(**WISH).words == ["eval", "expert", "--task", "reach", "--episodes", 8, "--out", "new"]
    assert EvalJobRequest(policy="demo/policy", episodes=1, out="b").words[:2] == ["eval", "demo/policy"]


@pytest.mark.parametrize("wrong", [{"policy": "../x"}, {"task": "--x y"}, {"episodes": 0}, {"episodes": 10**6},
                                   {"episodes": 1.5}, {"out": "/x"}, {"more": 1}])  # fmt: skip
def test_anything_else_is_refused(page, wrong):
    assert httpx.post(f"{page.url}/api/judge", json={**WISH, **wrong}, trust_env=False).status_code == 422


def test_who_is_not_there_and_what_is_there_is_said(page):
    for wrong, words in ({"policy": "gone"}, "no policy gone"), ({"out": "report"}, "report-2 is free"):
        answer = httpx.post(f"{page.url}/api/judge", json={**WISH, **wrong}, trust_env=False)
        assert answer.status_code == 409 and words in answer.json()["detail"]


def test_what_there_is(page):
    found = get(page, "").json()
    assert found["contenders"] == ["lift", "expert"] and "reach" in found["tasks"]
    assert {(each["name"], each["successes"], each["episodes"]) for each in found["evaluations"]} == {
        ("report", 6, 8), ("better", 8, 8),
    }  # fmt: skip


@pytest.mark.parametrize("damage", ["{", "[]", '{"task": "reach"}', ""])
def test_one_that_is_damaged_is_said_and_hides_no_other(page, damage):
    evaluation(page.folder / "damaged", ROWS)
    (page.folder / "damaged" / "eval.json").write_text(damage)
    try:
        told = {each["name"]: each["trouble"] for each in get(page, "").json()["evaluations"]}
        assert told["report"] == told["better"] == "" and "cannot be read" in told["damaged"]
        (page.folder / "damaged" / "episodes.jsonl").write_text("{}\n")
        answer = get(page, "/evaluation", name="damaged")
        assert answer.status_code == 409 and "Judge once more" in answer.json()["detail"]
    finally:
        (page.folder / "damaged" / "eval.json").unlink()


def test_how_well_the_skills_do_that_ship(page):
    assert get(page, "").json()["skills"]["lift"] == {"successes": 200, "episodes": 200, "steps": 5000, "examples": 100}


def test_a_tally_with_its_interval_films_and_the_table(page):
    look = get(page, "/evaluation", name="report").json()
    assert (look["successes"], look["episodes"], look["whole"]) == (6, 8, True)
    assert look["interval"] == pytest.approx([0.409, 0.929], abs=0.001)
    assert look["endings"] == {"success": 6, "timed out": 2}
    assert look["films"] == {"timed out": ["seed-100000-timed-out.mp4"]}
    assert sum(cell["scenes"] for cell in look["cells"]) == len(look["spots"]) == 8
    evaluation(page.folder / "under-way", ROWS[:3], whole=False)
    live = get(page, "/evaluation", name="under-way").json()
    assert (live["successes"], live["episodes"], live["whole"], live["cells"]) == (2, 3, False, [])


def test_films_come_in_parts_and_nothing_else_comes(page):
    film = {"name": "report", "film": "seed-100000-timed-out.mp4"}
    part = httpx.get(f"{page.url}/api/judge/film", params=film, headers={"Range": "bytes=10-19"}, trust_env=False)
    assert part.status_code == 206 and part.content == bytes(range(10, 20))
    assert part.headers["content-type"] == "video/mp4"
    assert get(page, "/film", **{**film, "film": "../eval.json"}).status_code == 422
    assert get(page, "/film", **{**film, "film": "seed-1-x.mp4"}).status_code == 409
    outside = page.folder.parent / "outside.mp4"
    outside.write_bytes(b"secret")
    (page.folder / "report" / "videos" / "seed-7-x.mp4").symlink_to(outside)
    assert get(page, "/film", **{**film, "film": "seed-7-x.mp4"}).status_code == 409
    (page.folder / "report" / "videos" / "seed-7-x.mp4").unlink()


def test_two_are_compared_in_words(page):
    found = get(page, "/compare", a="better", b="report").json()
    assert found["pairs"] == {"both": 6, "only_a": 2, "only_b": 0, "neither": 0}
    assert found["sentence"].startswith("Cannot tell: if the 25.0 points")
    assert get(page, "/compare", a="better", b="gone").status_code == 409


# --- on the arm ---------------------------------------------------------------------------------------------------
def test_a_policy_moves_the_arm_for_whoever_has_the_wheel(page, visit, monkeypatch):
    first = visit(page)
    first.say("run", policy="lift", episodes=2)  # a teacher may, with or without the wheel
    first.until(lambda _: first.refused)
    assert "armchair run" in first.refused, "there is no twin"
    monkeypatch.setattr(type(page.cell.choice), "is_twin", True)
    for policy, words in ("gone", "no policy gone"), ("expert", "no policy expert"):
        first.refused = ""
        first.say("run", policy=policy, episodes=2)
        first.until(lambda _: first.refused)
        assert words in first.refused
    page.arm.orders.clear()
    first.say("run", policy="lift", episodes=2)
    first.say("trial", do="take")
    first.until(lambda _: len(page.arm.orders) == 2)
    (run, trials), take = page.arm.orders
    assert (run, trials.policy, trials.episodes, trials.out) == ("run", "lift", 2, "run-lift")
    assert take == ("trial", "take")


def test_a_student_without_the_wheel_lets_nothing_loose(lan_page, visit):
    entered = httpx.post(f"{lan_page.url}/api/enter", json={"token": lan_page.visitors.invite("student")},
                         trust_env=False)  # fmt: skip
    student = visit(lan_page, entered.cookies[lan_page.cookie])
    lan_page.arm.orders.clear()
    for message in ({"type_": "run", "policy": "lift", "episodes": 2}, {"type_": "trial", "do": "quit"}):
        student.refused = ""
        student.say(**message)
        student.until(lambda _: student.refused)
        assert "take the wheel first" in student.refused
    assert lan_page.arm.orders == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "run", "policy": "../x", "episodes": 2}, {"type": "run", "policy": "lift"},
        {"type": "run", "policy": "lift", "episodes": 1e9}, {"type": "trial", "do": "x"},
    ],
)  # fmt: skip
def test_what_means_nothing_ends_the_line(message):
    from pydantic import ValidationError

    from armchair.web.access.messages import read_message

    with pytest.raises(ValidationError):
        read_message(json.dumps(message))
