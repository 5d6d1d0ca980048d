"""The serial ports of the twin: a pseudo-terminal with a lasting name, or a TCP port where there are none.

A port is bytes both ways and never blocks. `unplug` makes it vanish as a pulled USB cable does; `plug` brings
it back.
"""

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_AT_ONCE = 4096  # bytes read at a time; a packet has 250 at most


class Port(Protocol):
    """Bytes both ways."""

    address: str  # what a user gives to LeRobot as the port

    def filenos(self) -> list[int]:
        """Return the file numbers to wait on for something to read."""

    def receive(self) -> bytes:
        """Return what has arrived, perhaps nothing."""

    def send(self, data: bytes) -> None:
        """Hand bytes to whoever is connected, if anybody is."""

    def plug(self) -> None:
        """Appear."""

    def unplug(self) -> None:
        """Vanish. Safe to call twice."""


class PtyPort:
    """A pseudo-terminal behind a symbolic link, whose name outlives the terminal."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self.address = str(link)
        self._master: int | None = None
        self.plug()

    def plug(self) -> None:
        """Appear."""
        import tty

        if self._master is not None:
            return
        # The slave stays open here too: without a reader the driver's departure would hang up the line.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        fresh = self._link.with_name(f".{self._link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self._link)

    def unplug(self) -> None:
        """Vanish. Safe to call twice."""
        if self._master is None:
            return
        self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = None

    def filenos(self) -> list[int]:
        """Return the file numbers to wait on for something to read."""
        return [] if self._master is None else [self._master]

    def receive(self) -> bytes:
        """Return what has arrived, perhaps nothing."""
        if self._master is None:
            return b""
        try:
            return os.read(self._master, _AT_ONCE)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:  # Linux's word for "nobody has the other end open"
                raise
            return b""

    def send(self, data: bytes) -> None:
        """Hand bytes to whoever is connected, if anybody is."""
        if self._master is not None:
            with suppress(BlockingIOError):  # nobody reads: a real line would lose the bytes as well
                os.write(self._master, data)


class TcpPort:
    """The same on loopback TCP, for platforms without ptys that carry 1 Mbaud; one driver at a time."""

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None
        self.plug()

    def plug(self) -> None:
        """Appear."""
        if self._server is None:
            self._server = socket.create_server(("127.0.0.1", self._number))
            self._server.setblocking(False)
            self._number = self._server.getsockname()[1]
            self.address = f"tcp://127.0.0.1:{self._number}"

    def unplug(self) -> None:
        """Vanish. Safe to call twice."""
        for each in (self._client, self._server):
            if each is not None:
                each.close()
        self._client = self._server = None

    def filenos(self) -> list[int]:
        """Return the file numbers to wait on for something to read."""
        return [each.fileno() for each in (self._server, self._client) if each is not None]

    def receive(self) -> bytes:
        """Return what has arrived, perhaps nothing."""
        data = self._read()  # first, to notice that the last driver has gone before the next is turned away
        self._accept()
        return data

    def _read(self) -> bytes:
        if self._client is None:
            return b""
        try:
            data = self._client.recv(_AT_ONCE)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._client.close()
            self._client = None
        return data

    def send(self, data: bytes) -> None:
        """Hand bytes to whoever is connected, if anybody is."""
        if self._client is not None:
            with suppress(OSError):
                self._client.send(data)

    def _accept(self) -> None:
        if self._server is None:
            return
        try:
            newcomer, _ = self._server.accept()
        except BlockingIOError:
            return
        if self._client is not None:
            newcomer.close()
            return
        newcomer.setblocking(False)
        # Without this a packet of eight bytes waits 40 ms for company.
        newcomer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = newcomer
