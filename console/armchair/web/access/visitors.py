"""The visitors of the page: roles, one-time invitations, and the cookies that they are traded for. No I/O.

On this machine alone whoever opens the page is its teacher. On a network everybody needs a link, which lets in one.
"""

import hashlib
import hmac
import secrets
import threading
from typing import Literal

from armchair_core.errors import ArmchairError

Role = Literal["view", "student", "teacher"]
ROLES: tuple[Role, ...] = ("view", "student", "teacher")
_MOST_INVITATIONS, _MOST_VISITORS = 100, 500


def may(role: Role, needed: Role) -> bool:
    """Return whether `role` includes `needed`: a teacher may do what a student may, who may do what a viewer may."""
    return ROLES.index(role) >= ROLES.index(needed)


class Visitors:
    """Everybody who has been let in. Safe to use from several threads."""

    def __init__(self, lan: bool) -> None:
        self.lan = lan
        self._lock = threading.Lock()
        self._invitations: dict[str, Role] = {}
        self._cookies: dict[str, Role] = {}

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
            found = _find(self._invitations, token)
            if found is None or len(self._cookies) >= _MOST_VISITORS:
                return None
            role, cookie = self._invitations.pop(found), secrets.token_urlsafe(24)
            self._cookies[cookie] = role
            return cookie, role

    def role(self, cookie: str | None) -> Role | None:
        """Return the role of whoever shows `cookie`; None: of nobody."""
        if not self.lan:
            return "teacher"
        with self._lock:
            found = _find(self._cookies, cookie or "")
            return None if found is None else self._cookies[found]

    def owner(self, cookie: str | None) -> str:
        """Return a word that stands for whoever shows `cookie`, and does not tell it; "" on this machine alone."""
        return hashlib.sha256((cookie or "").encode()).hexdigest()[:16] if self.lan else ""

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
