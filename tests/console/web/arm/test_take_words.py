"""What whoever teaches reads of a take: the question first, and the computer's trouble apart."""

import pytest

from armchair.web.arm.take_words import in_words, too_slow
from armchair_datasets.quality.finding import Finding
from armchair_datasets.quality.verdict import EpisodeQuality
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_robot.loop.episode import Outcome

SLOW = Finding("repeated pictures", "bad", "34 of the 51 pictures that the front camera took repeat the one before")
PARKED = Finding("parked joint", "odd", "the wrist never moved")
STILL = Finding("still action", "bad", "the action never changes")
UNDONE = "Not picked up"


def saved(*findings) -> SavedEpisode:
    return SavedEpisode(Outcome(0, True, 51, "kept"), EpisodeQuality(51, 30, findings), 0.1)


@pytest.mark.parametrize(
    ("findings", "done", "words", "level"),
    [
        ((SLOW,), False, "Not picked up. Redo?", "bad"),
        ((SLOW, PARKED), False, "Not picked up. Redo?\nThe wrist never moved.", "bad"),
        ((SLOW,), True, "Done.\nGood: 51 frames (1.7 s), nothing odd.", "good"),
        ((PARKED,), True, "Done, but look.\nThe wrist never moved.", "odd"),
        ((STILL,), True, "Done, but look. Redo?\nThe action never changes.", "bad"),
        ((SLOW, PARKED), None, "Odd: the wrist never moved.", "odd"),
    ],
)
def test_the_question_comes_first(findings, done, words, level):
    assert in_words(saved(*findings), done, UNDONE) == (words, level)


def test_a_take_that_is_not_kept_says_why():
    gone = SavedEpisode(Outcome(0, False, 51, "discarded"), None, 0.1)
    assert in_words(gone, None, UNDONE) == ("Not kept: discarded.", "bad")


def test_the_computer_is_told_of_with_what_to_do():
    assert too_slow(saved(PARKED).verdict) == too_slow(None) == ""
    said = too_slow(saved(PARKED, SLOW).verdict)
    assert "too slow" in said and "close other programs" in said and said.count(".") == 1
