"""Who finds a place among the open pages."""

import pytest

from armchair.web.server.room import A_VISITOR, MOST, room_for
from armchair.web.server.viewer import Viewer

NOW_S = 1000.0


def pages(owner: str, many: int, role: str = "student", silent: bool = True) -> list[Viewer]:
    return [Viewer(None, number, role, owner, heard_s=0.0 if silent else NOW_S) for number in range(many)]


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr("armchair.web.server.viewer.time.monotonic", lambda: NOW_S)


def test_a_visitors_oldest_silent_page_gives_way_to_the_fifth():
    (new,), there = pages("ana", 1), pages("ana", A_VISITOR)
    there[0].heard_s = NOW_S - 1
    assert room_for(new, there, None) == [there[1]]
    assert room_for(new, there, there[1]) == [there[2]], "whoever drives stays"
    assert room_for(new, pages("ana", A_VISITOR, silent=False), None).startswith("4 pages of yours")
    assert room_for(new, pages("ben", A_VISITOR), None) == []


def test_on_this_machine_alone_all_pages_are_one_teachers():
    (new,) = pages("", 1, "teacher")
    assert room_for(new, pages("", MOST - 1, "teacher"), None) == []


def test_teachers_are_always_let_in():
    (new,) = pages("teacher", 1, "teacher")
    everybody = [page for number in range(MOST) for page in pages(f"student {number}", 1, silent=False)]
    assert room_for(new, everybody, None) == []
    everybody[5].heard_s = 0.0
    assert room_for(new, everybody, None) == [everybody[5]]


def test_where_it_is_full_those_with_many_pages_make_room_for_those_with_none():
    (new,) = pages("new", 1)
    many = pages("ana", 3, silent=False)
    full = [*[page for number in range(MOST - 3) for page in pages(f"student {number}", 1, silent=False)], *many]
    assert room_for(new, full, many[0]) == [many[1]]
    alone = [page for number in range(MOST) for page in pages(f"student {number}", 1, silent=False)]
    assert "too many pages" in room_for(new, alone, None)
