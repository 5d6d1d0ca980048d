"""Register access on a servo bus: read, write and switch off, with what came too late thrown away first."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from armchair_core.errors import ArmchairError
from armchair_core.sts3215.registers import REGISTERS

if TYPE_CHECKING:  # not at run time: the console's server knows these errors and has no need of PyTorch
    from lerobot.motors.feetech import FeetechMotorsBus

# What a port raises that vanishes: pyserial lets termios' own error through, which is no OSError.
PORT_ERRORS: tuple[type[Exception], ...]
try:
    from termios import error as _termios_error
except ImportError:  # Windows
    PORT_ERRORS = (OSError,)
else:
    PORT_ERRORS = (OSError, _termios_error)
_OFF_TRIES = 6
HEALTH_REGISTERS = ("Present_Load", "Present_Voltage", "Present_Temperature", "Status", "Present_Current")
_HEALTH_FIRST, _HEALTH_END = REGISTERS[HEALTH_REGISTERS[0]].address, REGISTERS[HEALTH_REGISTERS[-1]].end
# What LeRobot's devices raise when they are gone.
# scservo_sdk 1.0.0 reads beyond the end of a reply that came in part: IndexError.
DEVICE_ERRORS = (ConnectionError, RuntimeError, TimeoutError, IndexError, *PORT_ERRORS)
_PATIENCE_S = 1.5  # nobody is in a hurry while an arm is limp
TRIES = 6  # a busy machine can miss the 50 ms that LeRobot gives a servo


def switch_off(bus: Any, motor: str) -> bool:
    """Switch one motor off; return whether it answered. One with an overload or heat says so in the same answer."""
    for _ in range(_OFF_TRIES):
        with suppress(Exception):  # whatever it was, the other motors come next
            flush_bus(bus)
            if _write(bus, motor, "Torque_Enable", 0):
                _write(bus, motor, "Lock", 0)
                return True
    return False


def _write(bus: Any, motor: str, register: str, value: int) -> bool:
    address = REGISTERS[register].address
    result, _ = bus.packet_handler.write1ByteTxRx(bus.port_handler, bus.motors[motor].id, address, value)
    return result == 0


def bus_of(device: Any) -> "FeetechMotorsBus | None":
    """Return the bus of LeRobot's `Robot` or `Teleoperator`; None if it has no motors, as most teleoperators."""
    return getattr(device, "bus", None)


def flush(device: Any) -> None:
    """Forget what came too late, before the next reading. Nothing happens to a device without a bus.

    One reply after LeRobot has stopped waiting makes all later readings one cycle old, for ever: scservo_sdk's
    `clearPort` flushes what is to be sent, not what was received.
    """
    if (bus := bus_of(device)) is not None:
        flush_bus(bus)


def flush_bus(bus: Any) -> None:
    """Forget what came too late on a bus."""
    # A question that Ctrl-C broke off leaves the SDK's port "in use", and all that follow unasked.
    bus.port_handler.is_using = False
    bus.port_handler.ser.reset_input_buffer()


def read_health(bus: "FeetechMotorsBus", joint: str) -> dict[str, int] | None:
    """Return one servo's registers from Present_Load to Present_Current, decoded, by one read; None if none answers.

    `Status` has the bits of the answer's own error byte, too. Nothing is asked again: the loop has no time for that.
    """
    start, length = _HEALTH_FIRST, _HEALTH_END - _HEALTH_FIRST
    data, result, error = bus.packet_handler.readTxRx(bus.port_handler, bus.motors[joint].id, start, length)
    if result != 0 or len(data) < length:
        return None
    value = {
        name: REGISTERS[name].decode(bytes(data[REGISTERS[name].address - start : REGISTERS[name].end - start]))
        for name in HEALTH_REGISTERS
    }
    return value | {"Status": value["Status"] | error}


def read_register(bus: "FeetechMotorsBus", name: str, joint: str) -> int:
    """Return one register of one servo, decoded. Raises ArmchairError if the servo no longer answers."""
    return int(_insist(bus, joint, lambda: bus.read(name, joint, normalize=False)))


def write_register(bus: "FeetechMotorsBus", name: str, joint: str, value: int) -> None:
    """Set one register of one servo. Raises ArmchairError if the servo no longer answers."""
    _insist(bus, joint, lambda: bus.write(name, joint, value, normalize=False))


def read_positions(bus: "FeetechMotorsBus") -> dict[str, int]:
    """Return Present_Position of all six, as the servos give it. Raises ArmchairError if one no longer answers."""
    positions = _insist(bus, "a servo", lambda: bus.sync_read("Present_Position", normalize=False))
    return {joint: int(ticks) for joint, ticks in positions.items()}


def _insist[Answer](bus: "FeetechMotorsBus", who: str, ask: Callable[[], Answer]) -> Answer:
    """Ask, and again if nothing comes or something else does: what came too late is thrown away before each try.

    LeRobot's own retries keep it, and then take the late answer to a write for that to a read: scservo_sdk falls over
    it with an IndexError.
    """
    end_s = time.monotonic() + _PATIENCE_S
    while True:
        flush_bus(bus)
        try:
            return ask()
        except DEVICE_ERRORS as error:
            if time.monotonic() > end_s:
                said = " ".join(str(error).split())[:120]
                break
    raise ArmchairError(
        f"{who} stopped answering ({said}): look at plugs and power, then start again; nothing was written."
    )


def model_of(bus: "FeetechMotorsBus", id_: int) -> int | None:
    """Return the model of the motor with this id, None if none answers. One that complains of a fault answers, too."""
    for _ in range(TRIES):
        flush_bus(bus)
        with suppress(IndexError):  # as in `_insist`
            model, result, _ = bus.packet_handler.ping(bus.port_handler, id_)
            if result == 0:
                return model
    return None
