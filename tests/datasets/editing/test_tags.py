"""Words on episodes, kept in the dataset."""

import json

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.editing.tags import TAGS, read_tags, set_tags


@pytest.fixture
def dataset(tmp_path):
    (tmp_path / "meta").mkdir()
    return tmp_path


def test_they_are_kept_by_episode_and_taken_away_again(dataset):
    assert read_tags(dataset) == {}
    assert set_tags(dataset, 3, ["good", " first try ", "good"]) == ["good", "first try"]
    set_tags(dataset, 1, ["schön"])
    assert read_tags(dataset) == {1: ["schön"], 3: ["good", "first try"]}
    set_tags(dataset, 3, [])
    assert json.loads((dataset / TAGS).read_text()) == {"format": 1, "tags": {"1": ["schön"]}}


@pytest.mark.parametrize("tag", ["", "-", "<b>", "a/b", "x" * 25, "a\nb"])
def test_what_is_no_word_is_refused(dataset, tag):
    with pytest.raises(ArmchairError, match="is no tag: use up to 24"):
        set_tags(dataset, 0, [tag])


def test_too_many_are_refused_and_a_damaged_file_is_named(dataset):
    with pytest.raises(ArmchairError, match="at most 8 tags"):
        set_tags(dataset, 0, map(str, range(9)))
    (dataset / TAGS).write_text('{"tags": []}')
    with pytest.raises(ArmchairError, match="is damaged"):
        read_tags(dataset)
