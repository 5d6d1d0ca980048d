"""The rules that a request's headers must keep before any route sees it.

`armchair_core.own_address.OwnAddress` stands before this and checks Host and Origin. Other origins are told nothing
(no CORS).
"""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

BODY_BYTES = 4096
_SAFE = ("GET", "HEAD")


class HeaderRules:
    """ASGI middleware: bodies are small and JSON, and a browser's word on where it comes from counts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is refused; let all else pass."""
        refused = None
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            refused = _why_not(scope["headers"])
        await (refused or self._app)(scope, receive, send)


def _why_not(headers: list[tuple[bytes, bytes]]) -> PlainTextResponse | None:
    """Return the refusal of an unsafe request, None if it may pass."""
    found = {key: value.decode("latin-1").strip().lower() for key, value in headers}
    if found.get(b"sec-fetch-site", "same-origin") != "same-origin":
        return PlainTextResponse("this page takes orders from itself alone.\n", 403)
    length = found.get(b"content-length", "")
    if not (length.isascii() and length.isdigit()) or b"transfer-encoding" in found:
        return PlainTextResponse("say how long the body is.\n", 411)
    if int(length) > BODY_BYTES:
        return PlainTextResponse(f"a body has at most {BODY_BYTES} bytes.\n", 413)
    if found.get(b"content-type", "").partition(";")[0].strip() != "application/json":
        return PlainTextResponse("a body is JSON, and says so.\n", 415)
    return None
