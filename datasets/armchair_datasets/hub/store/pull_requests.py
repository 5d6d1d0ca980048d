"""The pull requests of a repo: begun, added to, merged; and its discussions, which are the same without files."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.store.blobs import Draft
from armchair_datasets.hub.store.commits import Change, Commit, Entry, now
from armchair_datasets.hub.store.discussions import Discussion, Discussions, Status, comment, merged
from armchair_datasets.hub.store.repository import MAIN, Repository


class PullRequests:
    """Those of one repo. Methods may be called from many threads of one process."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._files = Discussions(repository.folder / "discussions")

    def begin(self, title: str, text: str, author: str, is_pull_request: bool) -> Discussion:
        """Begin a discussion; a pull request begins as main stands now, as a draft."""
        with self._repository.lock:
            base = self._repository.commit(MAIN).oid if is_pull_request else None
            return self._open(title, text, author, base, "draft" if is_pull_request else "open")

    def propose(self, change: Change, drafts: Iterable[Draft], author: str) -> tuple[Commit, Discussion]:
        """Commit a change to a new pull request, and leave every branch as it is.

        Raises:
            HubError: 404 if `change.parent` is no commit of this repo.
        """
        with self._repository.lock:
            base = self._repository.commit(change.parent or MAIN)
            files = change.applied_to(base.files)
            self._repository.keep(drafts)
            opened = self._open(change.title, change.message, author, base.oid, "open")
            commit = self._repository.write("pr", str(opened.num), base.oid, change, files, author)
            opened = opened.with_event("commit", author, {"subject": change.title, "oid": commit.oid})
            self._files.save(opened)
            return commit, opened

    def merge(self, number: int, author: str) -> Discussion:
        """Take what a pull request changes over into main.

        Raises:
            HubError: 404 if there is none, 409 if main has changed the same files since, or it is not open.
        """
        with self._repository.lock:
            asked = self._files.get(number)
            if asked.base is None or asked.status not in ("open", "draft"):
                what = "no pull request" if asked.base is None else asked.status
                raise HubError(409, f"{number} is {what}: only an open pull request can be merged.")
            head = self._repository.commit(MAIN)
            files, conflicts = self._merged(asked, asked.base, head)
            if conflicts:
                raise HubError(409, f"main has changed {conflicts[0]} since {number} began: make a new pull request.")
            change = Change(f"Merge pull request {number}: {asked.title}", "", {})
            commit = self._repository.write("heads", MAIN, head.oid, change, files, author)
            done = replace(asked, status="merged", merged=commit.oid)
            done = done.with_event("status-change", author, {"status": "merged"})
            self._files.save(done)
            return done

    def conflicts(self, asked: Discussion) -> list[str]:
        """Return the files of an open pull request that main has changed since."""
        if asked.base is None or asked.status == "merged":
            return []
        return self._merged(asked, asked.base, self._repository.commit(MAIN))[1]

    def _merged(self, asked: Discussion, base: str, main: Commit) -> tuple[dict[str, Entry], list[str]]:
        theirs = self._repository.commit(f"refs/pr/{asked.num}").files
        return merged(self._repository.commit(base).files, theirs, main.files)

    def all(self) -> list[Discussion]:
        """Return all discussions and pull requests, the latest first."""
        with self._repository.lock:
            return self._files.all()

    def get(self, number: int) -> Discussion:
        """Return one.

        Raises:
            HubError: 404 if there is none of this number.
        """
        with self._repository.lock:
            return self._files.get(number)

    def change(self, number: int, change: Callable[[Discussion], Discussion]) -> Discussion:
        """Return a discussion after `change` was applied to it and kept.

        Raises:
            HubError: 404 if there is none of this number.
        """
        with self._repository.lock:
            changed = change(self._files.get(number))
            self._files.save(changed)
            return changed

    def _open(self, title: str, text: str, author: str, base: str | None, status: Status) -> Discussion:
        opened = Discussion(self._files.next_number(), title, author, now(), status, base)
        opened = opened.with_event("comment", author, comment(text)) if text else opened
        if base is not None:
            self._repository.point("pr", str(opened.num), base)
        self._files.save(opened)
        return opened
