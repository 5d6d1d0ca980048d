"""The connections of a local server: deadlines and limits, so that nobody on a network can shut its door.

The problem: a connection costs a file, of which a process has a thousand or so, and uvicorn waits for ever for the
first line, the headers and the body of a request. A few hundred connections that say nothing, or half a request, would
keep everybody out: a teacher's STOP as well.

So a request has to come within `patience_s`, and an answer has to be read. Each address has its share, outsiders
together have less than there is, and where a share is used up, the oldest connection that keeps us waiting gives way to
the new one. One on which something is being done, or a body comes at a fair pace, is never ended for that.
"""

import asyncio
import ipaddress
import select
import socket
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

with suppress(ImportError):  # Windows
    import resource

AN_ADDRESS = 64  # connections from one
_PACE_S, _SLOW_BYTES = 5.0, 4096  # a body of which less comes in that time gives way, too
_MOST, _USUAL_FILES = 384, 1024
# What the system may take of an answer before it is read: else it takes megabytes, and who never reads asks on and on.
_AHEAD_BYTES = 256 * 1024
_TOO_SLOW = b"this request took too long: try again.\n"
_ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b"
    % (len(_TOO_SLOW), _TOO_SLOW)
)


class Door:
    """The connections of one server. Lives in its event loop.

    `with_body`: a request's body belongs to what must come within `patience_s`. An answer of which nothing is read for
    `stall_s` is given up.
    """

    def __init__(self, patience_s: float = 5.0, with_body: bool = True, stall_s: float = 20.0) -> None:
        self.patience_s, self.with_body, self.stall_s = patience_s, with_body, stall_s
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if "resource" in globals() else _USUAL_FILES
        self.most = max(8, min(_MOST, files * 3 // 8 if files > 0 else _MOST))
        self.outsiders = self.most * 3 // 4
        self._all: dict[GuardedConnection, str] = {}  # with their addresses, the oldest first

    @property
    def backlog(self) -> int:
        """How many connections the system may keep ready: all of them can become files in one go."""
        return self.most

    def let_in(self, new: "GuardedConnection", address: str) -> bool:
        """Return whether there is room for one more, after ending one that keeps us waiting if need be."""
        self._all = {each: where for each, where in self._all.items() if not each.is_gone}
        mine = [each for each, where in self._all.items() if where == address]
        outside = [each for each, where in self._all.items() if not is_loopback(where)]
        shares = [(list(self._all), self.most)]
        if not is_loopback(address):
            shares = [(mine, AN_ADDRESS), (outside, self.outsiders), *shares]
        for share, most in shares:
            if len(share) >= most:
                outsiders_first = sorted(share, key=lambda each: is_loopback(self._all[each]))
                last = next((each for each in outsiders_first if each.gives_way), None)
                if last is None:
                    return False
                self.forget(last)
                last.transport.abort()
                break
        self._all[new] = address
        return True

    def forget(self, connection: "GuardedConnection") -> None:
        """Count one that has ended no longer."""
        self._all.pop(connection, None)

    def protocol(self) -> type[asyncio.Protocol]:
        """Return the class that uvicorn's `Config` takes as `http`."""
        return type("GuardedConnectionOfThisDoor", (GuardedConnection,), {"door": self})


class GuardedConnection(H11Protocol):
    """A connection of uvicorn's, with deadlines."""

    door: Door
    is_waiting = True  # for a request
    _deadline: asyncio.TimerHandle | None = None  # for a request
    _reads_until: asyncio.TimerHandle | None = None  # the other side, the next part of an answer
    _since_s, _bytes, _is_slow = 0.0, 0, False  # what has come, and whether it was little before

    @property
    def is_http(self) -> bool:
        """Whether it has not become a WebSocket, whose open ones the application counts."""
        return self.transport.get_protocol() is self

    @property
    def is_gone(self) -> bool:
        """Whether it costs nothing any more. Of HTTP's `connection_lost` tells."""
        return not self.is_http and self.transport.is_closing()

    @property
    def gives_way(self) -> bool:
        """Whether it may be ended for the sake of a new one."""
        if not self.is_http:
            return False
        if self._reads_until or self.transport.is_closing():
            return True
        if self.is_waiting:
            return not _has_come(self.transport)  # what is there already is heard first
        is_body = self.cycle is not None and not self.cycle.response_complete and self.cycle.more_body
        return is_body and (self._is_slow or self.loop.time() - self._since_s > 2 * _PACE_S)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it in, or end it at once."""
        super().connection_made(transport)
        if not self.door.let_in(self, self.client[0] if self.client else ""):
            transport.abort()
            return
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _AHEAD_BYTES)
        self._deadline = self.loop.call_later(self.door.patience_s, self._is_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.door.forget(self)
        self._settle()
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a part of a request."""
        now_s = self.loop.time()
        if now_s - self._since_s > _PACE_S:
            self._is_slow = self._since_s > 0 and self._bytes < _SLOW_BYTES
            self._since_s, self._bytes = now_s, 0
        self._bytes += len(data)
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request; uvicorn ends the connection if none comes."""
        super().on_response_complete()
        self._settle()
        self.is_waiting = self.cycle.response_complete  # or the next one had come before
        self._watch_reading()

    def pause_writing(self) -> None:
        """Wait for the other side to read."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._stop_watching()

    def _look(self) -> None:
        """Start the clock for a request that is not whole, and stop it for one that is."""
        if self.transport.is_closing() or not self.is_http:
            self._settle()
            return
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete and not (self.door.with_body and cycle.more_body):
            self._settle()
            return
        self.is_waiting = True
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.door.patience_s, self._is_too_slow)

    def _settle(self) -> None:
        self.is_waiting = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _is_too_slow(self) -> None:
        """Say so, unless nothing was heard, as of a browser that opens one for later; and end it."""
        if self.transport.is_closing() or not self.is_http:
            return
        has_answered = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if self._since_s and not has_answered:
            self.transport.write(_ANSWER)
        self.transport.close()

    def _watch_reading(self) -> None:
        """Give an answer up of which nothing is read for a while, also when we have ended the connection."""
        self._stop_watching()
        if left := self.transport.get_write_buffer_size():
            self._reads_until = self.loop.call_later(self.door.stall_s, self._has_read, left)

    def _has_read(self, before: int) -> None:
        if self.transport.get_write_buffer_size() < before:
            self._watch_reading()
        else:
            self.transport.abort()

    def _stop_watching(self) -> None:
        if self._reads_until is not None:
            self._reads_until.cancel()
            self._reads_until = None


def _has_come(transport: asyncio.Transport) -> bool:
    """Whether there is something to be read that nobody has read yet."""
    file = transport.get_extra_info("socket").fileno()
    if sys.platform == "win32":
        return bool(select.select([file], [], [], 0)[0])
    looking = select.poll()  # `select` takes no more than 1,024 files
    looking.register(file, select.POLLIN)
    return bool(looking.poll(0))


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Return whether a connection comes from this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
