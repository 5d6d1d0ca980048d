import json
import os
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.recording.workspace import Workspace, free_name

ASKED = {"task": "lift", "seed": 0, "cameras": ("front", "wrist"), "versions": {"armchair": "0.1.0"}}


@pytest.fixture
def work(tmp_path):
    return Workspace(tmp_path / "lift")


def test_a_taken_folder_is_refused_with_a_free_name(work):
    work.out.mkdir()
    (work.out / "thesis.tex").touch()
    with pytest.raises(ArmchairError, match=r"is not empty: use --out .*lift-2\."):
        work.start(ASKED)
    with pytest.raises(ArmchairError, match="not empty"):
        work.resume(ASKED)
    assert not work.root.exists()


def test_free_name_skips_datasets_and_unfinished_ones(tmp_path):
    (tmp_path / "lift-2").mkdir()
    (tmp_path / "lift-2" / "x").touch()
    (tmp_path / "lift-3.recording").mkdir()
    assert free_name(tmp_path / "lift") == tmp_path / "lift-4"


def test_an_unfinished_recording_is_not_started_over(work):
    work.start(ASKED)
    with pytest.raises(ArmchairError, match=r"unfinished recording of 0 episodes .* add --resume"):
        work.start(ASKED)
    work.resume(ASKED)


def test_resuming_needs_something_to_resume(work):
    with pytest.raises(ArmchairError, match="leave --resume away"):
        work.resume(ASKED)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"seed": 5}, "seed 0, not 5"), ({"versions": {"armchair": "0.2.0"}}, "0.1.0.*not.*0.2.0")],
)
def test_resuming_something_else_is_refused(work, change, words):
    work.start(ASKED)
    with pytest.raises(ArmchairError, match=words):
        work.resume(ASKED | change)


def test_a_second_process_is_kept_out(work):
    work.start(ASKED)
    with work.locked(), pytest.raises(ArmchairError, match=rf"process {os.getpid()} is recording"):
        Workspace(work.out).locked().__enter__()
    with work.locked():  # free again
        pass


def test_torn_and_failed_episodes_do_not_count_as_finished(work):
    work.start(ASKED)
    for name in ("000000/frames.npz", "000001/episode.json", "000002.partial/frames.npz"):
        path = work.episodes / Path(name)
        path.parent.mkdir()
        path.touch()
    assert work.finished() == 1


def make_dataset(folder: Path, name: str) -> None:
    (folder / "meta").mkdir(parents=True)
    for file in ("info.json", "stats.json", "armchair.json"):
        (folder / "meta" / file).write_text(json.dumps(name))


def test_only_a_dataset_can_be_added_to(work):
    with pytest.raises(ArmchairError, match=r"no dataset .* leave --append away"):
        work.start(ASKED, append=True)
    make_dataset(work.out, "old")
    with pytest.raises(ArmchairError, match="add --append to record more into it"):
        work.start(ASKED)
    work.start(ASKED, append=True)
    assert work.base == work.out


@pytest.mark.parametrize("append", [False, True])
def test_a_crash_while_publishing_leaves_the_old_or_the_new(work, append, monkeypatch):
    """Killed before and after the one step that counts; what is found then is one of the two, and whole."""
    if append:
        make_dataset(work.out, "old")
    work.start(ASKED, append)
    make_dataset(work.dataset, "new")

    def crash(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Workspace, "drop", crash)
        work.publish()
    assert work.root.exists()
    work.recover()
    assert not work.root.exists()
    assert json.loads((work.out / "meta" / "info.json").read_text()) == "new"
    assert sorted(path.name for path in work.out.parent.iterdir()) == ["lift"]


def test_what_was_not_published_is_not_taken_for_it(work):
    make_dataset(work.out, "old")
    work.start(ASKED, append=True)
    make_dataset(work.dataset, "new")
    (work.root / "published").write_text("the digest of something else")
    work.recover()
    assert work.dataset.exists()
