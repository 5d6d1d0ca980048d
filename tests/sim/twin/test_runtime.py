"""Where a running twin is found."""

import os
import stat
import sys
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_sim.twin import runtime
from armchair_sim.twin.cameras.frames import FrameSlot

posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are POSIX's")


def test_the_users_choice_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    monkeypatch.setenv(runtime.FOLDER_VARIABLE, str(tmp_path / "mine" / "here"))
    assert runtime.runtime_dir() == tmp_path / "mine" / "here"
    assert runtime.runtime_dir().is_dir()


@posix
def test_the_sessions_folder_is_private(tmp_path, monkeypatch):
    monkeypatch.delenv(runtime.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "armchair").mkdir(mode=0o755)
    assert runtime.runtime_dir() == tmp_path / "armchair"
    assert stat.S_IMODE((tmp_path / "armchair").stat().st_mode) == 0o700


def test_a_place_that_cannot_be_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.delenv(runtime.FOLDER_VARIABLE, raising=False)
    places = [tmp_path / "file" / "armchair", tmp_path / "home" / "run", tmp_path / "never"]
    monkeypatch.setattr(runtime, "_usual_places", lambda: places)
    assert runtime.runtime_dir() == tmp_path / "home" / "run"
    assert not (tmp_path / "never").exists()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="Linux's place for memory")
def test_without_a_session_the_pictures_lie_in_memory(monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert runtime._usual_places()[0] == Path("/dev/shm", f"armchair-{os.getuid()}")


def test_a_choice_that_cannot_be_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(runtime.FOLDER_VARIABLE, str(tmp_path / "file" / "below"))
    with pytest.raises(ArmchairError, match=runtime.FOLDER_VARIABLE):
        runtime.runtime_dir()


@posix
def test_another_users_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(runtime.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(os, "getuid", lambda: Path(tmp_path).stat().st_uid + 1)
    with pytest.raises(ArmchairError, match="belongs to another user"):
        runtime.runtime_dir()


def test_cameras_are_listed_by_name(tmp_path):
    assert runtime.cameras_in(tmp_path) == []
    for name in ("wrist", "front"):
        FrameSlot.create(runtime.frames_path(tmp_path, name), 8, 8)
    (tmp_path / ".front.frames.new").write_bytes(b"left by a crash")
    assert runtime.cameras_in(tmp_path) == ["front", "wrist"]


def test_the_note(tmp_path):
    assert runtime.read_note(tmp_path) is None
    runtime.write_note(tmp_path, {"pid": 12, "task": "lift"})
    assert runtime.read_note(tmp_path) == {"pid": 12, "task": "lift"}
    assert [path.name for path in tmp_path.iterdir()] == ["twin.json"]
    runtime.remove_note(tmp_path)
    runtime.remove_note(tmp_path)
    assert runtime.read_note(tmp_path) is None
