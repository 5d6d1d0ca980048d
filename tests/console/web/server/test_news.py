"""What a page has been told is what there is, however it changed meanwhile; and what has not changed is not told."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from armchair.web.server.news import changes, in_parts

VALUES = st.one_of(st.none(), st.integers(0, 2), st.lists(st.integers(0, 1), max_size=2))
ARMS = st.dictionaries(st.sampled_from(["phase", "state", "words", "lesson"]), VALUES)
NEWS = st.builds(lambda arm, task, driver: {"arm": arm, "task": task, "driver": driver}, ARMS, VALUES, VALUES)


def known(before: dict, said: bytes) -> dict:
    """What a page knows after it: as console/page/src/base/link.ts does."""
    told = json.loads(said)
    arm = before.get("arm", {}) | told.pop("arm")
    gone = told.pop("gone", [])
    return before | told | {"arm": {name: arm[name] for name in arm if name not in gone}}


@settings(deadline=None)
@given(st.lists(NEWS, min_size=1, max_size=6))
def test_a_page_knows_all_of_it_at_any_time(all_news):
    told, knows = {}, {}
    for news in all_news:
        parts = in_parts(news)
        knows, told = known(knows, changes(parts, told)), parts
        assert knows == news


def test_what_stays_is_not_told_again():
    news = {"arm": {"phase": "driving", "state": [1.0]}, "viewers": ["Ana"] * 30, "driver": None}
    told = in_parts(news)
    moved = in_parts({**news, "arm": {"phase": "driving", "state": [2.0]}})
    assert changes(moved, told) == b'{"arm":{"state":[2.0]}}'
    assert (
        changes(in_parts({**news, "arm": {"phase": "halted"}}), told) == b'{"arm":{"phase":"halted"},"gone":["state"]}'
    )
