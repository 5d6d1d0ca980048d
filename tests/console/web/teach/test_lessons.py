"""A lesson from the page's side, with an arm's process that only says what it is told to say."""

import time

import httpx
import pytest

from armchair.web.teach.lessons import NOT_DONE
from armchair_datasets.editing.tags import read_tags

LESSON = {"number": 0, "dataset": "pens", "hand": "wheel", "kept": 0, "last": None, "ended": None, "failed": False,
          "phase": "waiting", "left_s": None, "rate_hz": 30.0, "behind": 0, "free_bytes": 1}  # fmt: skip
WISH = {"data": "pens", "hand": "wheel", "instruction": "Sort the pens."}


@pytest.fixture
def school(serve_folder, tmp_path, monkeypatch):
    """A page whose arm begins a lesson when it is told to. `built` are the datasets that were to be made."""
    with serve_folder(tmp_path) as page:
        page.built, page.says = [], {}

        def tell(order, *rest):
            page.arm.orders.append((order, *rest))
            if order == "teach":
                page.arm.said = {**page.arm.said, "lesson": LESSON | {"number": rest[0].number} | page.says}

        page.arm.tell = tell

        def start(kind, title, words, out, *rest, **more):
            page.built.append(words)
            return {"number": len(page.built)}

        monkeypatch.setattr(page.jobs, "start", start)
        monkeypatch.setattr(page.jobs, "status", lambda: [{"number": 1, "state": "done"}])
        yield page
        page.arm.said = {**page.arm.said, "lesson": LESSON | {"ended": ""}}


def post(page, path: str, **body) -> httpx.Response:
    return httpx.post(page.url + path, json=body, trust_env=False, timeout=30)


def end(page, **changes) -> None:
    now = page.arm.said["lesson"]
    page.arm.said = {**page.arm.said, "lesson": now | {"ended": "", "phase": "over"} | changes}


def test_a_lesson_begins_once_and_its_dataset_is_made_when_it_is_over(school, monkeypatch):
    begun = post(school, "/api/teach", **WISH)
    assert begun.status_code == 200 and begun.json()["phase"] == "waiting"
    order, lesson = school.arm.orders[0]
    assert (order, lesson.out, lesson.hand, lesson.is_twin) == ("teach", school.folder / "pens", "wheel", False)
    assert "a lesson is on already" in post(school, "/api/teach", **WISH).json()["detail"]
    (school.folder / "pens" / "meta").mkdir(parents=True)
    (school.folder / "pens" / "meta" / "info.json").touch()
    monkeypatch.setattr("armchair.web.teach.lessons.is_dataset", lambda root: False)  # as if it came later
    end(school, kept=2, undone=[1])
    until_s = time.monotonic() + 10
    while len(school.built) < 2:
        assert time.monotonic() < until_s
        time.sleep(0.05)
    assert school.built == [["repair", "pens"], ["check", "pens", "--save"]], "its verdicts follow"
    assert read_tags(school.folder / "pens") == {1: [NOT_DONE]}


def test_without_a_take_nothing_is_made(school):
    post(school, "/api/teach", **WISH)
    end(school)
    time.sleep(0.5)
    assert school.built == []


def test_why_it_cannot_begin_is_said(school):
    school.says = {"ended": "pens was recorded with another fps: record into a folder of its own.", "failed": True}
    refused = post(school, "/api/teach", **WISH)
    assert refused.status_code == 409 and "another fps" in refused.json()["detail"]
    school.arm.said = {"phase": "released", "words": ""}
    assert "the arm is not held" in post(school, "/api/teach", **WISH).json()["detail"]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"hand": "foot"}, 422), ({"take_s": 1}, 422), ({"take_s": 1e9}, 422), ({"data": "../x"}, 422),
     ({"hand": "leader"}, 409), ({"instruction": ""}, 409), ({"more": 1}, 422)],
)  # fmt: skip
def test_what_means_nothing_begins_nothing(school, change, status):
    assert post(school, "/api/teach", **{**WISH, **change}).status_code == status
    assert school.arm.orders == []


def test_takes_are_the_drivers_to_begin_and_end(school, visit):
    post(school, "/api/teach", **WISH)
    first = visit(school)
    school.arm.orders.clear()
    for do, wishes in (("ready", ("ready",)), ("next", ("next",)), ("again", ("redo", "ready"))):
        first.say("teach", do=do)
        first.until(lambda _, wishes=wishes: ("take", *wishes) in school.arm.orders)


def test_whoever_begins_a_take_has_the_wheel_if_nobody_has_it(school, visit):
    post(school, "/api/teach", **WISH)
    first, second = visit(school), visit(school)
    first.say("teach", do="wait")
    assert first.look()["driver"] is None, "nothing is recorded yet"
    first.say("teach", do="ready")
    first.until(lambda news: news["driver"] == first.me["you"])
    second.say("teach", do="ready")
    assert second.watch(0.2)["driver"] == first.me["you"], "and keeps it"


# --- whose lesson it is -------------------------------------------------------------------------------------------
@pytest.fixture
def classroom(serve_folder, tmp_path):
    """A page on the network, its arm in a lesson that `first` has begun; `enter` gives visitors."""
    with serve_folder(tmp_path, lan=True) as page:

        def enter(role: str) -> httpx.Client:
            client = httpx.Client(base_url=page.url, trust_env=False, timeout=30)
            client.post("/api/enter", json={"token": page.visitors.invite(role)})
            client.cookie = client.cookies[page.cookie]
            return client

        def tell(order, *rest):
            page.arm.orders.append((order, *rest))
            if order == "teach":
                page.arm.said = {**page.arm.said, "lesson": LESSON | {"number": rest[0].number}}

        page.arm.tell, page.enter = tell, enter
        page.first, page.other, page.teacher = enter("student"), enter("student"), enter("teacher")
        assert page.first.post("/api/teach", json=WISH).status_code == 200
        page.arm.orders.clear()
        yield page
        page.arm.said = {**page.arm.said, "lesson": LESSON | {"ended": "", "phase": "over"}}


@pytest.mark.parametrize("do", ["redo", "again", "quit", "ready", "next", "wait"])
def test_nobody_else_says_what_becomes_of_a_lesson(classroom, visit, do):
    other = visit(classroom, classroom.other.cookie)
    other.say("teach", do=do)
    other.until(lambda _: other.refused)
    assert "this lesson is somebody else's" in other.refused and classroom.arm.orders == []
    for mine in (classroom.first, classroom.teacher):
        visit(classroom, mine.cookie).say("teach", do=do)
    other.until(lambda _: len(classroom.arm.orders) == 2)


def test_whoever_drives_in_it_begins_takes_and_throws_none_away(classroom, visit):
    other = visit(classroom, classroom.other.cookie)
    other.say("take")
    other.until(lambda news: news["driver"] == other.me["you"])
    other.say("teach", do="ready")
    other.until(lambda _: ("take", "ready") in classroom.arm.orders, also={"type_": "hold"})
    other.say("teach", do="redo")
    other.until(lambda _: other.refused, also={"type_": "hold"})
    assert ("take", "redo") not in classroom.arm.orders


def test_takes_become_a_dataset_only_where_some_wait(classroom):
    for name in ("nothing", "pens"):
        refused = classroom.first.post("/api/teach/finish", json={"data": name})
        assert refused.status_code == 409 and "no takes wait" in refused.json()["detail"]
    assert classroom.jobs.status() == []
    take = classroom.folder / "held.recording" / "episodes" / "000000" / "frames.npz"
    take.parent.mkdir(parents=True)
    take.touch()
    begun = classroom.first.post("/api/teach/finish", json={"data": "held"})
    owner = classroom.visitors.owner(classroom.first.cookie)
    assert begun.status_code == 200 and begun.json()["owner"] == owner
    classroom.jobs.stop(begun.json()["number"])
