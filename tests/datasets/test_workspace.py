from pathlib import Path

import pytest

from armchair_datasets.workspace import Plan, Workspace, free_name
from armchair_sim.errors import ArmchairError

PLAN = Plan("lift", "expert", 2, 0, 96, 96, True)
VERSIONS = {"armchair": "0.1.0"}


@pytest.fixture
def work(tmp_path):
    return Workspace(tmp_path / "lift")


def test_a_taken_folder_is_refused_with_a_free_name(work):
    work.out.mkdir()
    (work.out / "thesis.tex").touch()
    with pytest.raises(ArmchairError, match=r"is not empty: use --out .*lift-2\."):
        work.start(PLAN, VERSIONS)
    with pytest.raises(ArmchairError, match="not empty"):
        work.resume(PLAN, VERSIONS)
    assert not work.root.exists()


def test_free_name_skips_datasets_and_unfinished_ones(tmp_path):
    (tmp_path / "lift-2").mkdir()
    (tmp_path / "lift-2" / "x").touch()
    (tmp_path / "lift-3.recording").mkdir()
    assert free_name(tmp_path / "lift") == tmp_path / "lift-4"


def test_an_unfinished_recording_is_not_started_over(work):
    work.start(PLAN, VERSIONS)
    with pytest.raises(ArmchairError, match=r"unfinished recording of 0 episodes .* add --resume"):
        work.start(PLAN, VERSIONS)
    work.resume(PLAN, VERSIONS)


def test_resuming_needs_something_to_resume(work):
    with pytest.raises(ArmchairError, match="leave --resume away"):
        work.resume(PLAN, VERSIONS)


@pytest.mark.parametrize(
    ("change", "versions", "words"),
    [({"seed": 5}, VERSIONS, "seed 0, not 5"), ({}, {"armchair": "0.2.0"}, "0.1.0.*not.*0.2.0")],
)
def test_resuming_something_else_is_refused(work, change, versions, words):
    work.start(PLAN, VERSIONS)
    with pytest.raises(ArmchairError, match=words):
        work.resume(Plan(**(vars(PLAN) | change)), versions)


def test_a_second_process_is_kept_out(work):
    work.start(PLAN, VERSIONS)
    with work.locked(), pytest.raises(ArmchairError, match="another process"):
        Workspace(work.out).locked().__enter__()
    with work.locked():  # free again
        pass


def test_torn_and_failed_episodes_do_not_count_as_finished(work):
    work.start(PLAN, VERSIONS)
    for name in ("000000/frames.npz", "000001/episode.json", "000002.partial/frames.npz"):
        path = work.episodes / Path(name)
        path.parent.mkdir()
        path.touch()
    assert work.finished() == 1
