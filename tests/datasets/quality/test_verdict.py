"""Levels, words, and the thumbnails that everything about pictures rests on."""

import numpy as np

from armchair_datasets.quality.finding import Finding, longest, runs, worst
from armchair_datasets.quality.signals import CameraSignals, EpisodeSignals, summarize
from armchair_datasets.quality.verdict import EpisodeQuality, describe, judge

BAD, ODD = Finding("a", "bad", "this is wrong"), Finding("b", "odd", "that is strange")


def test_words_for_the_operator():
    assert EpisodeQuality(129, 30).words == "Good: 129 frames (4.3 s), nothing odd."
    assert EpisodeQuality(129, 30, (ODD,)).words == "Odd: that is strange."
    assert EpisodeQuality(129, 30, (BAD, ODD)).words == "Bad: this is wrong.\nAlso: that is strange."
    assert EpisodeQuality(129, 30, (BAD, ODD, ODD, ODD)).words.endswith("Also: that is strange (and 2 more).")
    assert BAD.sentence == "This is wrong."


def test_levels():
    assert [EpisodeQuality(1, 30, found).level for found in ((), (ODD,), (ODD, BAD))] == ["good", "odd", "bad"]
    assert worst([]) == "good"


def test_what_is_bad_comes_first(episodes):
    findings = judge(episodes[0], also=[ODD, BAD]).findings
    assert findings == (BAD, ODD)


def test_stretches():
    mask = np.array([1, 1, 0, 0, 1, 1, 1, 0, 1], bool)
    assert runs(mask) == [(0, 2), (4, 7), (8, 9)]
    assert longest(mask) == (4, 7)
    assert (runs(~mask[:2]), longest(~mask[:2])) == ([], (0, 0))


def test_a_thumbnail_is_the_mean_of_its_block():
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    image[30:60, 40:80] = (0, 255, 0)  # the second block of the second row: green, 0.587 of full white
    thumbnail = summarize(image)
    assert (thumbnail.shape, thumbnail.dtype, thumbnail[1, 1]) == ((16, 16), np.uint8, 150)
    weights = [0.299, 0.587, 0.114]  # ITU-R BT.601
    means = (image @ weights).reshape(16, 30, 16, 40).mean(axis=(1, 3))
    np.testing.assert_allclose(thumbnail, means, atol=1.5)


def test_recorder_and_reader_speak_of_the_same(episodes):
    """What a recorder collects tick by tick is judged like what is read from the disk."""
    one = episodes[1]
    collected = {name: CameraSignals.of(list(camera.thumbnails)) for name, camera in one.cameras.items()}
    live = EpisodeSignals(one.state, one.action, one.fps, one.names, collected)
    assert judge(live, describe(episodes)) == judge(one, describe(episodes))
