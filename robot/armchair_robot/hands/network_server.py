"""The web page that drives, and the WebSocket behind it. Wishes go to a `Wheel`, nothing else gets in.

On its own address (127.0.0.1) it needs no token, but any page in this machine's browser can open a WebSocket there.
Such a page cannot choose the headers `Host` (a rebound DNS name gives itself away there) and `Origin`: both must be
this server's own. On the local network a token is asked for besides. It travels unencrypted: whoever can listen to
the network can read it.
"""

import hmac
import ipaddress
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, WebSocket
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server

from armchair_robot.hands.wheel import Wheel, read_wish
from armchair_sim.errors import ArmchairError

MESSAGE_BYTES = 1024
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_POLICY, _BUSY = 1008, 1013  # WebSocket close codes, RFC 6455 and its registry
_PAGE = Path(__file__).with_name("network_page.html")
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self' ws:; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class DriveServer:
    """Serves in a thread of its own until `close`."""

    def __init__(self, wheel: Wheel, status: Callable[[], str], port: int, lan: bool) -> None:
        """Listen on `port` (0: any free one), on this machine alone or with `lan` on all of its addresses.

        Raises:
            ArmchairError: if the port cannot be taken.
        """
        self.token = secrets.token_urlsafe(9) if lan else ""
        self._listener = _listen(port, lan)
        app = make_app(wheel, status, self.token)
        self._server = Server(
            Config(app, log_level="critical", access_log=False, lifespan="off", ws_max_size=MESSAGE_BYTES,
                   timeout_graceful_shutdown=1)
        )  # fmt: skip
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()

    @property
    def links(self) -> list[str]:
        """What to open in a browser. The token stands behind #, which browsers do not send."""
        host, port = self._listener.getsockname()
        hosts = [host] if host != "0.0.0.0" else _outside()
        return [f"http://{host}:{port}/" + (f"#{self.token}" if self.token else "") for host in hosts]

    def close(self) -> None:
        """Stop listening."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._listener.close()


def make_app(wheel: Wheel, status: Callable[[], str], token: str) -> FastAPI:
    """The page at / and the WebSocket /drive. An empty token: for this machine alone."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_OwnAddress, lan=bool(token))

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(_PAGE.read_text(encoding="utf-8"), headers=_HEADERS)

    @app.websocket("/drive")
    async def drive(line: WebSocket) -> None:
        if not hmac.compare_digest(line.query_params.get("token", "").encode(), token.encode()):
            await line.close(_POLICY)  # before it is accepted: the browser reads 403
            return
        await line.accept()
        if not wheel.take(line, time.perf_counter()):
            await _refuse(line, _BUSY, "somebody else drives: wait until they have left.")
            return
        try:
            await _listen_to(line, wheel, status)
        finally:
            wheel.leave(line)

    return app


async def _listen_to(line: WebSocket, wheel: Wheel, status: Callable[[], str]) -> None:
    """Until the driver leaves, or says something that cannot be a wish."""
    while True:
        message = await line.receive()
        if message["type"] == "websocket.disconnect":
            return
        try:
            wish = read_wish(message.get("text") or "")
        except ValidationError as error:
            wheel.leave(line)  # the arm holds at once
            await _refuse(line, _POLICY, _in_words(error))
            return
        if not wheel.steer(line, wish, time.perf_counter()):
            await _refuse(line, _BUSY, "you were silent and somebody else drives now.")
            return
        await line.send_json({"status": status()})


async def _refuse(line: WebSocket, code: int, words: str) -> None:
    await line.send_json({"error": words})
    await line.close(code)


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "the message"
    return f"{where}: {first['msg']}"


class _OwnAddress:
    """ASGI middleware: requests for another host, or from another page, end here. `lan`: every host leads here."""

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
        own = self._lan or re.sub(r":\d+$", "", hosts[0]).lower() in _LOOPBACK
        return own and origins in ([], [f"http://{hosts[0]}"])


async def _forbid(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": _POLICY})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"use the address that the hand printed.\n"})


def _listen(port: int, lan: bool) -> socket.socket:
    try:
        listener = socket.create_server(("0.0.0.0" if lan else "127.0.0.1", port))
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise ArmchairError(f"port {port} cannot be taken ({why}): choose another, or 0 for any free one.") from None
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _outside() -> list[str]:
    """This machine's addresses on its networks."""
    import psutil

    known = [entry for entries in psutil.net_if_addrs().values() for entry in entries if entry.family == socket.AF_INET]
    outside = [entry.address for entry in known if not ipaddress.ip_address(entry.address).is_loopback]
    return outside or ["127.0.0.1"]
