"""The store: the classroom hub's folder.

hub.json          says that this folder is one
blobs/<sha256>    contents (see `blobs`)
partial/          bytes on their way in
repos/<kind>/<namespace>/<name>/    (see `repository`)
deleted/<kind>/...                  repos that were taken out
tokens.json       who may write where (see `tokens`)
"""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from armchair_core.durable import move_folder
from armchair_core.errors import ArmchairError
from armchair_datasets.hub.protocol.errors import HubError, no_repo
from armchair_datasets.hub.protocol.names import KINDS, Repo
from armchair_datasets.hub.store.blobs import Blobs, make_folder, replace_file
from armchair_datasets.hub.store.commits import now
from armchair_datasets.hub.store.repository import Repository

_FORMAT = 1


class Store:
    """All repos under one folder. Methods may be called from many threads of one process; others may read.

    Raises:
        ArmchairError: if the folder holds something else, or cannot be read by this version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder).resolve()
        self._claim()
        self.blobs = Blobs(self.folder)
        self._lock = Lock()
        self._open: dict[Repo, Repository] = {}

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Return whether a folder is a hub's."""
        return (folder / "hub.json").exists()

    def _claim(self) -> None:
        note = self.folder / "hub.json"
        if note.exists():
            try:
                written = json.loads(note.read_text(encoding="utf-8"))["format"]
            except (OSError, ValueError, KeyError, TypeError):
                raise ArmchairError(
                    f'{note} cannot be read: it should hold {{"format": {_FORMAT}}}; write that into it, or name '
                    "another folder with --folder."
                ) from None
            if written != _FORMAT:
                raise ArmchairError(f"{self.folder} was written by a newer Armchair: update this one.")
            return
        if self.folder.exists() and not (self.folder.is_dir() and not any(self.folder.iterdir())):
            raise ArmchairError(f"{self.folder} holds something else than a hub: name a new folder with --folder.")
        make_folder(self.folder)
        replace_file(note, json.dumps({"format": _FORMAT}).encode())

    @contextmanager
    def served(self) -> Iterator[None]:
        """Be the one process that serves the folder; what earlier ones left half received is dropped.

        Raises:
            ArmchairError: if another process serves it.
        """
        lock = FileLock(self.folder / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ArmchairError(
                f"another hub serves {self.folder}: use that one, or name another folder with --folder."
            ) from None
        try:
            self.blobs.drop_partial()
            shutil.rmtree(self._new, ignore_errors=True)
            yield
        finally:
            lock.release()

    def repos(self) -> list[Repo]:
        """Return all repos, sorted."""
        notes = self._repos.glob("*/*/*/repo.json")
        return sorted(Repo(*note.parts[-4:-1]) for note in notes if note.parts[-4] in KINDS)

    def open(self, repo: Repo) -> Repository:
        """Return a repo that exists.

        Raises:
            HubError: 404 if it does not.
        """
        if not (self._place(repo) / "repo.json").exists():
            raise no_repo(repo.id)
        return self._open.setdefault(repo, Repository(repo, self._place(repo), self.blobs))

    def create(self, repo: Repo, author: str, private: bool) -> bool:
        """Make a repo; False if it is there already."""
        place, new = self._place(repo), self._new / secrets.token_hex(16)
        with self._lock:
            if (place / "repo.json").exists():
                return False
            Repository.write_new(new, author, {"created": now(), "private": private})
            make_folder(place.parent)
            move_folder(new, place)
        return True

    def delete(self, repo: Repo) -> None:
        """Take a repo out of the hub: its folder goes to `deleted/`, where the teacher finds it.

        Raises:
            HubError: 404 if there is none.
        """
        with self._lock:
            self.open(repo)
            self._open.pop(repo, None)
            away = self.folder / "deleted" / repo.kind
            make_folder(away)
            move_folder(self._place(repo), away / f"{repo.namespace}--{repo.name}--{secrets.token_hex(4)}")

    def move(self, repo: Repo, to: Repo) -> None:
        """Give a repo another name.

        Raises:
            HubError: 404 if there is none, 409 if the name is taken.
        """
        with self._lock:
            self.open(repo)
            if (self._place(to) / "repo.json").exists():
                raise HubError(409, f"there is a {to.id} on this hub already: give another name.")
            self._open.pop(repo, None)
            make_folder(self._place(to).parent)
            move_folder(self._place(repo), self._place(to))

    @property
    def _repos(self) -> Path:
        return self.folder / "repos"

    @property
    def _new(self) -> Path:
        return self.folder / "repos" / ".new"

    def _place(self, repo: Repo) -> Path:
        """Where it lies. Its name was checked; that it lies under the hub's folder is made sure of here again."""
        place = self._repos / repo.kind / repo.namespace / repo.name
        if not place.resolve().is_relative_to(self._repos):
            raise no_repo(repo.id)
        return place
