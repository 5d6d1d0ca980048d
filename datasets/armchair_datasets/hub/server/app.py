"""The classroom hub as an ASGI application."""

import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from armchair_core.command_line import quoted
from armchair_core.errors import disk_is_full
from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.limits import Limits
from armchair_datasets.hub.routes import discussions, lfs, read, repos, search, write
from armchair_datasets.hub.routes.access import Hub
from armchair_datasets.hub.server.request_guard import RequestGuard, answer
from armchair_datasets.hub.store.store import Store
from armchair_datasets.hub.store.tokens import Tokens


def create_app(
    store: Store, tokens: Tokens | None = None, limits: Limits | None = None, *, lan: bool = False
) -> FastAPI:
    """Return the application that serves a store.

    Without `tokens`, everybody who reaches it may read and write everything. Unless it is for a `lan`, it answers
    requests to this machine's own names only.
    """
    limits = limits or Limits()
    app = FastAPI(title="Armchair's classroom hub", openapi_url=None, redirect_slashes=False)
    app.state.hub = Hub(store, tokens, limits, secrets.token_bytes(32))
    app.get("/")(_front_door)
    for part in (search, repos, read, write, lfs, discussions):
        app.include_router(part.router)
    app.exception_handler(HTTPException)(_refuse)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(ClientDisconnect)(_gone)
    app.exception_handler(OSError)(_disk_trouble)
    app.add_middleware(RequestGuard, limits=limits, lan=lan)
    return app


def _front_door(request: Request) -> Response:
    address = str(request.base_url).rstrip("/")
    return PlainTextResponse(
        f"Armchair's classroom hub. To use it:\n\n    {quoted('export', f'HF_ENDPOINT={address}')}\n"
    )


async def _refuse(request: Request, error: HTTPException) -> Response:
    """Answer our own refusals, and the framework's: an address or a method that nothing answers to."""
    if error.status_code in (404, 405) and not isinstance(error, HubError):
        error = HubError(error.status_code, f"the classroom hub has no {request.method} {request.url.path[:200]}.")
    return answer(error)


async def _not_understood(_: Request, error: RequestValidationError) -> Response:
    problem: dict[str, Any] = error.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    return answer(HubError(400, f"this request was not understood: {where}: {problem['msg']}."))


async def _gone(_: Request, error: ClientDisconnect) -> Response:
    """Answer what nobody hears; without it, each student who closes a laptop would print a traceback."""
    return answer(HubError(400, "the client has gone."))


async def _disk_trouble(_: Request, error: OSError) -> Response:
    if disk_is_full(error):
        return answer(HubError(507, "the hub's disk is full: ask the teacher for room; what was there is safe."))
    raise error
