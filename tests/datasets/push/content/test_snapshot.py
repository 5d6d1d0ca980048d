"""What of a recording may leave the machine while it goes on, and that the recording does not notice."""

import json
import shutil
import subprocess

import pytest

from armchair_datasets.push.content import snapshot
from armchair_datasets.push.content.snapshot import episodes_in, is_due, make_snapshot, mark_sent
from armchair_datasets.push.errors import TransientError


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state" / "dataset--me--lift.snapshot"


def seeds(dataset) -> list[int]:
    return json.loads((dataset / "meta/armchair.json").read_text())["seeds"]


def contents(*roots) -> dict:
    return {path: path.read_bytes() for root in roots for path in sorted(root.rglob("*")) if path.is_file()}


def test_each_adds_to_the_one_before(start_recording, place):
    recording = start_recording()
    recording.add(0, 1, 2)
    before = contents(recording.work.root)
    first = make_snapshot(recording.out, place)
    sent = {path.relative_to(first): content for path, content in contents(first / "data", first / "videos").items()}
    assert (episodes_in(first), seeds(first)) == (2, [0, 1])
    recording.add(3, success=False)
    recording.add(4, 5)
    assert is_due(recording.out, place)
    second = make_snapshot(recording.out, place)
    assert seeds(second) == [0, 1, 2, 4]
    assert {path: (second / path).read_bytes() for path in sent} == sent
    assert [folder.name for folder in sorted(place.iterdir())] == ["000005", "recording"]
    assert before.items() <= contents(recording.work.root).items()
    assert is_due(recording.out, place), "made, and not sent yet"
    mark_sent(second)
    assert not is_due(recording.out, place)


def test_the_last_take_can_still_be_taken_back(start_recording, place):
    recording = start_recording()
    recording.add(0)
    assert not is_due(recording.out, place)
    with pytest.raises(TransientError, match="being taken back"):  # looked at a moment too early
        make_snapshot(recording.out, place)
    recording.add(1)
    made = make_snapshot(recording.out, place)
    mark_sent(made)
    assert seeds(made) == [0]
    recording.take_back(1)
    recording.add(2)
    assert make_snapshot(recording.out, place) == made
    assert not is_due(recording.out, place), "nobody learns from what was taken back, and 2 is the last now"
    recording.add(3)
    assert seeds(make_snapshot(recording.out, place)) == [0, 2]


def test_episodes_that_are_recorded_side_by_side_wait_for_each_other(start_recording, place):
    recording = start_recording()
    recording.add(0, 2, 3)
    made = make_snapshot(recording.out, place)
    mark_sent(made)
    assert seeds(made) == [0] and not is_due(recording.out, place)
    recording.add(1)
    assert seeds(make_snapshot(recording.out, place)) == [0, 1, 2]


def test_behind_the_dataset_that_is_added_to(start_recording, dataset, place):
    recording = start_recording(append=True)
    recording.add(0, 1)
    before = contents(recording.out, recording.work.root)
    made = make_snapshot(recording.out, place)
    assert (episodes_in(made), seeds(made)) == (3, [0, 2, 0])
    assert contents(recording.out, recording.work.root) == before
    recording.end()
    assert seeds(recording.out) == [0, 2, 0, 1]


def test_another_recording_of_that_name_is_not_mixed_in(start_recording, place):
    recording = start_recording()
    recording.add(0, 1)
    make_snapshot(recording.out, place)
    shutil.rmtree(recording.work.root)
    recording = start_recording()
    recording.add(0, success=False)
    recording.add(1, 2)
    assert is_due(recording.out, place)
    assert seeds(make_snapshot(recording.out, place)) == [1]


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_recording_that_ends_meanwhile(start_recording, place, monkeypatch, is_whole):
    from armchair_datasets.recording import build

    recording, original = start_recording(), build.build_dataset
    recording.add(0, 1)

    def build_dataset(*words):
        if not is_whole:
            shutil.rmtree(recording.work.root)
        original(*words)
        recording.work.drop()

    monkeypatch.setattr(build, "build_dataset", build_dataset)
    with pytest.raises(TransientError, match="has ended meanwhile"):
        make_snapshot(recording.out, place)
    assert not list(place.glob(snapshot._NUMBER)) and not is_due(recording.out, place)


def test_while_it_is_published_nothing_is_begun(start_recording, place):
    recording = start_recording()
    recording.add(0, 1)
    (recording.work.root / "published").touch()
    assert not is_due(recording.out, place)


def test_the_recorder_keeps_its_reserve(start_recording, place, monkeypatch):
    recording = start_recording()
    recording.add(0, 1)
    monkeypatch.setattr(snapshot, "RESERVE_BYTES", 1e15)
    with pytest.raises(TransientError, match="MB left, which are kept for the recording"):
        make_snapshot(recording.out, place)


def test_a_full_disk_is_a_matter_of_the_worker_alone(start_recording, place, monkeypatch):
    recording = start_recording()
    recording.add(*range(4))
    before = contents(recording.work.root)
    monkeypatch.setattr(snapshot, "_check_room", lambda *_: None)
    place.parent.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", place.parent], capture_output=True
    ).returncode:
        pytest.skip("only root may make a small file system")
    try:
        with pytest.raises(TransientError, match="No space left"):
            make_snapshot(recording.out, place)
    finally:
        subprocess.run(["umount", "-l", place.parent], check=True)
    assert contents(recording.work.root) == before
    recording.end()
    assert seeds(recording.out) == [0, 1, 2, 3]
