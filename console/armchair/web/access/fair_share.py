"""The fair share of the server's work: so many requests at once for each visitor, and STOP always.

Most of what is asked for is done in threads, of which there are some dozens for all. Without this, one visitor who asks
for a hundred lists at once would keep everybody waiting.
"""

from collections import Counter

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from armchair.web.access.permissions import Permissions

_AT_ONCE = 8  # a browser has six connections to one server
_A_TEACHER = 24
_ALWAYS = "/api/stop"


class FairShare:
    """ASGI middleware: what is more than a visitor's, or an unknown address's, share is answered with 429."""

    def __init__(self, app: ASGIApp, permissions: Permissions) -> None:
        self._app, self._permissions = app, permissions
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if the visitor has few others under way."""
        if scope["type"] != "http" or scope["path"] == _ALWAYS:
            await self._app(scope, receive, send)
            return
        asking = HTTPConnection(scope)
        role = self._permissions.role(asking)
        who = self._permissions.owner(asking) if role else str((scope.get("client") or [""])[0])
        if self._under_way[who] >= (_A_TEACHER if role == "teacher" else _AT_ONCE):
            # The line is ended, and with it what else was asked for on it without waiting for an answer.
            words = {"detail": "you ask for very much at once: wait a moment."}
            refused = JSONResponse(words, 429, headers={"connection": "close"})
            await refused(scope, receive, send)
            return
        self._under_way[who] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]
