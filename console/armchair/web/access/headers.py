"""What a request must be before any route sees it, and what every answer says about itself.

`armchair_core.own_address.OwnAddress` stands before this and checks Host and Origin. Other origins are told nothing
(no CORS).
"""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from armchair_core.local_server import HEADERS

BODY_BYTES = 4096
_SAFE = ("GET", "HEAD")
_HEADERS = HEADERS | {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class HeaderRules:
    """ASGI middleware: bodies are small and JSON, a browser's word on where it comes from counts, headers are set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = [(key.encode(), value.encode()) for key, value in _HEADERS.items()]
                names = {key for key, _ in own}
                message["headers"] = [*(pair for pair in message.get("headers", ()) if pair[0] not in names), *own]
            await send(message)

        refused = None if scope["method"] in _SAFE else _why_not(scope["headers"])
        if refused is None:
            await self._app(scope, receive, with_headers)
            return
        status, words = refused
        await with_headers(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]}
        )
        await send({"type": "http.response.body", "body": words.encode()})


def _why_not(headers: list[tuple[bytes, bytes]]) -> tuple[int, str] | None:
    """Why an unsafe request is not listened to: a status and words."""
    found = {key: value.decode("latin-1").strip().lower() for key, value in headers}
    if found.get(b"sec-fetch-site", "same-origin") != "same-origin":
        return 403, "this page takes orders from itself alone.\n"
    length = found.get(b"content-length", "")
    if not (length.isascii() and length.isdigit()) or b"transfer-encoding" in found:
        return 411, "say how long the body is.\n"
    if int(length) > BODY_BYTES:
        return 413, f"a body has at most {BODY_BYTES} bytes.\n"
    if found.get(b"content-type", "").partition(";")[0].strip() != "application/json":
        return 415, "a body is JSON, and says so.\n"
    return None
