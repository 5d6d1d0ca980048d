"""Lines to a servo bus other than a serial port: loopback TCP, and an object in this very process.

The problem: LeRobot's bus speaks through `scservo_sdk.PortHandler`, which opens a serial port by its path and
nothing else. macOS's pseudo-terminals refuse 1 Mbaud and Windows has none. The handler's every call ends in a
dozen lines of pyserial, so a `Transport` with the same few methods is all that it takes.
"""

import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

from lerobot.motors.feetech import FeetechMotorsBus
from lerobot.motors.feetech.feetech import patch_setPacketTimeout
from scservo_sdk import PortHandler

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError

_CONNECT_WITHIN_S = 2.0
_HANG_UP_WITHIN_S = 0.5
_BREATH_S = 0.001  # how long a read waits: the SDK asks again until its packet's time is over
_AT_ONCE = 4096


class Transport(Protocol):
    """What the SDK's port handler uses of `serial.Serial` (feetech-servo-sdk 1.0.0, port_handler.py)."""

    @property
    def in_waiting(self) -> int:
        """How many bytes have come and are not read yet."""

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes."""

    def write(self, data: Sequence[int]) -> int:
        """Send the bytes and return how many were sent."""

    def flush(self) -> None:
        """Wait until everything written is sent."""

    def reset_input_buffer(self) -> None:
        """Throw away what has come and is not read yet."""

    def close(self) -> None:
        """Close the line."""


class TcpTransport:
    """Bytes both ways over one TCP connection."""

    def __init__(self, host: str, number: int) -> None:
        self._address = f"tcp://{host}:{number}"
        try:
            self._socket = socket.create_connection((host, number), _CONNECT_WITHIN_S)
        except OSError as error:
            raise ArmchairError(
                f"no twin answers at {self._address} ({error.strerror or error}): start one with `{typed('twin')}` and "
                "use the port it prints."
            ) from error
        # Without this a packet of eight bytes waits 40 ms for company.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting = bytearray()

    @property
    def in_waiting(self) -> int:
        """How many bytes have come and are not read yet."""
        self._receive(0.0)
        return len(self._waiting)

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, after a millisecond at most.

        Raises:
            ConnectionError: if the other side has closed the line.
        """
        if len(self._waiting) < size:
            self._receive(_BREATH_S)
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data

    def write(self, data: Sequence[int]) -> int:
        """Send all of `data` and return how many bytes that is; ConnectionError as `read`."""
        try:
            self._socket.sendall(bytes(data))
        except ConnectionError as error:
            raise self._closed() from error
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back here."""

    def reset_input_buffer(self) -> None:
        """Throw away what has come and is not read yet."""
        self._receive(0.0)
        self._waiting.clear()

    def close(self) -> None:
        """Hang up, and wait a moment until the other side has noticed: it takes one caller at a time."""
        with self._socket, suppress(OSError):
            self._socket.settimeout(_HANG_UP_WITHIN_S)
            self._socket.shutdown(socket.SHUT_WR)
            while self._socket.recv(_AT_ONCE):
                pass

    def _receive(self, within_s: float) -> None:
        if not select.select([self._socket], [], [], within_s)[0]:
            return
        try:
            data = self._socket.recv(_AT_ONCE)
        except ConnectionError as error:
            raise self._closed() from error
        if not data:
            raise self._closed()
        self._waiting += data

    def _closed(self) -> ConnectionError:
        return ConnectionError(
            f"the line to {self._address} was closed: the twin ended, was unplugged, or serves another program. "
            "See to that, then connect again."
        )


class FeedTransport:
    """A bus in this process: `feed` takes the bytes written and returns the bytes that answer them."""

    def __init__(self, feed: Callable[[bytes], bytes]) -> None:
        self._feed = feed
        self._waiting = bytearray()

    @property
    def in_waiting(self) -> int:
        """How many bytes of the answers are not read yet."""
        return len(self._waiting)

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes of the answers, after a millisecond if there are none."""
        if size and not self._waiting:
            time.sleep(_BREATH_S)  # nothing will come: wait for the SDK to give up, without spinning
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data

    def write(self, data: Sequence[int]) -> int:
        """Feed the bytes in, keep what answers them, and return how many were written."""
        self._waiting += self._feed(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back here."""

    def reset_input_buffer(self) -> None:
        """Throw away what has come and is not read yet."""
        self._waiting.clear()

    def close(self) -> None:
        """Throw away what is not read yet; there is no line to close."""
        self._waiting.clear()


class TransportPort(PortHandler):
    """The SDK's port handler on a `Transport`. A baud rate sets its timeouts; a line itself has none."""

    setPacketTimeout = patch_setPacketTimeout  # noqa: N815 - as LeRobot mends it
    is_open: bool

    def __init__(self, name: str, open_line: Callable[[], Transport]) -> None:
        super().__init__(name)
        self._open_line = open_line

    def setupPort(self, cflag_baud: int) -> bool:  # noqa: N802 - the SDK's name
        """Open the line, or keep it where a search through the baud rates has it open."""
        if not self.is_open:
            self.ser = self._open_line()
            self.is_open = True
        self.ser.reset_input_buffer()
        self.tx_time_per_byte = 10 * 1000.0 / self.baudrate  # ms: start bit, eight, stop bit
        return True

    def closePort(self) -> None:  # noqa: N802 - the SDK's name
        """Close the line; `open` starts a fresh one."""
        super().closePort()
        self.is_using = False


def use_transport(bus: FeetechMotorsBus, open_line: Callable[[], Transport]) -> None:
    """Let a bus that is not connected yet speak through `open_line()` instead of a serial port."""
    bus.port_handler = bus.sync_reader.port = bus.sync_writer.port = TransportPort(bus.port, open_line)


def use_tcp(bus: FeetechMotorsBus) -> None:
    """Use TCP if the bus's port is written ``tcp://host:number``; leave a path alone.

    Raises:
        ArmchairError: if the number is missing or none.
    """
    if not str(bus.port).startswith("tcp://"):
        return
    host, number = _split(bus.port)
    use_transport(bus, lambda: TcpTransport(host, number))


def _split(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        if parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise ArmchairError(
        f"{address!r} is not a port: write it as tcp://127.0.0.1:5101, with the number the twin prints."
    )
