import errno
import sys
from pathlib import Path

import pytest

from armchair_core import durable
from armchair_core.durable import exchange_folders, move_folder, undo_exchange, write_folder


def test_writes_every_file(tmp_path):
    write_folder(tmp_path / "deep" / "a", {"x": b"1", "y": b"22"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "deep" / "a").iterdir()} == {
        "x": b"1",
        "y": b"22",
    }
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a"]


@pytest.mark.parametrize("failing_call", [1, 2, 3])
def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch, failing_call):
    calls, write = [], Path.write_bytes

    def full(path, content):
        calls.append(path)
        if len(calls) == failing_call:
            write(path, content[:1])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_folder(tmp_path / "a", {"x": b"11", "y": b"22", "z": b"33"})
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_a_killed_process_are_replaced(tmp_path):
    (tmp_path / "a.partial").mkdir()
    (tmp_path / "a.partial" / "torn").write_bytes(b"?")
    write_folder(tmp_path / "a", {"x": b"1"})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["x"]


def test_never_overwrites(tmp_path):
    write_folder(tmp_path / "a", {"x": b"old"})
    with pytest.raises(OSError):
        write_folder(tmp_path / "a", {"x": b"new"})
    assert (tmp_path / "a" / "x").read_bytes() == b"old"
    write_folder(tmp_path / "b", {"x": b"new"})
    with pytest.raises(OSError):
        move_folder(tmp_path / "b", tmp_path / "a")
    assert (tmp_path / "a" / "x").read_bytes() == b"old"


def test_moves_onto_an_empty_folder(tmp_path):
    write_folder(tmp_path / "b", {"x": b"new"})
    (tmp_path / "a").mkdir()
    move_folder(tmp_path / "b", tmp_path / "a")
    assert (tmp_path / "a" / "x").read_bytes() == b"new"


@pytest.fixture
def pair(tmp_path):
    write_folder(tmp_path / "old", {"x": b"old"})
    write_folder(tmp_path / "work" / "new", {"y": b"new"})
    return tmp_path / "old", tmp_path / "work" / "new"


@pytest.mark.parametrize("at_once", [True, False])
def test_two_folders_change_places(pair, monkeypatch, at_once):
    if not at_once:  # as on a file system that cannot
        monkeypatch.setattr(durable, "_exchange_at_once", lambda one, other: False)
    exchange_folders(*pair)
    old, new = pair
    assert (old / "y").read_bytes() == b"new"
    assert (new / "x").read_bytes() == b"old"
    assert [path.name for path in sorted(old.parent.iterdir())] == ["old", "work"]


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="no such system call")
def test_this_system_exchanges_in_one_step(pair):
    assert durable._exchange_at_once(*pair)


def test_a_crash_between_two_renames_is_undone(pair, monkeypatch):
    monkeypatch.setattr(durable, "_exchange_at_once", lambda one, other: False)
    rename, renamed = Path.rename, []

    def crash(path, target):
        if len(renamed) == 1:
            raise KeyboardInterrupt
        renamed.append(path)
        return rename(path, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "rename", crash)
        exchange_folders(*pair)
    assert not pair[0].exists()
    undo_exchange(pair[0])
    assert (pair[0] / "x").read_bytes() == b"old"
