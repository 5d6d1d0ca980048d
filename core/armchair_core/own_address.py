"""The check of Host and Origin: whether a request is meant for this server, and comes from a page of its own.

The problem: any page in this machine's browser can send requests to 127.0.0.1 and open WebSockets there, and needs no
token to reach it. But a page cannot choose two of the headers that go along. `Host` is the name in the address that the
browser was given, so a DNS name that was rebound to 127.0.0.1 gives itself away there. `Origin` is the page itself.
"""

import ipaddress
import re
import socket
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

POLICY = 1008  # the WebSocket close code for a refusal, RFC 6455

Hosts = Literal["loopback", "network", "any"]
"""Which names in `Host` lead here: this machine's loopback names; besides them addresses in numbers, which no DNS name
can be rebound to, and the machine's own name; or every name."""
Pages = Literal["own", "none", "any"]
"""Which pages may ask in `Origin`: those of this server; none; or every page. Programs send no `Origin`."""

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class ForeignRequestError(Exception):
    """A request for another server, or from another page. `value` is what the header holds."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class ForeignHostError(ForeignRequestError):
    """`Host` is not a name of this server."""


class ForeignPageError(ForeignRequestError):
    """`Origin` is a page that may not ask this."""


class RepeatedHeaderError(ForeignRequestError):
    """A header is there twice, so that two readers could take two values for it. `value` is its name."""


def check_address(scope: Scope, hosts: Hosts, pages: Pages) -> None:
    """Raise unless a request or a WebSocket is for one of `hosts`, and from one of `pages` if from a page at all.

    Raises:
        ForeignRequestError: which of its three kinds says what is wrong.
    """
    host, origin = single_header(scope, b"host"), single_header(scope, b"origin")
    if not _leads_here(re.sub(r":\d+$", "", host or "").lower(), hosts):
        raise ForeignHostError(host or "")
    if (pages == "own" and origin not in (None, f"http://{host}")) or (pages == "none" and origin):
        raise ForeignPageError(origin or "")


def single_header(scope: Scope, name: bytes) -> str | None:
    """Return a header's value, None if it is not there.

    Raises:
        RepeatedHeaderError: if it is there twice.
    """
    values = [value for key, value in scope["headers"] if key == name]
    if len(values) > 1:
        raise RepeatedHeaderError(name.decode())
    return values[0].decode("latin-1") if values else None


class OwnAddress:
    """ASGI middleware of a page: requests for another host, or from another page, end here with 403.

    With `lan` the addresses and the name that this machine has on its network lead here, too.
    """

    def __init__(self, app: ASGIApp, lan: bool) -> None:
        self._app = app
        self._hosts: Hosts = "network" if lan else "loopback"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if it is for this server and from its own page; refuse it otherwise."""
        if scope["type"] in ("http", "websocket"):
            try:
                check_address(scope, self._hosts, "own")
            except ForeignRequestError:
                await _forbid(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _leads_here(name: str, hosts: Hosts) -> bool:
    if hosts == "any" or name in _LOOPBACK:
        return True
    return hosts == "network" and (_is_number(name) or name.removesuffix(".local") == socket.gethostname().lower())


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


async def _forbid(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"use the address that was printed.\n"})
