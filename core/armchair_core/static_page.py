"""A built web page, served from memory, and the headers that keep it strict.

The content security policy allows no script and no style but the page's own files, and no request to any other server.
"""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_RAW_HEADERS = {key.encode(): value.encode() for key, value in _HEADERS.items()}
_KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


class PageHeaders:
    """ASGI middleware: every answer over HTTP bears the headers of a strict page, in place of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = (pair for pair in message.get("headers", ()) if pair[0] not in _RAW_HEADERS)
                message["headers"] = [*kept, *_RAW_HEADERS.items()]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def page_routes(folder: Path, first: str = "index.html") -> APIRouter:
    """Return routes to every file below `folder`, and to the file `first` at /.

    All are read now: no path of a request ever reaches the file system. Include them last, as they match every path.
    """
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    router = APIRouter()

    @router.get("/{path:path}")
    def file(path: str) -> Response:
        name = path or first
        if name not in files:
            raise HTTPException(404, "there is no such page.")
        return Response(files[name], media_type=_KINDS[Path(name).suffix])

    return router
