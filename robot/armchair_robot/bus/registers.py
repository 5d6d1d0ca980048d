"""What every user of a servo bus needs: torque off, the health of a servo, and what came too late thrown away."""

import errno
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from serial import SerialException

from armchair_core.sts3215.registers import REGISTERS

if TYPE_CHECKING:  # not at run time: the console's server knows these errors and has no need of PyTorch
    from lerobot.motors.feetech import FeetechMotorsBus

# What a port raises that vanishes: pyserial lets termios' own error through, which is no OSError.
_TERMIOS_ERRORS: tuple[type[Exception], ...]
try:
    from termios import error as _termios_error
except ImportError:  # Windows
    _TERMIOS_ERRORS = ()
else:
    _TERMIOS_ERRORS = (_termios_error,)
PORT_ERRORS: tuple[type[Exception], ...] = (OSError, *_TERMIOS_ERRORS)
_GONE = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF)
_OFF_TRIES = 6
HEALTH_REGISTERS = ("Present_Load", "Present_Voltage", "Present_Temperature", "Status", "Present_Current")
_HEALTH_FIRST, _HEALTH_END = REGISTERS[HEALTH_REGISTERS[0]].address, REGISTERS[HEALTH_REGISTERS[-1]].end
# What LeRobot's devices raise when they are gone.
# scservo_sdk 1.0.0 reads beyond the end of a reply that came in part: IndexError.
DEVICE_ERRORS: tuple[type[Exception], ...] = (ConnectionError, RuntimeError, TimeoutError, IndexError, *PORT_ERRORS)
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


def vanished(error: BaseException) -> bool:
    """Return whether this is what a port raises that went away, and not a file's trouble."""
    return isinstance(error, (SerialException, *_TERMIOS_ERRORS)) or (
        isinstance(error, OSError) and error.filename is None and error.errno in _GONE
    )


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


def model_of(bus: "FeetechMotorsBus", id_: int) -> int | None:
    """Return the model of the motor with this id, None if none answers. One that complains of a fault answers, too."""
    for _ in range(TRIES):
        flush_bus(bus)
        with suppress(IndexError):  # as in `_insist`
            model, result, _ = bus.packet_handler.ping(bus.port_handler, id_)
            if result == 0:
                return model
    return None
