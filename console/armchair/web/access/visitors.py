"""The visitors of the page: roles, one-time invitations, and the cookies that they are traded for.

On this machine alone whoever opens the page is its teacher. On a network everybody needs a link, which lets in one,
for a day: also when the console is started again. What is kept for that are the cookies' hashes, which let nobody in.
"""

import hashlib
import hmac
import os
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from armchair_core.errors import ArmchairError
from armchair_core.user_state import private_folder

Role = Literal["view", "student", "teacher"]
ROLES: tuple[Role, ...] = ("view", "student", "teacher")
LASTS_S = 24 * 3600  # a cookie
_MOST_INVITATIONS, _MOST_VISITORS = 100, 500


class _Visitor(NamedTuple):
    role: Role
    until_s: Annotated[float, Field(allow_inf_nan=False)]  # on `time.time`


_FILE: TypeAdapter[dict[str, _Visitor]] = TypeAdapter(dict[str, _Visitor])


def may(role: Role, needed: Role) -> bool:
    """Return whether `role` includes `needed`: a teacher may do what a student may, who may do what a viewer may."""
    return ROLES.index(role) >= ROLES.index(needed)


class Visitors:
    """Everybody who has been let in. Safe to use from several threads. `file` is where that is kept, if at all."""

    def __init__(self, lan: bool, file: Path | None = None) -> None:
        self.lan, self._file = lan, file
        self._lock = threading.Lock()
        self._invitations: dict[str, Role] = {}
        self._visitors = _read(file) if lan and file else {}  # by the hash of their cookie

    @property
    def count(self) -> int:
        """How many are let in just now."""
        with self._lock:
            return len(self._visitors)

    def invite(self, role: Role) -> str:
        """Return a token that lets one visitor in.

        Raises:
            ArmchairError: if very many have not been used.
        """
        token = secrets.token_urlsafe(12)
        with self._lock:
            if len(self._invitations) >= _MOST_INVITATIONS:
                raise ArmchairError("a hundred links have not been used yet: give those away first.")
            self._invitations[token] = role
        return token

    def enter(self, token: str) -> tuple[str, Role] | None:
        """Return a cookie and a role for a token, which is used up by it; None if it is none."""
        with self._lock:
            now_s = time.time()
            self._visitors = {key: each for key, each in self._visitors.items() if each.until_s > now_s}
            found = _find(self._invitations, token)
            if found is None or len(self._visitors) >= _MOST_VISITORS:
                return None
            role, cookie = self._invitations.pop(found), secrets.token_urlsafe(24)
            self._visitors[_hash(cookie)] = _Visitor(role, now_s + LASTS_S)
            if self._file:
                _write(self._file, self._visitors)
            return cookie, role

    def role(self, cookie: str | None) -> Role | None:
        """Return the role of whoever shows `cookie`; None: of nobody."""
        if not self.lan:
            return "teacher"
        with self._lock:
            found = self._visitors.get(_hash(cookie or ""))  # the time that this takes tells of a hash, not of a cookie
            return found.role if found and found.until_s > time.time() else None

    def owner(self, cookie: str | None) -> str:
        """Return a word that stands for whoever shows `cookie`, and does not tell it; "" on this machine alone."""
        return _hash(cookie or "")[:16] if self.lan else ""

    def is_open(self, token: str) -> bool:
        """Return whether an invitation has not been used."""
        with self._lock:
            return token in self._invitations


def _find(known: dict[str, Role], shown: str) -> str | None:
    """The secret that equals `shown`, compared in a time that tells nothing about it."""
    found = None
    for secret in known:
        if hmac.compare_digest(secret.encode(), shown.encode()):
            found = secret
    return found


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _read(file: Path) -> dict[str, _Visitor]:
    """Nobody, if it is not there or says something else."""
    try:
        found = _FILE.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return {}
    return {key: each for key, each in found.items() if time.time() < each.until_s < time.time() + 2 * LASTS_S}


def _write(file: Path, visitors: dict[str, _Visitor]) -> None:
    """For this user's eyes alone. On a full disk whoever enters is let in all the same, until the console ends."""
    partial = file.with_name(f"{file.name}.partial")
    with suppress(OSError, ArmchairError):
        private_folder(file.parent)
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(_FILE.dump_json(visitors))
        partial.replace(file)
