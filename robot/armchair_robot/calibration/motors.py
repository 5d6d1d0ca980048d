"""The ids of a new arm's motors, given with one motor on the line at a time.

The problem: every motor leaves the factory as id 1. Two of them that answer at once look like one to LeRobot, and
both would get the same id for good. So before an id is written, the motor is made to say things that no two motors
say alike: answers that overlap arrive damaged.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from lerobot.motors.feetech import FeetechMotorsBus

from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_core.so101.joints import JOINTS
from armchair_robot.bus.asking import read_register
from armchair_robot.bus.probe import roll_call
from armchair_robot.bus.reasons import complaint, read_state
from armchair_robot.bus.registers import DEVICE_ERRORS, flush_bus, model_of
from armchair_robot.calibration.limp_arm import MODEL

ORDER = tuple(reversed(JOINTS))  # LeRobot's: the gripper first (robots/so_follower/so_follower.py, `setup_motors`)
FACTORY_ID = 1
_LIVELY, _LIVELY_BYTES = 56, 15  # position, speed, load, voltage, temperature, status, moving, current
_ASK_TIMES = 5
_NOT_TAKEN: tuple[type[Exception], ...] = (*DEVICE_ERRORS, ArmchairError)


@dataclass(frozen=True)
class Found:
    """One motor that answers: at which speed (bit/s) and as whom."""

    baud: int
    id: int


def find_alone(bus: FeetechMotorsBus) -> Found | None:
    """Return the one motor on the line, at whatever speed; None if none answers. About 1 s a speed. Writes nothing.

    Raises:
        ArmchairError: if more than one answers, or it is not an STS3215, or it complains, of its supply for example.
    """
    for baud in sorted(bus.model_baudrate_table[MODEL], reverse=True):
        bus.set_baudrate(baud)
        flush_bus(bus)
        answering = _who_answers(bus)
        if len(answering) > 1:
            named = ", ".join(str(id_) for id_ in answering)
            raise ArmchairError(f"{len(answering)} motors answer (ids {named}): unplug all but one, then try again.")
        if answering:
            return _check_alone(bus, baud, answering[0])
    bus.set_baudrate(bus.default_baudrate)
    return None


def give_id(bus: FeetechMotorsBus, joint: str, found: Found) -> None:
    """Write the joint's id and LeRobot's baud rate into the one motor on the line, and read them back.

    Raises:
        ArmchairError: if the motor does not answer under its new id afterwards.
    """
    try:
        bus.setup_motor(joint, found.baud, found.id)
        held = {name: read_register(bus, name, joint) for name in ("ID", "Baud_Rate")}
    except _NOT_TAKEN as error:
        raise ArmchairError(
            f"{joint} did not take its id: its answers were lost, or it has no power. Leave it plugged in, look at its "
            "plug, and try again."
        ) from error
    wanted = bus.motors[joint].id, bus.model_baudrate_table[MODEL][bus.default_baudrate]
    if (held["ID"], held["Baud_Rate"]) != wanted:
        raise ArmchairError(f"{joint} holds {held} instead of id {wanted[0]}: leave it plugged in and try again.")


def missing(bus: FeetechMotorsBus) -> list[str]:
    """Return the joints that do not answer under their ids, when all six are plugged in."""
    bus.set_baudrate(bus.default_baudrate)
    return [joint for id_, joint in enumerate(JOINTS, 1) if model_of(bus, id_) is None]


def _who_answers(bus: FeetechMotorsBus) -> list[int]:
    """By broadcast PING; two motors of one id may damage each other's answer, so id 1 is asked by itself, too."""
    answering = roll_call(bus)
    if answering:
        return sorted(answering)
    return [FACTORY_ID] if model_of(bus, FACTORY_ID) is not None else []


_SEVERAL = "what answers as id {id} is garbled, as if two motors spoke at once: unplug all but one, then try again."


def _check_alone(bus: FeetechMotorsBus, baud: int, id_: int) -> Found:
    good = 0
    for _ in range(_ASK_TIMES):
        flush_bus(bus)
        answer, result, _ = bus.packet_handler.readTxRx(bus.port_handler, id_, _LIVELY, _LIVELY_BYTES)
        good += result == 0 and len(answer) == _LIVELY_BYTES
    model = model_of(bus, id_)
    # One answer in five may be lost in a worn cable; two motors damage each other's every time.
    if model is None or good <= _ASK_TIMES // 2:
        raise ArmchairError(_SEVERAL.format(id=id_))
    if model != bus.model_number_table[MODEL]:
        raise ArmchairError(f"the motor with id {id_} is no STS3215 (model {model}): an SO-101 has six of them.")
    # LeRobot's own writing stops at an alarm, and a motor with too little voltage may forget what it is told.
    if (state := read_state(bus, id_)) and (words := complaint({"the motor": state})):
        raise ArmchairError(f"{words}.")
    return Found(baud, id_)


class Progress:
    """Which motors of an arm have their ids, kept in a file until all have, so that an interrupted setup goes on."""

    def __init__(self, file: Path, arm: str) -> None:
        """`arm` is what tells one arm from another: its kind and its port's name."""
        self._file, self._arm = file, arm

    def done(self) -> list[str]:
        """Return the joints that are set up."""
        return self._read().get(self._arm, [])

    def add(self, joint: str) -> None:
        """Note that this one is set up, too."""
        noted = self._read()
        noted[self._arm] = [*(other for other in self.done() if other != joint), joint]
        self._write(noted)

    def forget(self) -> None:
        """Forget which are set up: all of them are, or all shall be done again."""
        noted = self._read()
        noted.pop(self._arm, None)
        self._write(noted)

    def _read(self) -> dict[str, list[str]]:
        try:
            return json.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}

    def _write(self, noted: dict[str, list[str]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file, json.dumps(noted, indent=2) + "\n")
