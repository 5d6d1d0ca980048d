"""The start and end of a hub's server, on this machine alone or on the local network."""

import signal
import socket
from collections.abc import Callable

from fastapi import FastAPI
from uvicorn import Config, Server

from armchair_core import local_server
from armchair_core.connections import Door

_READS_WITHIN_S = 60.0  # the next part of a file that is sent to a client
_GRACE_S = 5  # for requests that go on when the hub is told to end


def listen(port: int, lan: bool = False) -> socket.socket:
    """Take a port (0: any free one) on this machine's own address, or with `lan` on all of its addresses.

    Raises:
        ArmchairError: if that is not possible, say because another program has it.
    """
    return local_server.listen(port, lan, "name another with --port, or --port 0")


def addresses(listener: socket.socket) -> list[str]:
    """Return where others reach it: `http://127.0.0.1:8765`, or with the network's addresses of this machine."""
    return [address.rstrip("/") for address in local_server.addresses(listener)]


def make_server(app: FastAPI) -> Server:
    """Return a silent server; run it with `server.run([listener])`, end it by `server.should_exit`."""
    door = Door(with_body=False, stall_s=_READS_WITHIN_S)  # `request_guard` has its own deadlines for bodies
    return Server(
        Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=_GRACE_S, http=door.protocol(),
               backlog=door.backlog)
    )  # fmt: skip


def serve(app: FastAPI, listener: socket.socket, when_ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C, SIGTERM or SIGHUP, and return."""
    server = make_server(app)

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
        signal.signal(number, stop)  # uvicorn repeats what it was told to whoever listened before it
    when_ready()
    server.run(sockets=[listener])
