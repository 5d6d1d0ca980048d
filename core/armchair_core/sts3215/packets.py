"""The packets of Feetech's protocol: `FF FF id length code parameters... checksum`, both ways. No I/O.

`length` counts what follows it: code, parameters and checksum. `code` is an instruction on the way there and
the error byte on the way back. The checksum is the complement of the sum of everything after the header.
"""

from typing import NamedTuple

BAUDS = (1_000_000, 500_000, 250_000, 128_000, 115_200, 57_600, 38_400, 19_200)  # by the value of Baud_Rate

PING, READ, WRITE, REG_WRITE, ACTION, RESET = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
SYNC_READ, SYNC_WRITE = 0x82, 0x83
BROADCAST = 0xFE
MAX_PARAMETERS = 253  # the length is one byte

# A host writes a packet in one go and waits 50 ms and more for an answer before it tries again, so a packet that
# stands still for this long will never be finished. Not documented for the real servo.
PAUSE_S = 0.03
_HEADER = b"\xff\xff"


class Packet(NamedTuple):
    """An instruction, or a status packet with the error byte as its code."""

    id: int
    code: int
    parameters: bytes = b""


def build(packet: Packet) -> bytes:
    """Return the packet's bytes.

    Raises:
        ValueError: if it has more parameters than a packet can hold.
    """
    length = len(packet.parameters) + 2
    if len(packet.parameters) > MAX_PARAMETERS:
        raise ValueError(f"{len(packet.parameters)} bytes do not fit into one packet, which holds {MAX_PARAMETERS}.")
    body = bytes((packet.id, length, packet.code)) + packet.parameters
    return b"".join((_HEADER, body, bytes((checksum(body),))))


def checksum(body: bytes | bytearray) -> int:
    """Return the checksum of `body`, which stands between the header and the checksum."""
    return ~sum(body) & 0xFF


class Parser:
    """A parser of packets in a stream that may hold noise and halves. Never raises, keeps under 260 bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._last_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[Packet]:
        """Return the packets that `data`, received at `now_s` on any steady clock, completes, in order.

        Half a packet waits for the rest, but not beyond a pause of PAUSE_S.
        """
        if now_s - self._last_s > PAUSE_S:
            self._buffer.clear()
        self._last_s = now_s
        buffer = self._buffer
        buffer += data
        packets, start = [], 0
        while (start := buffer.find(_HEADER, start)) >= 0:
            size = _packet_size(buffer, start)
            if size is None:  # the rest is still to come
                break
            if size == 0:  # not a packet: look for a header one byte on
                start += 1
                continue
            body = bytes(buffer[start + 2 : start + size - 1])
            packets.append(Packet(body[0], body[2], body[3:]))
            start += size
        self._keep_from(start)
        return packets

    def _keep_from(self, start: int) -> None:
        if start >= 0:
            del self._buffer[:start]
        else:  # no header left; a last FF may be half of one
            del self._buffer[: -1 if self._buffer.endswith(b"\xff") else None]


def _packet_size(buffer: bytearray, start: int) -> int | None:
    """The size of the packet whose header is at `start`, 0 if it is none, None if that cannot be told yet."""
    if len(buffer) < start + 4:
        return 0 if buffer[start + 2 : start + 3] == b"\xff" else None
    id_, length = buffer[start + 2], buffer[start + 3]
    if id_ > BROADCAST or length < 2:
        return 0
    size = length + 4
    if len(buffer) < start + size:
        return None
    return size if checksum(buffer[start + 2 : start + size - 1]) == buffer[start + size - 1] else 0
