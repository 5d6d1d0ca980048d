"""The discussions of a repo, and its pull requests: one file each, numbered from 1.

    discussions/<number>.json   title, author, state, and what happened, the first first

A pull request is a discussion with a branch of its own, `refs/pr/<number>`, on which whoever may read may commit. What
is in it reaches main when somebody merges it who may write there.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.store.blobs import replace_file
from armchair_datasets.hub.store.commits import Entry, now

Status = Literal["open", "closed", "merged", "draft"]


@dataclass(frozen=True)
class Discussion:
    """A discussion; `base` is the commit that a pull request began from, None for one without files."""

    num: int
    title: str
    author: str
    created: str
    status: Status
    base: str | None = None
    merged: str | None = None
    events: tuple[dict[str, Any], ...] = field(default=())

    @property
    def is_pull_request(self) -> bool:
        """Whether it has files."""
        return self.base is not None

    def with_event(self, kind: str, author: str, data: Mapping[str, Any]) -> "Discussion":
        """Return it with one more event, in the Hub's words for it (huggingface_hub 1.33, community.py)."""
        event = {
            "id": secrets.token_hex(12),
            "type": kind,
            "createdAt": now(),
            "author": {"name": author},
            "data": data,
        }
        return replace(self, events=(*self.events, event))


def comment(text: str) -> dict[str, Any]:
    """Return the data of a comment's event."""
    return {"edited": False, "hidden": False, "latest": {"raw": text, "html": "", "updatedAt": now()}, "history": []}


class Discussions:
    """All discussions of one repo. Whoever calls holds the repo's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Discussion]:
        """Return them, the latest first."""
        numbers = sorted((int(file.stem) for file in self._folder.glob("[1-9]*.json")), reverse=True)
        return [self._read(number) for number in numbers]

    def get(self, number: int) -> Discussion:
        """Return one.

        Raises:
            HubError: 404 if there is none of this number.
        """
        if not self._file(number).exists():
            raise HubError(404, f"there is no discussion {number} here: list those that are.")
        return self._read(number)

    def next_number(self) -> int:
        """Return the number of the next one."""
        return max((one.num for one in self.all()), default=0) + 1

    def save(self, discussion: Discussion) -> None:
        """Write one, whole or not at all."""
        self._folder.mkdir(exist_ok=True)
        replace_file(self._file(discussion.num), json.dumps(asdict(discussion), indent=1).encode())

    def _read(self, number: int) -> Discussion:
        found = json.loads(self._file(number).read_text())
        return Discussion(**{**found, "events": tuple(found["events"])})

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.json"


def merged(
    base: Mapping[str, Entry], theirs: Mapping[str, Entry], main: Mapping[str, Entry]
) -> tuple[dict[str, Entry], list[str]]:
    """Return main's files with what `theirs` changed since `base`, and the paths that both have changed."""
    changed = [path for path in {**base, **theirs} if base.get(path) != theirs.get(path)]
    conflicts = [path for path in changed if main.get(path) not in (base.get(path), theirs.get(path))]
    kept = {path: entry for path, entry in main.items() if path not in changed}
    return dict(sorted({**kept, **{path: theirs[path] for path in changed if path in theirs}}.items())), conflicts
