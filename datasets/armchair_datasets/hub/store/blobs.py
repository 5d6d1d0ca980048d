"""The blobs: contents by their SHA-256, each file's bytes once, whatever repos and commits they belong to.

Invariant: what lies under `blobs/` is whole and flushed to the disk, and its name is its checksum. Bytes on their
way in lie under `partial/`, on the same disk, and are renamed when they are complete.
"""

import hashlib
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from armchair_core.durable import sync
from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.names import SHA256

_CHUNK = 2**20


class Draft:
    """Bytes on their way in, in a file of their own. Not for two threads at once."""

    def __init__(self, path: Path, count: Callable[[int], None]) -> None:
        self.path, self.size = path, 0
        self._count, self._sha256, self._file = count, hashlib.sha256(), path.open("xb")

    @property
    def sha256(self) -> str:
        """The checksum of what was written so far."""
        return self._sha256.hexdigest()

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            OSError: if the disk refuses.
        """
        self._file.write(data)
        self._sha256.update(data)
        self.size += len(data)
        self._count(len(data))

    def seal(self) -> None:
        """Flush everything to the disk; nothing can be appended after that."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def discard(self) -> None:
        """Forget it, unless it was kept."""
        self._file.close()
        if self.path.exists():
            self.path.unlink()
            self._count(-self.size)


class Blobs:
    """The contents under one folder."""

    def __init__(self, folder: Path) -> None:
        self._blobs, self._partial = folder / "blobs", folder / "partial"
        for part in (self._blobs, self._partial):
            make_folder(part)
        self._lock = threading.RLock()
        self.size = sum(_size(path) for part in (self._blobs, self._partial) for path in part.iterdir())

    def drop_partial(self) -> None:
        """Delete what earlier processes left half received. Only for the one process that serves the folder."""
        for path in self._partial.iterdir():
            self._count(-_size(path))
            path.unlink()

    def free(self) -> int:
        """Return the bytes free on the disk."""
        return shutil.disk_usage(self._blobs).free

    def path(self, sha256: str) -> Path:
        """Return where a content lies, if it is there.

        Raises:
            HubError: 404 if the hub's folder, which may have come from somebody else, names a file elsewhere.
        """
        path = self._blobs / sha256
        if not re.fullmatch(SHA256, sha256) or path.is_symlink():
            raise HubError(404, f"{sha256[:80]!r} is no content of this hub: its folder is damaged.")
        return path

    def draft(self) -> Draft:
        """Return a new file to receive bytes in."""
        return Draft(self._partial / secrets.token_hex(16), self._count)

    def keep(self, draft: Draft) -> None:
        """Make a draft a blob. The folder's entry reaches the disk with `sync`.

        Raises:
            OSError: if the disk refuses; then the draft is still one.
        """
        draft.seal()
        target = self.path(draft.sha256)
        with self._lock:
            if target.exists():
                draft.discard()
            else:
                draft.path.replace(target)

    def sync(self) -> None:
        """Flush which blobs there are to the disk."""
        sync(self._blobs)

    def _count(self, change: int) -> None:
        with self._lock:
            self.size += change


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another process has just finished with it
        return 0


def git_sha1(path: Path) -> str:
    """Return the hash that Git gives a file's content (the SHA-1 of a blob object)."""
    sha1 = _git_header(path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha1.update(chunk)
    return sha1.hexdigest()


def git_sha1_of(content: bytes) -> str:
    """Return what `git_sha1` does, for bytes."""
    sha1 = _git_header(len(content))
    sha1.update(content)
    return sha1.hexdigest()


def _git_header(size: int) -> "hashlib._Hash":
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file in one step: after a crash it holds the old content or the new one."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    sync(path.parent)


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, so that they are there after a power cut too."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)
