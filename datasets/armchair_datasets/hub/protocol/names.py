"""Names that come from outside: repos, branches and tags, paths of files. No I/O.

Each is checked here before it becomes part of a path on this machine, or on that of somebody who downloads it.
"""

import re
from dataclasses import dataclass

from armchair_datasets.hub.protocol.errors import HubError

SHA256 = "^[0-9a-f]{64}$"  # in pydantic's way of matching, whose $ is the very end
KINDS = ("models", "datasets", "spaces")
_REPO_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REF = re.compile(r"[A-Za-z0-9][\w.+/-]{0,99}", re.ASCII)
_PATH_LENGTH, _PART_LENGTH = 1000, 255  # in bytes, as most file systems count
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, order=True)
class Repo:
    """A repo's place on the hub: `kind` is models, datasets or spaces."""

    kind: str
    namespace: str
    name: str

    @property
    def id(self) -> str:
        """As people write it: ana/lift."""
        return f"{self.namespace}/{self.name}"

    @property
    def address(self) -> str:
        """As in the addresses of its pages: datasets/ana/lift, but ana/act for a model."""
        return self.id if self.kind == "models" else f"{self.kind}/{self.id}"


def check_repo(kind: str, namespace: str, name: str) -> Repo:
    """Return the repo of this kind and name.

    Raises:
        HubError: 400 if it is not a possible one.
    """
    repo_id = f"{namespace}/{name}"
    possible = _REPO_ID.fullmatch(repo_id) and ".." not in repo_id
    if kind not in KINDS or not possible or any(part.endswith((".", ".git")) for part in (namespace, name)):
        raise HubError(400, f"{repo_id[:200]!r} is no repo id: use letters, digits, '-', '_' and '.', as in ana/lift.")
    return Repo(kind, namespace, name)


def check_kind(kind: str) -> None:
    """Raise HubError, 501, for what the Hub has and a classroom's does not: users' pages, jobs, buckets, papers."""
    if kind not in KINDS:
        raise HubError(501, f"the classroom hub has no {kind[:40]}: it keeps models, datasets and spaces, no more.")


def check_ref(name: str) -> str:
    """Return a branch's or tag's name, which may contain single slashes.

    Raises:
        HubError: 400 if it is not a possible one.
    """
    parts = name.split("/")
    odd = any(not part or part.startswith(".") or part.endswith((".", ".lock")) for part in parts)
    if not _REF.fullmatch(name) or ".." in name or odd or is_commit(name):
        raise HubError(400, f"{name[:200]!r} is no name for a branch or a tag: use letters, digits, '.', '-' and '/'.")
    return name


def is_commit(revision: str) -> bool:
    """Return whether this looks like a commit's full hash."""
    return re.fullmatch(r"[0-9a-f]{40}", revision) is not None


def check_path(path: str) -> str:
    """Return a file's path inside a repo: relative, with single forward slashes.

    Raises:
        HubError: 400 for what could lead out of a folder, or is no path at all.
    """
    parts = path.split("/")
    odd = any(part in ("", ".", "..", ".git") or len(part.encode("utf-8", "replace")) > _PART_LENGTH for part in parts)
    too_long = len(path.encode("utf-8", "replace")) > _PATH_LENGTH
    if odd or too_long or _FORBIDDEN.search(path) or _DRIVE.match(path) or not _is_text(path):
        raise HubError(400, f"{path[:200]!r} is no path for a file in a repo: use a relative one, as in data/file.txt.")
    return path


def _is_text(path: str) -> bool:
    """Return whether it can be written as UTF-8: half of a surrogate pair, which JSON can carry, cannot."""
    try:
        return bool(path.encode())
    except UnicodeEncodeError:
        return False
