"""The half-duplex line between a port and a bus: its pace and its faults."""

import heapq
from itertools import count

import numpy as np

from armchair_core.sts3215.packets import SYNC_READ
from armchair_sim.twin.line.bus import Bus, Reply
from armchair_sim.twin.line.port import Port
from armchair_sim.twin.servos.control_table import ControlTable

# What a USB adapter adds to each answer: frames of 1 ms on full-speed USB.
USB_LATENCY_S = 0.001
_CODE_AT = 4  # the instruction's place in a packet
_LATE_S = 0.075  # longer than the 51 ms that LeRobot waits for a reply (motors/feetech/feetech.py)

# How often each fault strikes, as a share of the replies.
_SHARES = {"lost-replies": 0.2, "truncated-replies": 0.1, "corrupted-replies": 0.1, "noise": 0.2}
WIRE_FAULTS = {
    "lost-replies": "One reply in five never arrives, as with a worn plug.",
    "late-reply": "One reply comes 75 ms late, after the driver has stopped waiting for it.",
    "truncated-replies": "One reply in ten breaks off in the middle.",
    "corrupted-replies": "One reply in ten has a wrong bit, so that its checksum is off.",
    "noise": "Before one reply in five there are bytes that nobody sent, as beside a motor cable.",
}


class HalfDuplexLine:
    """Carries a driver's bytes to the bus and the servos' replies back, at the pace of 1 Mbaud if `paced`."""

    def __init__(self, bus: Bus, port: Port, paced: bool = True, seed: int = 0) -> None:
        self.bus, self.port, self._paced = bus, port, paced
        self.faults: set[str] = set()
        self.silent: list[ControlTable] = []  # servos that have died
        self.last_heard_s = float("-inf")
        self.last_loop_s = float("-inf")  # when a control loop last read all servos, not just any driver one of them
        self._rng = np.random.default_rng(seed)
        self._due: list[tuple[float, int, bytes]] = []
        self._number = count()

    @property
    def next_s(self) -> float:
        """When the next bytes are to be sent; infinity if none wait."""
        return self._due[0][0] if self._due else float("inf")

    def hear(self, now_s: float) -> bool:
        """Take what the driver has sent and prepare the replies; False if it has sent nothing."""
        data = self.port.receive()
        if not data:
            return False
        self.last_heard_s = now_s
        if data[_CODE_AT : _CODE_AT + 1] == bytes([SYNC_READ]):
            self.last_loop_s = now_s
        for reply in self.bus.feed(data, now_s):
            self._post(now_s + (USB_LATENCY_S + reply.delay_s if self._paced else 0.0), reply)
        return True

    def send_due(self, now_s: float) -> None:
        """Send what is due."""
        while self.next_s <= now_s:
            self.port.send(heapq.heappop(self._due)[2])

    def _post(self, due_s: float, reply: Reply) -> None:
        data = reply.data
        if any(reply.servo is dead for dead in self.silent) or self._strikes("lost-replies"):
            return
        if self._strikes("truncated-replies"):
            data = data[: len(data) // 2]
        if self._strikes("corrupted-replies"):
            data = data[:-2] + bytes([data[-2] ^ 0x10]) + data[-1:]
        if self._strikes("noise"):
            data = self._rng.bytes(3) + data
        if "late-reply" in self.faults:
            self.faults.discard("late-reply")
            due_s += _LATE_S
        heapq.heappush(self._due, (due_s, next(self._number), data))

    def _strikes(self, fault: str) -> bool:
        return fault in self.faults and self._rng.random() < _SHARES[fault]
