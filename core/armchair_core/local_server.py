"""What every page of ours on a network needs: an own address, a port, a thread, and words for what cannot be read.

Any page in this machine's browser can send requests to 127.0.0.1 and open WebSockets there. Such a page cannot choose
the headers `Host` (a rebound DNS name gives itself away there) and `Origin`: both must be this server's own.
"""

import ipaddress
import re
import socket
import threading

from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server

from armchair_core.errors import ArmchairError

POLICY, BUSY = 1008, 1013  # WebSocket close codes, RFC 6455 and its registry
MESSAGE_BYTES = 1024
HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store"}
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Served:
    """An ASGI app, served in a thread of its own until `close`."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._listener = listener
        self._server = Server(
            Config(app, log_level="critical", access_log=False, lifespan="off", ws_max_size=MESSAGE_BYTES,
                   ws_per_message_deflate=False, timeout_graceful_shutdown=1)
        )  # fmt: skip
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._listener.close()


class OwnAddress:
    """ASGI middleware: requests for another host, or from another page, end here with 403.

    On this machine alone its loopback names lead here. With `lan` so do addresses in numbers, which no DNS name can be
    rebound to, and the machine's own name.
    """

    def __init__(self, app: ASGIApp, lan: bool) -> None:
        self._app, self._lan = app, lan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not self._is_own(scope):
            await _forbid(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        hosts, origins = ([value.decode("latin-1") for key, value in scope["headers"] if key == name]
                          for name in (b"host", b"origin"))  # fmt: skip
        if len(hosts) != 1 or len(origins) > 1:  # two readers could take two values for it
            return False
        return self._leads_here(re.sub(r":\d+$", "", hosts[0]).lower()) and origins in ([], [f"http://{hosts[0]}"])

    def _leads_here(self, name: str) -> bool:
        if name in _LOOPBACK:
            return True
        return self._lan and (_is_number(name) or name.removesuffix(".local") == socket.gethostname().lower())


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


def listen(port: int, lan: bool, otherwise: str = "choose another, or 0 for any free one") -> socket.socket:
    """A listener on `port` (0: any free one), on this machine alone or with `lan` on all of its addresses.

    `otherwise` tells whoever chose a port that is taken what to do.

    Raises:
        ArmchairError: if the port cannot be taken.
    """
    try:
        listener = socket.create_server(("0.0.0.0" if lan else "127.0.0.1", port))
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise ArmchairError(f"port {port} cannot be taken ({why}): {otherwise}.") from None
    # Inherited by connections. asyncio sets it for listeners of its own making only, and without it every answer,
    # which is sent in two parts, waits 40 ms for the client to confirm the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def addresses(listener: socket.socket) -> list[str]:
    """What leads to `listener` in a browser, ``http://host:port/``, without any token."""
    host, port = listener.getsockname()
    return [f"http://{name}:{port}/" for name in ([host] if host != "0.0.0.0" else _outside())]


def in_words(error: ValidationError) -> str:
    """The first thing that is wrong with a message."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "the message"
    return f"{where}: {first['msg']}"


def _outside() -> list[str]:
    """This machine's addresses on its networks."""
    import psutil

    known = [entry for entries in psutil.net_if_addrs().values() for entry in entries if entry.family == socket.AF_INET]
    outside = [entry.address for entry in known if not ipaddress.ip_address(entry.address).is_loopback]
    return outside or ["127.0.0.1"]
