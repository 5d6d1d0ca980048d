"""The room for pages: a few a visitor, some for all, and teachers always find a place. No I/O."""

from collections import Counter
from collections.abc import Sequence

from armchair.web.access.visitors import may
from armchair.web.server.viewer import Viewer

MOST, A_VISITOR, A_TEACHER = 60, 4, 16


def room_for(new: Viewer, there: Sequence[Viewer], driver: object | None) -> list[Viewer] | str:
    """Return which pages have to close so that `new` can open, or why it cannot.

    The oldest silent one gives way; if none is silent, one of a visitor who has more of them than the new one's.
    Whoever drives, and teachers, stay.
    """
    is_teacher, gone = may(new.role, "teacher"), list[Viewer]()
    own, most = [each for each in there if each.owner == new.owner], A_TEACHER if is_teacher else A_VISITOR
    if new.owner and len(own) >= most:
        if not (silent := [each for each in own if each.is_silent and each is not driver]):
            return f"{most} pages of yours look at this arm: close one."
        gone.append(silent[0])
    others = [each for each in there if each not in gone]
    if len(others) < MOST:
        return gone
    pages = Counter(each.owner for each in others)
    may_go = [each for each in others if each is not driver and not may(each.role, "teacher")]
    silent = [each for each in may_go if each.is_silent]
    many = [each for each in may_go if pages[each.owner] > pages[new.owner] + 1]
    if silent or many:
        return [*gone, (silent or sorted(many, key=lambda each: -pages[each.owner]))[0]]
    return gone if is_teacher else "too many pages look at this arm: close one."
