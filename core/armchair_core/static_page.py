"""A built web page, served from memory, and the headers that keep it strict.

The content security policy allows no script and no style but the page's own files, and no request to any other server.
"""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_RAW_HEADERS = {key.encode(): value.encode() for key, value in _HEADERS.items()}
_CACHED = "cache-control"
_NEVER, _ASK_FIRST, _FOR_A_YEAR = "no-store", "no-cache", "public, max-age=31536000, immutable"
_HASHED = "assets/"  # what is in it has a hash of its content in its name
_PACKED = ".gz"
_KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


class PageHeaders:
    """ASGI middleware: every answer over HTTP bears the headers of a strict page, in place of its own.

    No answer is kept by anybody but those that say how long.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = (pair for pair in message.get("headers", ()) if pair[0] not in _RAW_HEADERS)
                message["headers"] = [*kept, *_RAW_HEADERS.items()]
                if _CACHED not in Headers(scope=message):
                    message["headers"].append((_CACHED.encode(), _NEVER.encode()))
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def page_routes(folder: Path, first: str = "index.html") -> APIRouter:
    """Return routes to every file below `folder`, and to the file `first` at /.

    All are read now: no path of a request ever reaches the file system. Include them last, as they match every path.
    What was built is kept by browsers for a year, for what changes gets another name; everything else is asked for
    again. A file beside which there is ``NAME.gz`` goes as that to who takes it.
    """
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    packed = {name.removesuffix(_PACKED): files.pop(name) for name in list(files) if name.endswith(_PACKED)}
    router = APIRouter()

    @router.get("/{path:path}")
    def file(path: str, request: Request) -> Response:
        name = path or first
        if name not in files:
            raise HTTPException(404, "there is no such page.")
        headers = {_CACHED: _FOR_A_YEAR if name.startswith(_HASHED) else _ASK_FIRST}
        body = files[name]
        if name in packed:
            headers["vary"] = "accept-encoding"
            if _takes_packed(request.headers.get("accept-encoding", "")):
                headers["content-encoding"], body = "gzip", packed[name]
        return Response(body, media_type=_KINDS[Path(name).suffix], headers=headers)

    return router


def _takes_packed(accepted: str) -> bool:
    """Return whether an Accept-Encoding takes gzip."""
    for each in accepted.lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
