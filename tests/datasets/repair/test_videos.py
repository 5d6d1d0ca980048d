"""Whose frames are whose: what the table says, what the order says, and where neither can be believed."""

from pathlib import Path

import pytest

from armchair_datasets.repair.parquet.rows import Rows
from armchair_datasets.repair.videos import Span, VideoFile, place

KEY = "observation.images.front"


def episodes(*lengths: int, but: tuple[int, ...] = ()) -> list[Rows]:
    return [Rows(number, None, (), length, 0, (0,), "") for number, length in enumerate(lengths) if number not in but]


def videos(*frames: int, torn: tuple[int, ...] = ()) -> list[VideoFile]:
    return [
        VideoFile(Path(f"videos/{KEY}/chunk-000/file-{number:03d}.mp4"), (0, number), count, number not in torn)
        for number, count in enumerate(frames)
    ]


def row(file: int, first: int, length: int) -> dict:
    name = f"videos/{KEY}"
    times = {f"{name}/from_timestamp": first / 30, f"{name}/to_timestamp": (first + length) / 30}
    return {f"{name}/chunk_index": 0, f"{name}/file_index": file, **times}


def spots(placed: dict) -> dict:
    """(file, first frame) of each episode that has a place."""
    return {number: (span.video.numbers[1], span.first) for number, span in placed.items() if isinstance(span, Span)}


def test_without_a_table_episodes_follow_each_other_through_the_files():
    placed = place(episodes(9, 5, 7, 9), videos(14, 16), {}, KEY, 30)
    assert spots(placed) == {0: (0, 0), 1: (0, 9), 2: (1, 0), 3: (1, 7)}


def test_the_table_goes_before_the_order():
    table = {0: row(1, 3, 9), 1: row(0, 0, 5)}
    assert spots(place(episodes(9, 5), videos(5, 12), table, KEY, 30)) == {0: (1, 3), 1: (0, 0)}


def test_what_the_table_does_not_know_follows_what_it_knows():
    placed = place(episodes(9, 5, 7), videos(14, 7), {0: row(0, 0, 9), 1: row(0, 9, 5)}, KEY, 30)
    assert spots(placed) == {0: (0, 0), 1: (0, 9), 2: (1, 0)}


def test_frames_behind_the_last_row_are_those_of_a_lost_episode():
    assert spots(place(episodes(9, 5), videos(20), {}, KEY, 30)) == {0: (0, 0), 1: (0, 9)}


def test_a_torn_file_keeps_what_it_holds_whole():
    placed = place(episodes(9, 5, 7, 9), videos(17, torn=(0,)), {}, KEY, 30)
    assert spots(placed) == {0: (0, 0), 1: (0, 9)}
    assert placed[2] == f"videos/{KEY}/chunk-000/file-000.mp4 ends after 3 of its 7 frames"
    assert placed[3] == f"videos/{KEY}/chunk-000/file-000.mp4 ends after 0 of its 9 frames"


def test_behind_a_torn_file_nothing_is_guessed():
    placed = place(episodes(9, 5, 7, 9), videos(12, 9, torn=(0,)), {}, KEY, 30)
    assert spots(placed) == {0: (0, 0)}
    assert placed[2] == placed[3] == "nobody can tell any more which frames are its own"


def test_where_the_frames_do_not_add_up_no_guess_is_kept():
    placed = place(episodes(9, 5, 7), videos(20), {}, KEY, 30)
    assert spots(placed) == {}
    assert placed[0] == "its frames and those of its neighbours do not add up"


@pytest.mark.parametrize("known", [False, True])
def test_behind_a_gap_only_the_table_helps(known):
    table = {3: row(0, 21, 9)} if known else {}
    placed = place(episodes(9, 5, 7, 9, 5, but=(2,)), videos(35), table, KEY, 30)
    assert spots(placed) == {0: (0, 0), 1: (0, 9)} | ({3: (0, 21), 4: (0, 30)} if known else {})


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (row(3, 0, 9), f"its video {KEY} is missing"),
        (row(0, 0, 5), f"it has 9 rows and 5 frames of {KEY}"),
        (row(0, 10, 9), "ends after 4 of its 9 frames"),
    ],
)
def test_a_table_that_the_files_contradict_is_not_believed(entry, why):
    told = place(episodes(9), videos(14), {0: entry}, KEY, 30)[0]
    assert isinstance(told, str)
    assert why in told


def test_no_video_at_all():
    assert place(episodes(9), [], {}, KEY, 30) == {0: "its video was never written"}
    unreadable = place(episodes(9), videos(0, torn=(0,)), {}, KEY, 30)
    assert unreadable == {0: f"videos/{KEY}/chunk-000/file-000.mp4 cannot be read"}
