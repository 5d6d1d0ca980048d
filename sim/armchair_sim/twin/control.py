"""The control socket of a running twin: one JSON line there and one back, over a socket of the user's own.

Where there are Unix sockets, the file system says who may. Where there are none, it is a loopback port, and a
file that only the user can read holds its number and a secret that every request must show.
"""

import json
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError

_AT_ONCE = 65536
_PATIENCE_S = 10.0


class ControlServer:
    """The control socket's server: it never blocks the twin's loop for longer than one line takes."""

    def __init__(self, path: Path, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._path, self._answer = path, answer
        path.unlink(missing_ok=True)
        self._secret = ""
        if hasattr(socket, "AF_UNIX"):
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.bind(str(path))
            self._socket.listen()
        else:
            self._socket, self._secret = socket.create_server(("127.0.0.1", 0)), secrets.token_hex(16)
            path.touch(mode=0o600)
            path.write_text(f"{self._socket.getsockname()[1]} {self._secret}")
        self._socket.setblocking(False)

    def fileno(self) -> int:
        """Return the file number to wait on for a caller."""
        return self._socket.fileno()

    def serve(self) -> None:
        """Answer one caller, if there is one."""
        try:
            caller, _ = self._socket.accept()
        except BlockingIOError:
            return
        with caller, suppress(OSError, ValueError):
            caller.settimeout(0.05)  # a caller of ours sends its line at once; others are not waited for
            request = json.loads(caller.recv(_AT_ONCE))
            caller.sendall(json.dumps(self._reply(request)).encode() + b"\n")

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _reply(self, request: Any) -> dict[str, Any]:
        if self._secret:
            shown = str(request.pop("secret", "")) if isinstance(request, dict) else ""
            if not secrets.compare_digest(shown.encode(), self._secret.encode()):
                return {"error": "the twin talks only to those who can read its control file."}
        try:
            return self._answer(request)
        except ArmchairError as error:
            return {"error": str(error)}


def _connect(path: Path, request: dict[str, Any]) -> socket.socket:
    """Connect to the twin; where it wants a secret, add it to `request`."""
    if path.is_socket():
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_PATIENCE_S)
        line.connect(str(path))
        return line
    number, request["secret"] = path.read_text().split()
    return socket.create_connection(("127.0.0.1", int(number)), _PATIENCE_S)


def ask(path: Path, **request: Any) -> dict[str, Any]:
    """Send a request to the twin behind `path` and return its answer.

    Raises:
        ArmchairError: if no twin runs there, or it refuses.
    """
    try:
        with _connect(path, request) as line:
            line.sendall(json.dumps(request).encode())
            answer = json.loads(line.makefile().readline())
    except (OSError, ValueError):
        raise ArmchairError(f"no twin answers at {path}: start one with `{typed('twin')}`.") from None
    if "error" in answer:
        raise ArmchairError(answer["error"])
    return answer
