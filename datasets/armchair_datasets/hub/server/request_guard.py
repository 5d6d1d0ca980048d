"""The request guard: what every request passes before it reaches a route, and every answer on its way back.

A hub on a laptop's own address needs no token, so pages in that laptop's browser are kept out by `own_address`. A page
cannot leave out `Origin` when it writes, and cannot read an answer without CORS headers, which are never sent.
"""

import asyncio
import time
from collections import Counter
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from armchair_core.connections import is_loopback
from armchair_core.own_address import (
    ForeignHostError,
    ForeignPageError,
    Hosts,
    RepeatedHeaderError,
    check_address,
    single_header,
)
from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.limits import Limits, in_words

_DRAIN_S = 60.0
_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cache-control", b"no-store"),
]


class RequestGuard:
    """ASGI middleware: hosts, origins, sizes and numbers of requests. `lan`: every host name leads here."""

    def __init__(self, app: ASGIApp, limits: Limits, lan: bool) -> None:
        self._app, self._limits = app, limits
        self._hosts: Hosts = "any" if lan else "loopback"
        self._uploads: Counter[str] = Counter()  # by the address that sends them

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with why not."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        # A slash inside of a branch's name comes as %2F: routes are found before that is decoded.
        scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        limit = self._body_limit(scope)
        uploading = limit != self._limits.request
        body = _Body(receive, limit, self._limits, uploading)
        send = _polite(send, body)
        try:
            self._check(scope, body, uploading)
        except HubError as refusal:
            return await answer(refusal)(scope, receive, send)
        self._uploads[_address(scope)] += uploading
        try:
            await self._app(scope, body.receive, send)
        finally:
            self._uploads[_address(scope)] -= uploading
            self._uploads = +self._uploads

    def _body_limit(self, scope: Scope) -> int:
        """How large a body may be, in bytes: a file on its own, a commit, or anything else."""
        if scope["method"] == "PUT":
            return self._limits.file
        if scope["method"] == "POST" and "/commit/" in scope["path"]:
            return self._limits.commit
        return self._limits.request

    def _check(self, scope: Scope, body: "_Body", uploading: bool) -> None:
        try:
            check_address(scope, self._hosts, "any" if scope["method"] in ("GET", "HEAD") else "none")
            length = single_header(scope, b"content-length") or ""
        except RepeatedHeaderError as twice:
            raise HubError(400, f"the header {twice.value} is there twice.") from None
        except ForeignHostError as host:
            raise HubError(403, f"this hub is not {host.value[:100]!r}: use the address that it printed.") from None
        except ForeignPageError:
            raise HubError(403, "this hub takes nothing from web pages.") from None
        if length.isdigit() and int(length) > body.limit:
            raise body.too_large()
        all_of_them, own = self._uploads.total(), self._uploads[_address(scope)]
        too_many = own >= self._limits.uploads_each and not is_loopback(_address(scope))
        if uploading and (too_many or all_of_them >= self._limits.uploads):
            words = f"{own if too_many else all_of_them} uploads go on{' from your computer' if too_many else ''}"
            raise HubError(429, f"{words}: try again in a moment.", headers={"Retry-After": "2"})


def _address(scope: Scope) -> str:
    return str((scope.get("client") or [""])[0])


class _Body:
    """The body of a request, up to `limit` bytes, without a long pause, and at a pace that gets somewhere."""

    def __init__(self, receive: Receive, limit: int, limits: Limits, uploading: bool) -> None:
        self.limit, self.complete = limit, False
        self._receive, self._size, self._pace, self._began_s = receive, 0, limits.pace, time.monotonic()
        self._stall_s = limits.stall_s if uploading else min(limits.stall_s, limits.short_stall_s)
        self._drain_stall_s = min(limits.stall_s, limits.short_stall_s)

    async def receive(self) -> Message:
        """Return the next part, as ASGI's `receive`.

        Raises:
            HubError: 408 after a pause that is too long or if it comes too slowly, 413 if the body is too large.
        """
        if self.complete:  # from here on, only the news that the client has gone
            return await self._receive()
        try:
            late_s = self._began_s + self._stall_s + self._size / self._pace - time.monotonic()
            message = await asyncio.wait_for(self._receive(), min(self._stall_s, max(0.0, late_s)))
        except TimeoutError:
            self.complete = True  # as far as we are concerned
            why = f"nothing came for {self._stall_s:g} seconds" if late_s >= self._stall_s else "it came too slowly"
            raise HubError(408, f"{why} in the middle of a request: send it again.") from None
        self.complete = not message.get("more_body", False)
        self._size += len(message.get("body", b""))
        if self._size > self.limit:
            raise self.too_large()
        return message

    def too_large(self) -> HubError:
        """Return the refusal of a body of more than `limit` bytes."""
        return HubError(413, f"a request is larger than {in_words(self.limit)}, the most that this hub takes at once.")

    async def drain(self) -> None:
        """Read the rest and forget it: a client that is still sending would not hear the answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                while not self.complete:
                    message = await asyncio.wait_for(self._receive(), self._drain_stall_s)
                    self.complete = not message.get("more_body", False)


def _polite(send: Send, body: _Body) -> Send:
    """Return a `send` that adds our headers, and answers a refusal only when the client listens."""

    async def polite(message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] >= 400:
                await body.drain()
            message = {**message, "headers": [*message.get("headers", []), *_ALWAYS]}
        await send(message)

    return polite


def answer(refusal: HTTPException) -> JSONResponse:
    """Return the answer to a request that is refused."""
    return JSONResponse({"error": refusal.detail}, refusal.status_code, refusal.headers)
