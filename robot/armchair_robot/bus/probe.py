"""A line to servos that only asks: what was answered, how fast, and how often the answer was spoilt.

Invariant: nothing but PING and READ is ever sent from here, so no register changes.

Stock `FeetechMotorsBus.connect()` refuses an arm with a missing motor or mixed firmware (lerobot 0.6.1,
motors/motors_bus.py, feetech/feetech.py), and those are the arms that come to a doctor. So LeRobot's bus opens the
port without its handshake, and the SDK makes and reads the packets.
"""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from armchair_core.sts3215.packets import BROADCAST, PING, READ, Parser
from armchair_robot.bus.registers import PORT_ERRORS

if TYPE_CHECKING:
    from lerobot.motors.feetech import FeetechMotorsBus

GONE = PORT_ERRORS
_PREAMBLE = 5  # header, header, id, length, error: what stands before an answer's data
_OVERHEAD = 6  # and the checksum behind it
_LATE_WITHIN_S = 0.06  # how long a late answer is waited for, after the 50 ms that LeRobot gives it
_ROLL_CALL_S = 0.8  # as LeRobot's `broadcast_ping` waits: servos answer it one after another
_STANDSTILL_S = 0.02  # between two looks at a line that is looked at without a pause
_TIMEOUT = -6  # the SDK's COMM_RX_TIMEOUT; 0 is success, anything else a spoilt answer


@dataclass
class ReplyTally:
    """What became of the questions to one servo."""

    asked: int = 0
    lost: int = 0  # nothing came
    late: int = 0  # came after LeRobot would have stopped waiting
    cut: int = 0  # broke off in the middle
    corrupt: int = 0  # wrong checksum
    noisy: int = 0  # good, but with bytes around it that nobody sent
    trips_s: list[float] = field(default_factory=list)  # of the good ones

    @property
    def clean(self) -> bool:
        """Whether every question got a good answer."""
        return self.asked == len(self.trips_s)

    def __add__(self, other: "ReplyTally") -> "ReplyTally":
        return ReplyTally(
            self.asked + other.asked,
            self.lost + other.lost,
            self.late + other.late,
            self.cut + other.cut,
            self.corrupt + other.corrupt,
            self.noisy + other.noisy,
            self.trips_s + other.trips_s,
        )


def roll_call(bus: "FeetechMotorsBus") -> set[int]:
    """Return the ids of all servos on an open line that answer when everybody is asked at once. Takes 0.8 s.

    LeRobot's `broadcast_ping` leaves out those with an alarm, and logs it (lerobot 0.6.1, motors/feetech/feetech.py).
    """
    port, sdk = bus.port_handler, bus.packet_handler
    port.ser.reset_input_buffer()
    sdk.txPacket(port, [0, 0, BROADCAST, 2, PING, 0])
    port.is_using = False
    until_s, parser, ids = time.monotonic() + _ROLL_CALL_S, Parser(), set()
    while (now_s := time.monotonic()) < until_s:
        data = bytes(port.ser.read(port.ser.in_waiting))
        ids |= {packet.id for packet in parser.feed(data, now_s) if data and not packet.parameters}
        time.sleep(0.001)
    return ids


class ProbeLine:
    """A line that asks one servo at a time. Opened by `with`; when the port vanishes it raises one of `GONE`."""

    def __init__(self, bus: "FeetechMotorsBus") -> None:
        """`bus` needs no motors and is not connected yet; see `open_line`."""
        self._port, self._sdk, self._bus = bus.port_handler, bus.packet_handler, bus
        self._heard = bytearray()
        self._looked_s = 0.0
        self.standstills = 0  # how often this computer kept the doctor waiting while an answer was due
        self.tallies: dict[int, ReplyTally] = {}

    def __enter__(self) -> "ProbeLine":
        self._bus.connect(handshake=False)
        setattr(self._port, "readPort", self._overhear)  # noqa: B010 - mypy lets no method be replaced
        return self

    def __exit__(self, *_: object) -> None:
        self._port.is_using = False
        if self._port.is_open:
            self._port.closePort()

    def set_baud(self, baud: int) -> bool:
        """Speak at another speed; False if this port cannot."""
        try:  # a real port is closed and opened again for it
            return self._port.getBaudRate() == baud or self._port.setBaudRate(baud)
        except (OSError, ValueError):
            return False

    def ping(self, id_: int) -> bool:
        """Return whether a servo of this id answers."""
        return self._ask(id_, [0, 0, id_, 2, PING, 0], 0) is not None

    def read(self, id_: int, address: int, count: int) -> bytes | None:
        """Return `count` bytes of a servo's memory; None if no good answer came. Does not try twice."""
        return self._ask(id_, [0, 0, id_, 4, READ, address, count, 0], count)

    def roll_call(self) -> set[int]:
        """Return the ids of all servos that answer when everybody is asked at once. Takes 0.8 s."""
        return roll_call(self._bus)

    def _ask(self, id_: int, packet: list[int], count: int) -> bytes | None:
        tally = self.tallies.setdefault(id_, ReplyTally())
        tally.asked += 1
        self._port.ser.reset_input_buffer()
        self._heard.clear()
        self._looked_s = began_s = time.perf_counter()
        reply, result, _ = self._sdk.txRxPacket(self._port, packet)
        took_s = time.perf_counter() - began_s
        if result == 0 and len(reply) == count + _OVERHEAD:
            tally.trips_s.append(took_s)
            tally.noisy += len(self._heard) > len(reply)
            return bytes(reply[_PREAMBLE : _PREAMBLE + count])
        if result == _TIMEOUT and not self._heard:
            late = bool(tally.trips_s or tally.asked == 1) and self._comes_late()
            tally.late += late
            tally.lost += not late
        elif len(self._heard) < count + _OVERHEAD:
            tally.cut += 1
        else:
            tally.corrupt += 1
        return None

    def _overhear(self, length: int) -> bytes:
        """In place of the port handler's `readPort`: the SDK throws away what does not belong to a packet."""
        now_s = time.perf_counter()
        self.standstills += now_s - self._looked_s > _STANDSTILL_S
        self._looked_s = now_s
        data = self._port.ser.read(length)
        self._heard += data
        return data

    def _comes_late(self) -> bool:
        until_s = time.monotonic() + _LATE_WITHIN_S
        while time.monotonic() < until_s:
            if self._port.ser.in_waiting:
                return True
            time.sleep(0.001)
        return False
