"""The commits of a repo: its content at one moment, as one immutable file.

    commits/<oid>.json      who, when, why, the commit before, and every file with its checksums

A commit's name is the SHA-1 of its file, so that a damaged one is noticed when it is read.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.store.blobs import replace_file


@dataclass(frozen=True)
class Entry:
    """A file: its content's SHA-256, Git's SHA-1 of it, its size in bytes, and whether it came as an LFS file."""

    sha256: str
    sha1: str
    size: int
    lfs: bool

    @property
    def pointer(self) -> bytes:
        """What Git holds instead of an LFS file (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {self.size}\n".encode()

    @property
    def etag(self) -> str:
        """The tag by which clients know the content."""
        return self.sha256 if self.lfs else self.sha1


@dataclass(frozen=True)
class Commit:
    """A repo's files, by path. `date` in UTC as the Hub writes it, `parent` is None for a repo's first commit."""

    oid: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    files: Mapping[str, Entry]


@dataclass(frozen=True)
class Change:
    """What one commit does: files to write by path, then files and folders to delete; `parent` if it must be head."""

    title: str
    message: str
    writes: Mapping[str, Entry]
    deleted_files: tuple[str, ...] = ()
    deleted_folders: tuple[str, ...] = ()
    parent: str | None = None

    def applied_to(self, files: Mapping[str, Entry]) -> dict[str, Entry]:
        """Return the files afterwards.

        Raises:
            HubError: 404 if one to be deleted is not there, 400 if a file would lie where a folder is.
        """
        kept = {path: entry for path, entry in files.items() if not self._in_deleted_folder(path)}
        for path in self.deleted_files:
            if path not in kept:  # in the Hub's own words, by which clients know it
                raise HubError(404, f"A file with this name doesn't exist: {path}.", "EntryNotFound")
            del kept[path]
        result = dict(sorted({**kept, **self.writes}.items()))
        folders = {str(folder) for path in result for folder in PurePosixPath(path).parents}
        if clash := next((path for path in result if path in folders), None):
            raise HubError(400, f"{clash} cannot be a file and a folder at once.")
        return result

    def _in_deleted_folder(self, path: str) -> bool:
        return any(path.startswith(f"{folder}/") for folder in self.deleted_folders)


def write_commit(folder: Path, parent: str | None, change: Change, files: Mapping[str, Entry], author: str) -> Commit:
    """Write the commit of `change` after `parent`, flushed to the disk."""
    date = now()
    about = {
        "parent": parent,
        "title": change.title,
        "message": change.message,
        "author": author,
        "date": date,
        "files": {path: asdict(entry) for path, entry in files.items()},
    }
    content = json.dumps(about, indent=1).encode()
    oid = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    replace_file(folder / f"{oid}.json", content)
    return Commit(oid, parent, change.title, change.message, author, date, dict(files))


@lru_cache(maxsize=64)
def read_commit(path: Path) -> Commit:
    """Read a commit back.

    Raises:
        RuntimeError: if it is not what was written: the disk has damaged it.
    """
    content = path.read_bytes()
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != path.stem:
        raise RuntimeError(f"{path} is damaged: its content does not match its name")
    about = json.loads(content)
    files = {name: Entry(**entry) for name, entry in about.pop("files").items()}
    return Commit(oid=path.stem, files=files, **about)


def now() -> str:
    """Return the time as the Hub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
