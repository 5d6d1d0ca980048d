"""A local web server: a port, a thread that serves an ASGI app, and the addresses that lead to it.

`own_address` says which requests it may listen to.
"""

import errno
import ipaddress
import socket
import threading
from pathlib import Path

import psutil
from pydantic import ValidationError
from starlette.types import ASGIApp
from uvicorn import Config, Server

from armchair_core.connections import Door
from armchair_core.errors import ArmchairError

BUSY = 1013  # the WebSocket close code of "try again later", from RFC 6455's registry
MESSAGE_BYTES = 1024


class Served:
    """An ASGI app, served in a thread of its own until `close`."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._listener, door = listener, Door()
        self._server = Server(
            Config(app, log_level="critical", access_log=False, lifespan="off", ws_max_size=MESSAGE_BYTES,
                   ws_per_message_deflate=False, timeout_graceful_shutdown=1, http=door.protocol(),
                   backlog=door.backlog)
        )  # fmt: skip
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._listener.close()


def listen(port: int, lan: bool, otherwise: str = "choose another, or 0 for any free one") -> socket.socket:
    """Return a listener on `port` (0: any free one), on this machine alone or with `lan` on all of its addresses.

    `otherwise` is what to do if the port is taken, for the error.

    Raises:
        ArmchairError: if the port cannot be taken.
    """
    try:
        listener = socket.create_server(("0.0.0.0" if lan else "127.0.0.1", port))
    except (OSError, OverflowError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        why = _who_listens(port) if taken else str(error).partition(" (while")[0]
        raise ArmchairError(f"port {port} cannot be taken, as {why}: {otherwise}.") from None
    # Inherited by connections. asyncio sets it for listeners of its own making only, and without it every answer,
    # which is sent in two parts, waits 40 ms for the client to confirm the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _who_listens(port: int) -> str:
    """Return who has a port, as far as this user may see it."""
    try:
        listening = [one for one in psutil.net_connections("tcp4") if one.status == psutil.CONN_LISTEN]
        number = next(one.pid for one in listening if isinstance(one.laddr, tuple) and one.laddr[1] == port and one.pid)
        process = psutil.Process(number)
        words, folder = process.cmdline(), Path(process.cwd())
    except (psutil.Error, StopIteration, OSError):
        return "another program has it"
    ours = next((word for word in words if word in ("console", "hub")), None) if "armchair" in " ".join(words) else None
    if ours is None:
        return f"process {number} ({process.name()}) has it"
    where = "this very folder" if folder == Path.cwd() else f"the folder {folder}"
    return f"the {ours} of {where} has it (process {number}), and answers at http://127.0.0.1:{port}/"


def addresses(listener: socket.socket) -> list[str]:
    """Return what leads to `listener` in a browser, ``http://host:port/``, without any token."""
    host, port = listener.getsockname()
    return [f"http://{name}:{port}/" for name in ([host] if host != "0.0.0.0" else _outside())]


def in_words(error: ValidationError) -> str:
    """Return the first thing that is wrong with a message, for whoever sent it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "the message"
    return f"{where}: {first['msg']}"


def _outside() -> list[str]:
    """Return this machine's addresses on its networks."""
    known = [entry for entries in psutil.net_if_addrs().values() for entry in entries if entry.family == socket.AF_INET]
    outside = [entry.address for entry in known if not ipaddress.ip_address(entry.address).is_loopback]
    return outside or ["127.0.0.1"]
