"""Links and cookies."""

import sys

import pytest

from armchair.web.access import visitors as module
from armchair.web.access.visitors import ROLES, Visitors, may
from armchair_core.errors import ArmchairError


def test_a_link_lets_in_one():
    visitors = Visitors(lan=True)
    token = visitors.invite("student")
    assert visitors.is_open(token)
    cookie, role = visitors.enter(token)
    assert role == "student" and visitors.role(cookie) == "student"
    assert visitors.enter(token) is None and not visitors.is_open(token)
    assert visitors.role(token) is None and visitors.role("") is None and visitors.role(None) is None
    assert visitors.enter("ä") is None


def test_alone_everybody_is_the_teacher():
    assert Visitors(lan=False).role(None) == "teacher"


def test_links_do_not_pile_up():
    visitors = Visitors(lan=True)
    with pytest.raises(ArmchairError, match="have not been used"):
        for _ in range(1000):
            visitors.invite("view")


def test_roles_include_those_before_them():
    assert [[may(role, needed) for needed in ROLES] for role in ROLES] == [
        [True, False, False], [True, True, False], [True, True, True],
    ]  # fmt: skip


def test_a_console_that_is_started_again_knows_its_visitors_for_a_day(tmp_path, monkeypatch):
    file = tmp_path / "visitors.json"
    visitors = Visitors(True, file)
    cookie, role = visitors.enter(visitors.invite("student"))
    owner, token = visitors.owner(cookie), visitors.invite("view")
    again = Visitors(True, file)
    assert again.role(cookie) == role == "student" and again.owner(cookie) == owner and again.count == 1
    assert cookie not in file.read_text() and again.enter(token) is None
    assert file.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    tomorrow_s = module.time.time() + module.LASTS_S + 1
    monkeypatch.setattr(module.time, "time", lambda: tomorrow_s)
    assert again.role(cookie) is None and Visitors(True, file).count == 0


@pytest.mark.parametrize(
    "said", ["", "{", "[]", '{"a": "teacher"}', '{"a": ["owner", 9e99]}', '{"a": ["teacher", 9e99]}']
)
def test_a_damaged_file_lets_nobody_in_and_harms_nothing(tmp_path, said):
    file = tmp_path / "visitors.json"
    file.write_text(said)
    visitors = Visitors(True, file)
    assert visitors.count == 0 and visitors.role("a") is None
    assert visitors.enter(visitors.invite("teacher"))
    assert Visitors(True, file).count == 1


def test_whoever_cannot_be_written_down_is_let_in_all_the_same(tmp_path):
    (tmp_path / "file").touch()
    visitors = Visitors(True, tmp_path / "file" / "visitors.json")
    cookie, _ = visitors.enter(visitors.invite("view"))
    assert visitors.role(cookie) == "view"
