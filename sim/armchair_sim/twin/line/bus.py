"""The servo bus of the twin: bytes in, answers and their timing out. No I/O.

What is not public about the real servo, and what was chosen and why:
- The answer to a write of ID or Baud_Rate still carries the old id at the old speed: LeRobot's `setup_motor`
  waits for exactly that. The next packet finds the servo under its new id.
- Servos that answer at the same time pull the same open-drain line: the host reads the bitwise AND, which only
  answers that are alike survive. Two factory-new servos therefore look like one to a PING.
- A broadcast PING is answered by all servos, one after another in the order of their ids.
- In a SYNC_READ the servos after a missing one do answer, without waiting for it.
- Unknown instructions and wrong numbers of parameters are not answered.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from time import monotonic
from typing import NamedTuple

from armchair_core.sts3215.packets import (
    ACTION,
    BAUDS,
    BROADCAST,
    MAX_PARAMETERS,
    PING,
    READ,
    REG_WRITE,
    RESET,
    SYNC_READ,
    SYNC_WRITE,
    WRITE,
    Packet,
    Parser,
    build,
)
from armchair_sim.twin.servos.control_table import ControlTable

_BITS_PER_BYTE = 10  # 8N1
_DELAY_UNIT_S = 2e-6  # of Return_Delay_Time


class Reply(NamedTuple):
    """The bytes that the host reads after one instruction from one place on the line.

    `delay_s` runs from the `feed` that caused it to its last byte on the wire: the instruction's own time at the
    baud, earlier answers, the return delay and the answer itself. `servo` is the first of those that spoke.
    """

    servo: ControlTable
    data: bytes
    delay_s: float


class _Answer(NamedTuple):
    servo: ControlTable
    data: bytes


class Bus:
    """One line with servos on it. `memories` may be changed at any time: plug servos in, pull them out."""

    def __init__(self, memories: Sequence[ControlTable], host_baud: int | None = None) -> None:
        """With a `host_baud`, servos set to another speed neither hear nor answer; None is "cannot be known"."""
        self.memories = list(memories)
        self.host_baud = host_baud
        self._parser = Parser()

    def feed(self, data: bytes, now_s: float | None = None) -> list[Reply]:
        """Do what the bytes from the host say, and return what comes back, in order of time.

        `now_s` is when they came, on a steady clock (now, unless told): after a pause half a packet is forgotten.
        """
        replies, elapsed_s = [], 0.0
        for packet in self._parser.feed(data, monotonic() if now_s is None else now_s):
            elapsed_s += self._wire_s(len(packet.parameters) + 6)
            for together in self._answer(packet):
                # Return_Delay_Time is read after the instruction: a write of it counts for its own answer.
                pause_s = max(answer.servo["Return_Delay_Time"] for answer in together) * _DELAY_UNIT_S
                burst = _on_one_line([answer.data for answer in together])
                elapsed_s += pause_s + self._wire_s(len(burst))
                replies.append(Reply(together[0].servo, burst, elapsed_s))
        return replies

    def _wire_s(self, count: int) -> float:
        return count * _BITS_PER_BYTE / (self.host_baud or BAUDS[0])

    def _listening(self) -> dict[int, list[ControlTable]]:
        """The servos that hear the host, by id."""
        by_id: dict[int, list[ControlTable]] = {}
        for memory in self.memories:
            if self.host_baud is None or BAUDS[memory["Baud_Rate"]] == self.host_baud:
                by_id.setdefault(memory["ID"], []).append(memory)
        return by_id

    def _answer(self, packet: Packet) -> list[list[_Answer]]:
        """Do one instruction. Each inner list holds the answers that are spoken at the same time."""
        by_id, parameters = self._listening(), packet.parameters
        if packet.id == BROADCAST and packet.code == SYNC_READ:
            return _sync_read(by_id, parameters)
        if packet.id == BROADCAST and packet.code == SYNC_WRITE:
            _sync_write(by_id, parameters)
            return []
        instruction = _INSTRUCTIONS.get(packet.code)
        if instruction is None or not instruction.least <= len(parameters) <= instruction.most:
            return []
        everybody = packet.id == BROADCAST
        asked = sorted(by_id) if everybody else [packet.id]
        groups = [[_obey(instruction, id_, memory, parameters) for memory in by_id.get(id_, ())] for id_ in asked]
        return [] if everybody and packet.code != PING else _spoken(groups)


class _Instruction(NamedTuple):
    least: int  # parameters
    most: int
    always: bool  # answered even with Response_Status_Level 0
    do: Callable[[ControlTable, bytes], bytes | None]


def _read(memory: ControlTable, parameters: bytes) -> bytes | None:
    address, count = parameters
    return memory.read(address, count) if count <= MAX_PARAMETERS else None


def _obey(instruction: _Instruction, id_: int, memory: ControlTable, parameters: bytes) -> _Answer | None:
    """Let one servo do the instruction; its answer comes from the id that it was asked under."""
    talks = instruction.always or memory["Response_Status_Level"] > 0
    data = instruction.do(memory, parameters)
    return _Answer(memory, build(Packet(id_, memory["Status"], data))) if talks and data is not None else None


def _spoken(groups: Iterable[list[_Answer | None]]) -> list[list[_Answer]]:
    heard = [[answer for answer in group if answer is not None] for group in groups]
    return [group for group in heard if group]


def _sync_read(by_id: dict[int, list[ControlTable]], parameters: bytes) -> list[list[_Answer]]:
    if len(parameters) < 3:
        return []
    what, read = parameters[:2], _INSTRUCTIONS[READ]
    return _spoken([_obey(read, id_, memory, what) for memory in by_id.get(id_, ())] for id_ in parameters[2:])


def _sync_write(by_id: dict[int, list[ControlTable]], parameters: bytes) -> None:
    """`address count (id data...)...`; a last block that is not whole is ignored."""
    if len(parameters) < 3:
        return
    address, block = parameters[0], parameters[1] + 1
    for start in range(2, len(parameters) - block + 1, block):
        for memory in by_id.get(parameters[start], ()):
            memory.write(address, parameters[start + 1 : start + block])


def _on_one_line(answers: list[bytes]) -> bytes:
    """What the host reads when these are spoken at once: a 0 wins over a 1, and silence is 1."""
    if len(answers) == 1:
        return answers[0]
    columns = zip_longest(*answers, fillvalue=0xFF)
    return bytes(_and(column) for column in columns)


def _and(column: tuple[int, ...]) -> int:
    result = 0xFF
    for byte in column:
        result &= byte
    return result


def _silently(do: Callable[[ControlTable, bytes], None]) -> Callable[[ControlTable, bytes], bytes]:
    def wrapped(memory: ControlTable, parameters: bytes) -> bytes:
        do(memory, parameters)
        return b""

    return wrapped


_INSTRUCTIONS = {
    PING: _Instruction(0, 0, True, lambda memory, parameters: b""),
    READ: _Instruction(2, 2, True, _read),
    WRITE: _Instruction(2, MAX_PARAMETERS, False, _silently(lambda memory, data: memory.write(data[0], data[1:]))),
    REG_WRITE: _Instruction(2, MAX_PARAMETERS, False, _silently(lambda memory, data: memory.hold(data[0], data[1:]))),
    ACTION: _Instruction(0, 0, False, _silently(lambda memory, data: memory.act())),
    RESET: _Instruction(0, 0, False, _silently(lambda memory, data: memory.factory_reset())),
}
