"""The repository: one repo's folder with its commits, its branches and its tags.

    repo.json                   when it was made, by whom, and whether it was asked to be private
    commits/<oid>.json          (see `commits`)
    heads/<branch>, tags/<tag>  a commit's name; slashes in theirs are written %2F
    pr/<number>                 the same, of a pull request (see `discussions`)

Invariant: contents are flushed before the commit that names them, and that before the branch that names it. Each
step is one rename, so that every branch and tag points at a whole commit, whenever the process or the power dies.
"""

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from armchair_core.durable import sync
from armchair_datasets.hub.protocol.errors import HubError, no_revision
from armchair_datasets.hub.protocol.names import Repo, check_ref, is_commit
from armchair_datasets.hub.store.blobs import Blobs, Draft, make_folder, replace_file
from armchair_datasets.hub.store.commits import Change, Commit, Entry, read_commit, write_commit

MAIN = "main"
RefKind = Literal["heads", "tags", "pr"]
_REF_KINDS: tuple[RefKind, ...] = ("heads", "tags", "pr")
_BARE_KINDS: tuple[RefKind, ...] = ("heads", "tags")  # those whose names are understood without refs/


class Repository:
    """A repo that exists. Methods may be called from many threads of one process; other processes may read."""

    def __init__(self, repo: Repo, folder: Path, blobs: Blobs) -> None:
        self.repo, self._blobs = repo, blobs
        self.lock = threading.Lock()  # held by whoever writes
        self.folder = folder
        self._sizes: dict[str, int] = {}  # of the contents of all commits, by SHA-256; empty until asked for

    @staticmethod
    def write_new(folder: Path, author: str, about: dict[str, Any]) -> None:
        """Fill a new folder with a repo whose first commit is empty."""
        for part in ("commits", "heads", "tags"):
            (folder / part).mkdir(parents=True)
        first = write_commit(folder / "commits", None, Change("initial commit", "", {}), {}, author)
        (folder / "heads" / MAIN).write_text(first.oid)
        (folder / "repo.json").write_text(json.dumps({"author": author, **about}))

    def about(self) -> dict[str, Any]:
        """Return what `repo.json` says."""
        return json.loads((self.folder / "repo.json").read_text())

    def refs(self, kind: RefKind) -> dict[str, str]:
        """Return names and commits of the branches (`heads`) or `tags`, main first."""
        files = (file for file in (self.folder / kind).glob("*") if not file.name.startswith("."))
        found = ((unquote(file.name), self._ref(kind, unquote(file.name))) for file in files)
        return {name: oid for name, oid in sorted(found, key=lambda ref: (ref[0] != MAIN, ref[0])) if oid}

    def commit(self, revision: str) -> Commit:
        """Return the commit that a branch, a tag or a full hash names.

        Raises:
            HubError: 404 if there is none, 400 if there can be none.
        """
        oid = revision if is_commit(revision) else self._named(revision)
        if oid is None or not self._commit_file(oid).exists():
            raise no_revision(self.repo.id, revision)
        return read_commit(self._commit_file(oid))

    def history(self, revision: str) -> Iterator[Commit]:
        """Yield the commit and those before it, the latest first."""
        oid: str | None = self.commit(revision).oid
        while oid:
            commit = read_commit(self._commit_file(oid))
            yield commit
            oid = commit.parent

    def size(self, more: Iterable[Entry] = ()) -> int:
        """Return the bytes of the contents of all commits, each counted once, and of `more` files."""
        with self.lock:
            if not self._sizes:
                for file in (self.folder / "commits").glob("[!.]*.json"):
                    self._count(read_commit(file).files.values())
            return sum({**self._sizes, **{entry.sha256: entry.size for entry in more}}.values())

    def add(self, revision: str, change: Change, drafts: Iterable[Draft], author: str) -> Commit:
        """Commit a change to a branch, with the drafts of its new contents, and return it.

        A change that changes nothing makes no commit, nor does the last one sent again (its answer was lost on the
        way): both return the present one.

        Raises:
            HubError: 404 if there is no such branch, 412 if `change.parent` is not its present commit.
        """
        kind, branch = _branch(revision)
        with self.lock:
            if (oid := self._ref(kind, branch)) is None:
                raise no_revision(self.repo.id, revision)
            head = read_commit(self._commit_file(oid))
            if self._is_repetition(change, head):
                return head
            if change.parent not in (None, head.oid):
                raise HubError(
                    412, f"{self.repo.id} has the new commit {head.oid} since {change.parent}: start from it."
                )
            files = change.applied_to(head.files)
            if files == head.files:
                return head
            self.keep(drafts)
            return self.write(kind, branch, head.oid, change, files, author)

    def write(
        self, kind: RefKind, branch: str, parent: str, change: Change, files: dict[str, Entry], author: str
    ) -> Commit:
        """Write a commit, and let the branch point at it. Whoever calls holds `lock`."""
        commit = write_commit(self.folder / "commits", parent, change, files, author)
        self.point(kind, branch, commit.oid)
        self._count(commit.files.values() if self._sizes else ())
        return commit

    def point(self, kind: RefKind, name: str, oid: str) -> None:
        """Let a branch, a tag or a pull request name a commit. Whoever calls holds `lock`."""
        make_folder(self.folder / kind)
        replace_file(self._ref_file(kind, name), oid.encode())

    def set_private(self, private: bool) -> None:
        """Note whether the repo is asked to be private."""
        with self.lock:
            replace_file(self.folder / "repo.json", json.dumps({**self.about(), "private": private}).encode())

    def set_ref(self, kind: RefKind, name: str, revision: str) -> None:
        """Make a new branch or tag.

        Raises:
            HubError: 409 if there is one of this name, 404 if there is no such revision.
        """
        with self.lock:
            if self._ref(kind, name) is not None:
                raise HubError(409, f"{self.repo.id} has {name} already.")
            self.point(kind, name, self.commit(revision).oid)

    def delete_ref(self, kind: RefKind, name: str) -> None:
        """Delete a branch or a tag; its commits stay.

        Raises:
            HubError: 404 if there is none, 403 for the branch main.
        """
        if (kind, name) == ("heads", MAIN):
            raise HubError(403, "the branch main stays.")
        with self.lock:
            try:
                self._ref_file(kind, name).unlink()
            except FileNotFoundError:
                raise no_revision(self.repo.id, name) from None
            sync(self.folder / kind)

    def keep(self, drafts: Iterable[Draft]) -> None:
        """Make drafts contents, flushed to the disk, before a commit names them. Whoever calls holds `lock`."""
        for draft in drafts:
            self._blobs.keep(draft)
        self._blobs.sync()

    def _is_repetition(self, change: Change, head: Commit) -> bool:
        """Whether head is this very change."""
        if head.parent is None or (change.title, change.message) != (head.title, head.message):
            return False
        if change.parent not in (None, head.parent):
            return False
        with suppress(HubError):
            return change.applied_to(self.commit(head.parent).files) == head.files
        return False

    def _count(self, entries: Iterable[Entry]) -> None:
        self._sizes |= {entry.sha256: entry.size for entry in entries}

    def _named(self, revision: str) -> str | None:
        name = revision.removeprefix("refs/")
        kinds = [kind for kind in _REF_KINDS if name.startswith(f"{kind}/")] if name != revision else []
        found = (self._ref(kind, name.removeprefix(f"{kind}/")) for kind in kinds or _BARE_KINDS)
        return next((oid for oid in found if oid), None)

    def _ref(self, kind: RefKind, name: str) -> str | None:
        try:
            return self._ref_file(kind, name).read_text()
        except FileNotFoundError:
            return None

    def _ref_file(self, kind: RefKind, name: str) -> Path:
        return self.folder / kind / quote(check_ref(name), safe="")

    def _commit_file(self, oid: str) -> Path:
        return self.folder / "commits" / f"{oid}.json"


def _branch(revision: str) -> tuple[RefKind, str]:
    """Return what is committed to: a branch, or a pull request."""
    if revision.startswith("refs/pr/"):
        return "pr", revision.removeprefix("refs/pr/")
    return "heads", revision.removeprefix("refs/heads/")
