"""Links and cookies."""

import pytest

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
