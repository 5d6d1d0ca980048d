"""The reason why a bus failed, in words: who does not answer, and what the others complain of.

The problem: LeRobot passes the SDK's words on ("Failed to sync read 'Present_Position' on ids=[1, 2, 3, 4, 5, 6] after
3 tries. [TxRxResult] There is no status packet!"), calls a servo with an alarm missing, and names nobody. The servos
know better. Only questions are asked here, nothing is written.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from armchair_core.command_line import typed
from armchair_core.sts3215.registers import REGISTERS
from armchair_core.sts3215.status import CURRENT, ENCODER, HEAT, OVERLOAD, VOLTAGE
from armchair_core.sts3215.units import to_volts
from armchair_robot.bus.registers import PORT_ERRORS, flush_bus

if TYPE_CHECKING:
    from lerobot.motors.feetech import FeetechMotorsBus

COMPLAINTS = {
    OVERLOAD: "is overloaded and has gone weak: free what blocks it or take weight off, then start again",
    CURRENT: "draws too much current and has let go: free what blocks it, then start again",
    HEAT: "is too hot and has let go: let it cool for ten minutes, then start again",
    ENCODER: "cannot read its own position: power the arm off and on; if that does not help, the servo is broken",
}
_TRIES = 4  # a busy machine misses the 50 ms that LeRobot gives a servo, a worn plug one answer in five
_LIMITS, _LIVE = ("Max_Voltage_Limit", "Min_Voltage_Limit"), ("Present_Voltage", "Status")
_OF_THE_BUS = ("[TxRxResult]", "[RxPacketError]", "Missing motor IDs", "list index out of range", "Port is in use")
_NOBODY = (
    "no servo answers: is the arm's power supply plugged in and switched on? The USB cable feeds no motor; new motors "
    f"have no ids yet (`{typed('setup-motors')}`)"
)


def why(bus: "FeetechMotorsBus | None", error: BaseException) -> str:
    """Return why a device with this bus failed with `error`, and what to do, to go on a sentence after "because".

    Up to a second where servos are silent. Never raises for a port that is gone.
    """
    said = " ".join(str(error).split())[:200]
    if bus is None or not bus.port_handler.is_open:
        return _unopened(said, error)
    try:
        found = {joint: _state(bus, motor.id) for joint, motor in bus.motors.items()}
    except PORT_ERRORS:
        return f"its port {bus.port} is gone: see to the USB cable and its plug, then start again"
    if words := _silent(bus, [joint for joint, state in found.items() if state is None]):
        return words
    if words := complaint({joint: state for joint, state in found.items() if state is not None}):
        return words
    if "different firmware" in said:
        return (
            f"its servos have different firmware versions, which LeRobot refuses: `{typed('doctor')}` says what to do"
        )
    if isinstance(error, IndexError) or any(mark in said for mark in _OF_THE_BUS):
        return (
            "answers of its servos were lost or damaged, though all answer now: look at the plugs and cables along the "
            f"arm and close busy programs, then start again; `{typed('doctor')}` measures the line"
        )
    return f"{said.rstrip('.:!')}: look at its plug, then start again"


def complaint(states: Mapping[str, Mapping[str, int]]) -> str:
    """Return what servos complain of and what to do, by their registers Status, Present_Voltage and voltage limits.

    The supply first, which is the same for all; the empty string if there is nothing.
    """
    for state in states.values():
        if state["Status"] & VOLTAGE:
            return _supply(state)
    for joint, state in states.items():
        for bit, words in COMPLAINTS.items():
            if state["Status"] & bit:
                return f"{joint} {words}"
    return ""


def _supply(state: Mapping[str, int]) -> str:
    volts = to_volts(state["Present_Voltage"])
    low, high = (to_volts(state[name]) for name in ("Min_Voltage_Limit", "Max_Voltage_Limit"))
    if volts > high:
        return (
            f"the supply gives {volts:.1f} V, too much: these servos take {high:.1f} V at most. Switch it off now, and "
            "read the label of the servos and of the supply"
        )
    if volts < low:
        return (
            f"the supply gives {volts:.1f} V, too little: these servos need {low:.1f} V at least. Measure it at its "
            "plug, and use one of the right voltage with at least 5 A"
        )
    return (
        f"servos complain of their voltage, {volts:.1f} V now (they take {low:.1f} to {high:.1f} V): the supply is "
        f"weak or a plug is loose; `{typed('doctor')}` says more"
    )


def read_state(bus: "FeetechMotorsBus", id_: int) -> dict[str, int] | None:
    """Return a servo's Status, Present_Voltage and voltage limits; None if no good answer comes. Asks once."""
    state: dict[str, int] = {}
    for names in (_LIMITS, _LIVE):
        first, last = REGISTERS[names[0]], REGISTERS[names[-1]]
        count = last.end - first.address
        flush_bus(bus)
        data, result, _ = bus.packet_handler.readTxRx(bus.port_handler, id_, first.address, count)
        if result != 0 or len(data) < count:
            return None
        for name in names:
            register = REGISTERS[name]
            state[name] = register.decode(bytes(data[register.address - first.address :][: register.size]))
    return state


def _state(bus: "FeetechMotorsBus", id_: int) -> dict[str, int] | None:
    for _ in range(_TRIES):
        with suppress(IndexError):  # scservo_sdk 1.0.0 reads beyond the end of a reply that came in part
            if (state := read_state(bus, id_)) is not None:
                return state
    return None


def _silent(bus: "FeetechMotorsBus", silent: list[str]) -> str:
    """Return who does not answer, and where to look."""
    joints = list(bus.motors)
    if not silent:
        return ""
    if len(silent) == len(joints):
        return _NOBODY
    first = joints.index(silent[0])
    named = ", ".join(f"{joint} (id {bus.motors[joint].id})" for joint in silent)
    if len(silent) > 1 and first and silent == joints[first:]:
        return (
            f"{named} do not answer: the cable between {joints[first - 1]} and {silent[0]} is loose; push its plugs "
            "in, then start again"
        )
    verb, whose = ("does", "its") if len(silent) == 1 else ("do", "their")
    return (
        f"{named} {verb} not answer: push in {whose} plugs and look at {whose} light, then start again; "
        f"`{typed('doctor')}` tells a dead servo from a wrong id"
    )


def _unopened(said: str, error: BaseException) -> str:
    """Return what is known of a port that did not open, or of a device without servos."""
    cause = " ".join(str(error.__cause__ or "").split())[:200]
    return f"{(cause or said).rstrip('.:!')}: look at its plug and its power, and see that no other program uses it"
