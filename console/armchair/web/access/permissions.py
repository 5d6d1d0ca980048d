"""The permissions: each route of the page names the least role that it is for."""

from typing import Any

from fastapi import Depends, HTTPException, Request
from starlette.requests import HTTPConnection

from armchair.web.access.visitors import Role, Visitors, may

_NO_COOKIE = "this page needs a link of its own: ask for one where the console runs."


class Permissions:
    """Knows visitors by their cookies. `links` are the addresses that others reach this page at."""

    def __init__(self, visitors: Visitors, port: int, links: list[str]) -> None:
        self.visitors, self.links, self.cookie = visitors, links, f"armchair_{port}"

    def role(self, request: HTTPConnection) -> Role | None:
        """Return the visitor's role; None if they are nobody."""
        return self.visitors.role(request.cookies.get(self.cookie))

    def owner(self, request: HTTPConnection) -> str:
        """Return what stands for the visitor, and tells nothing of the cookie."""
        return self.visitors.owner(request.cookies.get(self.cookie))

    def is_limited(self, request: HTTPConnection) -> bool:
        """Return whether the visitor is to leave room for others: everybody but teachers."""
        return not may(self.role(request) or "view", "teacher")

    def check_size(self, request: HTTPConnection, what: str, asked: float | None, most: float) -> None:
        """Raise HTTPException if a student asks for more of something than a class has time for."""
        if asked is not None and asked > most and self.is_limited(request):
            raise HTTPException(403, f"a student's job has at most {most:g} {what}: ask for fewer, or ask a teacher.")

    def needs(self, role: Role) -> Any:
        """Return a dependency that lets nobody pass who is less."""

        async def check(request: Request) -> None:  # in the event loop: threads may all be busy
            found = self.role(request)
            if found is None:
                raise HTTPException(401, _NO_COOKIE)
            if not may(found, role):
                raise HTTPException(403, f"this is for a {role}: your link is for a {found}.")

        return Depends(check)
