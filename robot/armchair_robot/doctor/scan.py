"""The scan of a line: which servos are on it, at which speed, and what stands in their registers."""

from collections.abc import Iterable
from dataclasses import dataclass

from armchair_core.so101.joints import JOINTS
from armchair_core.sts3215.packets import BAUDS
from armchair_core.sts3215.registers import REGISTERS
from armchair_robot.bus.probe import ProbeLine

IDS = tuple(range(1, len(JOINTS) + 1))
_ROUNDS = 6  # where one answer in five is lost, six rounds miss a servo once in 16,000
_ROUNDS_ON_A_CLEAN_LINE, _ROUNDS_IN_SILENCE = 3, 2
_TRIES = 8
_BLOCKS = ((0, 16), (16, 16), (32, 8), (40, 16), (56, 17), (80, 7))  # what LeRobot's table names, a gap between
_FIRST, _LAST = REGISTERS["Present_Position"], REGISTERS["Present_Current"]
_LIVE = (_FIRST.address, _LAST.end - _FIRST.address)
_LOOKED_AT = {name for name, register in REGISTERS.items() if register.area != "factory"}


def joint_of(id_: int) -> str:
    """Return the joint that LeRobot expects behind an id; `id 42` if it expects none."""
    return JOINTS[id_ - 1] if id_ in IDS else f"id {id_}"


@dataclass(frozen=True)
class Servo:
    """One servo that answers. `registers` has LeRobot's names; what could not be read is missing."""

    id: int
    baud: int
    registers: dict[str, int]

    @property
    def joint(self) -> str:
        """The joint that LeRobot expects behind this id; see `joint_of`."""
        return joint_of(self.id)

    def __getitem__(self, name: str) -> int:
        return self.registers[name]

    @property
    def readable(self) -> bool:
        """Whether every register that the checks look at could be read."""
        return self.registers.keys() >= _LOOKED_AT


def find_servos(line: ProbeLine) -> dict[int, int]:
    """Return every servo's speed, by id. It stops when six have answered; a seventh is not looked for."""
    found = dict.fromkeys(_answering(line, IDS), BAUDS[0])
    if len(found) < len(IDS):
        found |= dict.fromkeys(line.roll_call(), BAUDS[0])
    for baud in BAUDS[1:]:
        if len(found) >= len(IDS):
            break
        missing = set(IDS) - set(found)
        for id_ in missing:
            line.tallies.pop(id_, None)  # silence at a speed that is not its own is no fault of the line
        if line.set_baud(baud):
            found |= dict.fromkeys(_answering(line, missing, rounds=1), baud)
    line.set_baud(BAUDS[0])
    return found


def _answering(line: ProbeLine, ids: Iterable[int], rounds: int = _ROUNDS) -> set[int]:
    found, missing = set(), set(ids)
    for number in range(rounds):
        found |= {id_ for id_ in sorted(missing) if line.ping(id_)}
        missing -= found
        enough = _ROUNDS_ON_A_CLEAN_LINE if found else _ROUNDS_IN_SILENCE
        if not missing or (number + 1 >= enough and all(line.tallies[id_].clean for id_ in found)):
            break
    return found


def read_servo(line: ProbeLine, id_: int, baud: int) -> Servo:
    """Return all registers of one servo."""
    line.set_baud(baud)
    memory: dict[int, int] = {}
    for address, count in _BLOCKS:
        data = next(filter(None, (line.read(id_, address, count) for _ in range(_TRIES))), b"")
        memory |= dict(enumerate(data, address))
    return Servo(id_, baud, _decoded(memory))


def _decoded(memory: dict[int, int]) -> dict[str, int]:
    return {
        name: register.decode(bytes(memory[place] for place in range(register.address, register.end)))
        for name, register in REGISTERS.items()
        if all(place in memory for place in range(register.address, register.end))
    }


def measure_line(line: ProbeLine, servos: Iterable[Servo], reads: int) -> None:
    """Read what changes, `reads` times, from one servo after the other: the line's tallies tell how it went."""
    servos = [servo for servo in servos if servo.baud == BAUDS[0]]
    line.set_baud(BAUDS[0])
    for number in range(reads if servos else 0):
        line.read(servos[number % len(servos)].id, *_LIVE)
