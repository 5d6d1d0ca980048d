import pytest

from armchair_core.words import number_of


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 episode"), (0, "0 episodes"), (2000, "2,000 episodes"), (1.0, "1 episode"), (0.5, "0.5 episodes")],
)
def test_one_is_not_many(count, words):
    assert number_of(count, "episode") == words


def test_not_every_word_takes_an_s():
    assert [number_of(count, "dish", "dishes") for count in (1, 2)] == ["1 dish", "2 dishes"]
