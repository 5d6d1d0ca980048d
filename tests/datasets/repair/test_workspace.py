"""The broken dataset stands whole under one of its two names, whatever happens to the repair."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.repair.repair import repair
from armchair_datasets.repair.workspace import RepairWorkspace


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_broken_one_is_kept_and_a_second_run_changes_nothing(broken, fingerprint):
    root = broken("killed")
    before = fingerprint(root)
    report = repair(root)
    assert names(root.parent) == {"lift", "lift.broken"}
    assert report.backup == str(root.with_name("lift.broken"))
    assert fingerprint(root.with_name("lift.broken")) == before
    after = fingerprint(root.parent)
    again = repair(root)
    assert (again.healthy, again.written, again.backup) == (True, None, None)
    assert fingerprint(root.parent) == after


def test_the_same_damage_gives_the_same_bytes(broken, fingerprint, tmp_path):
    root = broken("killed_resumed")
    repair(root, tmp_path / "first")
    repair(root, tmp_path / "second")
    assert fingerprint(tmp_path / "first") == fingerprint(tmp_path / "second")


def test_a_healthy_dataset_is_left_alone(broken, fingerprint, tmp_path):
    root = broken("finished")
    before = fingerprint(tmp_path)
    assert repair(root).healthy
    assert repair(root, tmp_path / "elsewhere").written is None
    assert fingerprint(tmp_path) == before


def test_a_dry_run_tells_the_same_and_touches_nothing(broken, fingerprint, tmp_path):
    root = broken("killed")
    before = fingerprint(tmp_path)
    told = repair(root, dry_run=True)
    assert fingerprint(tmp_path) == before
    done = repair(root)
    assert (told.recovered, told.lost, told.faults) == (done.recovered, done.lost, done.faults)


def test_out_leaves_the_original_alone(broken, fingerprint, assert_holds, tmp_path):
    root = broken("killed")
    before = fingerprint(root)
    report = repair(root, tmp_path / "deep" / "repaired")
    assert (report.written, report.backup) == (str(tmp_path / "deep" / "repaired"), None)
    assert fingerprint(root) == before
    assert names(tmp_path) == {"lift", "deep"}
    assert names(tmp_path / "deep") == {"repaired"}
    assert_holds(tmp_path / "deep" / "repaired", [0, 1, 2])
    with pytest.raises(ArmchairError, match="exists and is not empty"):
        repair(root, tmp_path / "deep" / "repaired")


def test_a_taken_backup_name_is_not_overwritten(broken, fingerprint):
    root = broken("killed")
    root.with_name("lift.broken").mkdir()
    (root.with_name("lift.broken") / "precious").write_text("1")
    assert repair(root).backup == str(root.with_name("lift.broken-2"))
    assert fingerprint(root.with_name("lift.broken")).keys() == {"precious"}


def test_old_videos_are_shared_and_the_last_is_not(broken):
    root = broken("killed_resumed")
    repair(root)
    backup = root.with_name("lift.broken")
    videos = sorted(path.relative_to(root) for path in root.rglob("*.mp4"))
    shared = {str(video.name): (root / video).samefile(backup / video) for video in videos}
    assert shared == {"file-000.mp4": True, "file-001.mp4": False}


@pytest.mark.slow
def test_killed_anywhere_it_is_finished_by_the_next_run(broken, fingerprint, assert_holds, sessions, tmp_path):
    """At the first and the last change of the disk, before and after each rename, and at two by chance."""
    root = broken("killed")
    before = fingerprint(root)
    changes = _repair_counting(sessions, root)
    renames = [number for number, change in enumerate(changes, 1) if change == "os.rename"]
    result = fingerprint(root)
    chance = random.Random(0).sample(range(2, len(changes)), 2)
    for die_at in {1, *renames, *(number + 1 for number in renames), *chance, len(changes)}:
        _restore(root)
        assert sessions("repair", root, die_at=die_at) == -9
        assert fingerprint(_original(root)) == before, die_at
        assert sessions("repair", root) == 0
        assert fingerprint(root) == result, die_at
        assert fingerprint(_original(root)) == before, die_at
        assert names(tmp_path) == {"lift", "lift.broken"}
    assert_holds(root, [0, 1, 2])


def _repair_counting(sessions, root: Path) -> list[str]:
    """Repair, and return every change of the disk that was made for it."""
    assert sessions("repair", root) == 0
    changes = sessions.last["changes"]
    assert changes.count("os.rename") >= 3  # building -> dataset, lift -> lift.broken, dataset -> lift
    return changes


def _original(root: Path) -> Path:
    backup = root.with_name("lift.broken")
    return backup if backup.exists() else root


def _restore(root: Path) -> None:
    """Put the broken dataset back into its place."""
    shutil.rmtree(root)
    root.with_name("lift.broken").rename(root)


def test_killed_at_any_moment_the_original_stands(broken, fingerprint, sessions):
    """By the clock instead of by change, so that it hits libraries that write by themselves too."""
    root = broken("killed")
    before = fingerprint(root)
    rng = random.Random(1)
    for _ in range(4):
        sessions("repair", root, kill_after_s=rng.uniform(0.0, 0.6))
        assert fingerprint(_original(root)) == before
        assert sessions("repair", root) == 0
        assert fingerprint(root.with_name("lift.broken")) == before
        _restore(root)


@pytest.mark.parametrize("most_bytes", [0, 2_000, 6_000, 30_000])
def test_a_disk_that_refuses_leaves_everything_as_it_was(broken, fingerprint, sessions, most_bytes):
    root = broken("killed")
    before = fingerprint(root.parent)
    assert sessions("repair", root, most_bytes=most_bytes) == 1
    assert fingerprint(root.parent) == before


def test_a_full_disk_leaves_everything_as_it_was(broken, fingerprint, tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", place]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may make a small file system")
    try:
        with pytest.raises(OSError, match="No space left"):
            repair(broken("killed"), place / "repaired")
        assert fingerprint(place) == {}
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_dry_run_of_a_half_swapped_repair_says_how_to_finish(broken, sessions, fingerprint, tmp_path):
    root = broken("killed")
    changes = _repair_counting(sessions, root)
    _restore(root)
    sessions("repair", root, die_at=len(changes) - changes[::-1].index("os.rename"))
    assert names(tmp_path) == {"lift.broken", "lift.repairing"}
    before = fingerprint(tmp_path)
    with pytest.raises(ArmchairError, match="leave --dry-run away"):
        repair(root, dry_run=True)
    assert fingerprint(tmp_path) == before
    report = repair(root)
    assert (report.recovered, list(report.lost)) == ([0, 1, 2], [3])
    assert names(tmp_path) == {"lift", "lift.broken"}


def test_two_repairs_at_once(broken):
    root = broken("killed")
    with RepairWorkspace(root).locked(), pytest.raises(ArmchairError, match="another process is repairing"):
        repair(root)


def test_a_dataset_that_is_being_written_is_left_alone(broken):
    """Without its footer it looks broken, but its recorder would lose what it is about to write."""
    root = broken("killed")
    rows = root / "data/chunk-000/file-000.parquet"
    writer = subprocess.Popen([sys.executable, "-c", f"f = open({str(rows)!r}, 'ab'); print(flush=True); input()"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    writer.stdout.readline()
    try:
        with pytest.raises(ArmchairError, match=rf"process {writer.pid}\) is still writing"):
            repair(root)
    finally:
        writer.communicate(b"\n")
    assert repair(root).recovered == [0, 1, 2]


@pytest.mark.parametrize(("name", "why"), [("nothing", "there is no folder"), ("empty", "has neither meta/ nor data/")])
def test_what_is_no_dataset(tmp_path, name, why):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArmchairError, match=why):
        repair(tmp_path / name)
    assert names(tmp_path) == {"empty"}


def test_nothing_saved_nothing_to_recover(broken, fingerprint):
    root = broken("killed", episodes=0)
    before = fingerprint(root.parent)
    with pytest.raises(ArmchairError, match=r"no episode was ever saved in .* record anew"):
        repair(root)
    assert fingerprint(root.parent) == before
