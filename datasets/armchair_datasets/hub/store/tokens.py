"""The tokens of a hub: who may write where.

`tokens.json` in the hub's folder holds one entry a student: a name, and the SHA-256 of a token. A token has 136
random bits, so that its hash needs no salt. The token itself is shown once and kept nowhere.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.names import check_repo
from armchair_datasets.hub.store.blobs import replace_file

_FILE = "tokens.json"
TEACHER = "teacher"
_STUDENTS = TypeAdapter(dict[str, str])


@dataclass(frozen=True)
class Person:
    """Whom a token belongs to."""

    name: str
    everywhere: bool = False

    def may_write(self, namespace: str) -> bool:
        """Return whether repos in this namespace are theirs. Some file systems take Ana and ana for the same."""
        return self.everywhere or self.name.casefold() == namespace.casefold()


NOBODY_ASKED = Person("me", everywhere=True)  # on a hub without tokens


class Tokens:
    """The tokens that a hub takes: its students', read again whenever the file changes, and one of its own.

    `teacher` may write everywhere and is forgotten when the hub ends.
    """

    def __init__(self, folder: Path) -> None:
        self.teacher = new_token()
        self._folder, self._read_at_ns = folder, -1
        self._hashes: dict[str, str] = {}

    def person(self, token: str) -> Person | None:
        """Return whose token this is. Takes the same time for every wrong one."""
        presented, found = _hash(token), None
        for name, expected in self._students().items():
            if hmac.compare_digest(presented, expected):
                found = Person(name)
        if hmac.compare_digest(presented, _hash(self.teacher)):
            found = Person(TEACHER, everywhere=True)
        return found

    def _students(self) -> dict[str, str]:
        file = self._folder / _FILE
        changed_ns = file.stat().st_mtime_ns if file.exists() else 0
        if changed_ns != self._read_at_ns:
            self._hashes, self._read_at_ns = read_students(self._folder), changed_ns
        return self._hashes


def read_students(folder: Path) -> dict[str, str]:
    """Return names and hashes, empty if nobody has a token.

    Raises:
        ArmchairError: if the file holds something else.
    """
    file = folder / _FILE
    if not file.exists():
        return {}
    try:
        return _STUDENTS.validate_json(file.read_bytes())
    except ValidationError:
        raise ArmchairError(
            f"{file} cannot be read: move it away, and make the students new tokens with "
            f"`{typed('hub', 'token', 'NAME')}`."
        ) from None


def add_student(folder: Path, name: str, renew: bool = False) -> str:
    """Make a token for one student and return it; with `renew`, the one they had before ends.

    Raises:
        ArmchairError: if the name cannot be a namespace, or has a token and `renew` is False.
    """
    check_name(name)
    students = read_students(folder)
    same = next((known for known in students if known.casefold() == name.casefold()), None)
    if same and not renew:
        raise ArmchairError(f"{same} has a token already: add --renew to replace it by a new one.")
    token = new_token()
    replace_file(folder / _FILE, json.dumps({**students, same or name: _hash(token)}, indent=4).encode())
    return token


def check_name(name: str) -> None:
    """Raise ArmchairError for what cannot stand before the slash of a repo's id, and the teacher's own name."""
    try:
        check_repo("models", name, "name")
    except HubError:
        raise ArmchairError(
            f"{name!r} is no name for a student: use letters, digits, '-' and '_', as in ana."
        ) from None
    if name.casefold() == TEACHER:
        raise ArmchairError(f"{TEACHER} is the teacher's name, whose token the hub prints at its start: use another.")


def new_token() -> str:
    """Return a token that looks like the Hub's, so that those who look for tokens in files find it."""
    return f"hf_{secrets.token_hex(17)}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
