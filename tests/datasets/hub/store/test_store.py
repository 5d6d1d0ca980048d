"""The hub's folder: whole after every crash, and no larger than what is in it."""

import hashlib
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.names import Repo
from armchair_datasets.hub.store.blobs import git_sha1
from armchair_datasets.hub.store.commits import Change, Entry
from armchair_datasets.hub.store.store import Store
from armchair_datasets.hub.store.tokens import read_students

LIFT = Repo("datasets", "ana", "lift")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "hub")


@pytest.fixture
def lift(store):
    store.create(LIFT, "ana", private=True)
    return store.open(LIFT)


def write(store, repo, files, **more):
    """Commit these contents, as a request does."""
    drafts, writes = [], {}
    for path, content in files.items():
        draft = store.blobs.draft()
        draft.write(content)
        draft.seal()
        drafts.append(draft)
        writes[path] = Entry(draft.sha256, git_sha1(draft.path), draft.size, lfs=False)
    try:
        return store.open(repo).add("main", Change("a change", "", writes, **more), drafts, "ana")
    finally:
        for draft in drafts:
            draft.discard()


def check_whole(folder):
    """Every branch and tag names a commit, every commit its parent and contents, and they are what their names say."""
    store = Store(folder)
    for repo in store.repos():
        repository = store.open(repo)
        for oid in [*repository.refs("heads").values(), *repository.refs("tags").values()]:
            for commit in repository.history(oid):
                for entry in commit.files.values():
                    content = store.blobs.path(entry.sha256).read_bytes()
                    assert hashlib.sha256(content).hexdigest() == entry.sha256
                    assert (len(content), git_sha1(store.blobs.path(entry.sha256))) == (entry.size, entry.sha1)
    for blob in (folder / "blobs").iterdir():
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    return store


def content_of(store, repo, path):
    entry = store.open(repo).commit("main").files.get(path)
    return entry and store.blobs.path(entry.sha256).read_bytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_every_step_it_holds_the_old_state_or_the_new_one(tmp_path):
    """In a process without threads, which are no company for forks: this very file."""
    subprocess.run([sys.executable, __file__, str(tmp_path)], check=True, timeout=120)


def kill_at_every_step(place):
    """Each child ends itself before one call that changes the disk, the next child before the next one, …"""
    seen = set()
    for step in itertools.count():
        folder = place / str(step)
        before = Store(folder)
        before.create(LIFT, "ana", private=True)
        write(before, LIFT, {"a": b"old", "b": b"stays"})
        killed = _in_a_child(lambda folder=folder, step=step: (_die_at(step), _change_everything(folder)))
        after = check_whole(folder)
        made = Repo("models", "ana", "new") in after.repos()
        tagged = "v3.0" in after.open(LIFT).refs("tags")
        seen.add((content_of(after, LIFT, "a"), content_of(after, LIFT, "c"), tagged, made))
        with after.served():  # what was left half written does not hinder the next one
            assert not list((folder / "partial").iterdir())
            _change_everything(folder)
        assert content_of(check_whole(folder), LIFT, "a") == b"new"
        if not killed:
            break
    assert step > 20
    assert seen == {
        (b"old", None, False, False), (b"new", b"more", False, False),
        (b"new", b"more", True, False), (b"new", b"more", True, True),
    }  # fmt: skip


def _change_everything(folder):
    store = Store(folder)
    write(store, LIFT, {"a": b"new", "c": b"more"})
    if "v3.0" not in store.open(LIFT).refs("tags"):
        store.open(LIFT).set_ref("tags", "v3.0", "main")
    store.create(Repo("models", "ana", "new"), "ana", private=True)


def _die_at(step):
    """End this process at its `step`-th call that changes the disk."""
    calls = itertools.count()

    def deadly(call):
        def dying(*args, **kwargs):
            if next(calls) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return dying

    for name in ("fsync", "rename", "replace", "unlink", "mkdir", "rmdir"):
        setattr(os, name, deadly(getattr(os, name)))


def _in_a_child(work) -> bool:
    """Run this in a fork of the process; whether it was killed."""
    child = os.fork()
    if child == 0:
        os._exit(0 if work() else 1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_equal_contents_lie_there_once(store, lift):
    write(store, LIFT, {"a": b"x" * 1000, "b": b"x" * 1000})
    write(store, LIFT, {"c": b"x" * 1000})
    assert len(list((store.folder / "blobs").iterdir())) == 1
    assert store.blobs.size == lift.size() == 1000
    assert Store(store.folder).blobs.size == 1000


def test_the_last_change_again_makes_no_commit(store, lift):
    first = write(store, LIFT, {"a": b"1", "b": b"2"})
    assert write(store, LIFT, {"a": b"1"}) == first
    gone = write(store, LIFT, {"c": b"3"}, deleted_files=("a",), parent=first.oid)
    assert write(store, LIFT, {"c": b"3"}, deleted_files=("a",), parent=first.oid) == gone
    with pytest.raises(HubError, match="new commit"):
        write(store, LIFT, {"d": b"4"}, parent=first.oid)
    with pytest.raises(HubError, match="doesn't exist"):
        write(store, LIFT, {"d": b"4"}, deleted_files=("nothing",))
    assert [commit.oid for commit in lift.history("main")][:2] == [gone.oid, first.oid]


def test_a_file_cannot_be_a_folder(store, lift):
    write(store, LIFT, {"a": b"1"})
    with pytest.raises(HubError, match="a cannot be a file and a folder"):
        write(store, LIFT, {"a/b": b"2"})
    write(store, LIFT, {"a/b": b"2"}, deleted_files=("a",))
    write(store, LIFT, {"a": b"1"}, deleted_folders=("a",))
    assert set(lift.commit("main").files) == {"a"}


def test_a_damaged_commit_is_not_taken_for_a_whole_one(store, lift):
    commit = write(store, LIFT, {"a": b"1"})
    file = next(store.folder.rglob(f"{commit.oid}.json"))
    file.write_text(file.read_text().replace("a change", "b change"))
    with pytest.raises(RuntimeError, match="is damaged"):
        Store(store.folder).open(LIFT).commit("main")


def test_one_process_at_a_time_and_no_other_folder(store, tmp_path):
    with store.served(), pytest.raises(ArmchairError, match="another hub serves"), Store(store.folder).served():
        pass
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("important")
    with pytest.raises(ArmchairError, match="something else than a hub"):
        Store(tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]


if __name__ == "__main__":
    kill_at_every_step(Path(sys.argv[1]))


# --- folders from somebody else -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["../hub.json", "/etc/passwd", "", "0" * 63, "\0" * 64])
def test_only_contents_are_contents(tmp_path, name):
    with pytest.raises(HubError, match="no content of this hub"):
        Store(tmp_path / "hub").blobs.path(name)


def test_a_link_among_the_contents_is_not_followed(tmp_path):
    blobs = Store(tmp_path / "hub").blobs
    (tmp_path / "secret").write_text("mine")
    (tmp_path / "hub" / "blobs" / ("0" * 64)).symlink_to(tmp_path / "secret")
    with pytest.raises(HubError, match="no content of this hub"):
        blobs.path("0" * 64)


@pytest.mark.parametrize("said", ["", "{", "[]", "{}", "null"])
def test_a_damaged_folder_is_one_sentence(tmp_path, said):
    store = Store(tmp_path / "hub")
    (tmp_path / "hub" / "hub.json").write_text(said)
    with pytest.raises(ArmchairError, match=r"hub\.json cannot be read"):
        Store(tmp_path / "hub")
    (store.folder / "tokens.json").write_text(said or "[1]")
    if said != "{}":
        with pytest.raises(ArmchairError, match=r"tokens\.json cannot be read"):
            read_students(store.folder)
