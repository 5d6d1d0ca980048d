"""The checks of the servos, by their registers: alarms, supply, settings, and a servo unlike the others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from armchair_core.sts3215.registers import MODEL_NUMBER
from armchair_core.sts3215.status import CURRENT, ENCODER, HEAT, OVERLOAD, VOLTAGE
from armchair_core.sts3215.units import to_amperes, to_percent, to_volts
from armchair_robot.doctor.examination import Examination
from armchair_robot.doctor.finding import Finding, broken, listed, notice, wrong
from armchair_robot.doctor.scan import Servo

_WARM_C = 55  # a motor that holds still stays below this (SO-ARM100 issue #134: +15 degrees in ten minutes)
_WEAK = 200  # 0.1 %; LeRobot's lowest is the gripper's 500
_PUSHING = 400  # 0.1 % of duty while nothing moves
_ALARMS = {
    OVERLOAD: (
        "overload", "has overloaded and gone weak: something blocks it, or it holds too much",
        "Take away what blocks it and let the arm hang loose; the alarm ends when the supply is switched off and on.",
    ),
    HEAT: (
        "overheat", "has been too hot and has let go",
        "Switch the supply off and let it cool for ten minutes, which ends the alarm, too; then look for what it had "
        "to hold or squeeze.",
    ),
    CURRENT: (
        "over-current", "has drawn too much current and let go",
        "Take away what blocks it; if it comes again with the arm free, replace the servo.",
    ),
    ENCODER: (
        "bad-encoder", "reports an error of its angle sensor",
        "Switch the supply off and on; if it stays, replace the servo.",
    ),
}  # fmt: skip


def servo_findings(examination: Examination) -> Iterator[Finding]:
    """Yield every finding about servos one by one, and compared."""
    servos = examination.readable
    if not servos:
        return
    yield from _models(servos)
    yield from _firmware(servos)
    yield from _alarms(servos)
    yield from _supply(servos)
    yield from _settings(servos)
    yield from _torque(servos)
    yield from _odd_ones(servos)


def _models(servos: Sequence[Servo]) -> Iterator[Finding]:
    for servo in servos:
        if servo["Model_Number"] != MODEL_NUMBER:
            yield broken(
                "wrong-model", "certain",
                f"{servo.joint} is a servo of model {servo['Model_Number']}; LeRobot expects an STS3215 "
                f"({MODEL_NUMBER}).",
                "Replace it with an STS3215.", servo.joint,
            )  # fmt: skip


def _firmware(servos: Sequence[Servo]) -> Iterator[Finding]:
    versions = {servo.joint: firmware(servo) for servo in servos}
    usual, _ = Counter(versions.values()).most_common(1)[0]
    others = [f"{joint} {version}" for joint, version in versions.items() if version != usual]
    if others:
        yield broken(
            "firmware-mismatch", "certain",
            f"The servos have different firmware, which LeRobot refuses: {listed(others)}, the others {usual}.",
            "Bring all of them to the newest version with Feetech's FD program (Windows), with this arm alone on USB.",
            others[0].split()[0],
        )  # fmt: skip


def firmware(servo: Servo) -> str:
    """Return the firmware's version as LeRobot writes it."""
    return f"{servo['Firmware_Major_Version']}.{servo['Firmware_Minor_Version']}"


def alarms(servo: Servo) -> str:
    """Return the alarms that a servo reports, in a word each; empty if there are none."""
    names = {VOLTAGE: "voltage", ENCODER: "angle", HEAT: "heat", CURRENT: "current", OVERLOAD: "overload"}
    return " ".join(name for bit, name in names.items() if servo["Status"] & bit)


def current_a(servo: Servo) -> float:
    """Return amperes, signed; LeRobot reads the register without its sign, bit 15."""
    return to_amperes(servo["Present_Current"])


def _alarms(servos: Sequence[Servo]) -> Iterator[Finding]:
    for servo in servos:
        for bit, (code, happened, todo) in _ALARMS.items():
            if servo["Status"] & bit:
                yield broken(code, "certain", f"{servo.joint} {happened}{_heat(servo, bit)}.", todo, servo.joint)
        if servo["Present_Temperature"] >= _WARM_C and not servo["Status"] & HEAT:
            yield wrong(
                "hot", "certain", f"{servo.joint} has {servo['Present_Temperature']} °C; at "
                f"{servo['Max_Temperature_Limit']} °C it lets go.", "Let it rest, and look for what it has to hold.",
                servo.joint,
            )  # fmt: skip


def _heat(servo: Servo, bit: int) -> str:
    if bit != HEAT:
        return ""
    return f" (now {servo['Present_Temperature']} °C; its limit is {servo['Max_Temperature_Limit']})"


# --- supply: the 7.4 V servo's Max_Voltage_Limit is 8 V, the 12 V one's 14 V (vendor's memory table) -----------------
_SMALL_LIMIT_V = 9.0
_SMALL_MOST_V = 8.4  # two full lithium cells
_LEAST_V = 4.5  # a 5 V adapter is the parts list's supply for the 7.4 V servo (SO-ARM100 README)
_LARGE_LEAST_V = 9.0
_MOST_DROP_V = 1.0
_SUPPLY_TODO = "Measure the supply at its plug, and use one of the right voltage with at least 5 A for a follower."


def _supply(servos: Sequence[Servo]) -> Iterator[Finding]:
    volts = {servo.joint: to_volts(servo["Present_Voltage"]) for servo in servos}
    middle = median(volts.values())
    small = [servo.joint for servo in servos if to_volts(servo["Max_Voltage_Limit"]) <= _SMALL_LIMIT_V]
    if small and len(small) < len(servos):
        yield wrong(
            "mixed-voltages", "likely", f"7.4 V servos ({listed(small)}) and 12 V servos are on one supply: one of the "
            "two kinds has the wrong voltage.", "Read the labels; use servos of one voltage alone.", small[0],
        )  # fmt: skip
        return
    if small and middle > _SMALL_MOST_V:
        yield broken(
            "supply-high", "likely", f"The supply gives {middle:.1f} V to servos made for 7.4 V: it will burn them.",
            f"Switch it off now. {_SUPPLY_TODO}",
        )  # fmt: skip
    elif middle < _LEAST_V or all(servo["Status"] & VOLTAGE for servo in servos):
        yield broken(
            "supply-low", "certain", f"The supply gives {middle:.1f} V, too little for any STS3215: they are weak or "
            "do not move.", _SUPPLY_TODO,
        )  # fmt: skip
    elif not small and middle < _LARGE_LEAST_V:
        yield wrong(
            "supply-low", "likely", f"The supply gives {middle:.1f} V to servos whose voltage limit is that of the "
            "12 V kind: such servos are weak with it.",
            "Read the labels. 12 V servos need 12 V; with 7.4 V ones (STS3215-C001) 5 to 7.4 V are right.",
        )  # fmt: skip
    else:
        yield from _drops(servos, volts)


def _drops(servos: Sequence[Servo], volts: dict[str, float]) -> Iterator[Finding]:
    lowest = min(servos, key=lambda servo: volts[servo.joint])
    if max(volts.values()) - volts[lowest.joint] > _MOST_DROP_V:
        yield wrong(
            "voltage-drop", "likely", f"Only {volts[lowest.joint]:.1f} V of {max(volts.values()):.1f} V arrive at "
            f"{lowest.joint}: a plug or cable before it has a bad contact.",
            f"Replace the cable to {lowest.joint}.", lowest.joint,
        )  # fmt: skip
        return
    for servo in servos:
        if servo["Status"] & VOLTAGE:
            low, high = to_volts(servo["Min_Voltage_Limit"]), to_volts(servo["Max_Voltage_Limit"])
            yield wrong(
                "voltage-limits", "certain", f"{servo.joint} reports a wrong voltage at {volts[servo.joint]:.1f} V: "
                f"its own limits are {low:.1f} to {high:.1f} V.",
                "Set its limits as the other servos have them, with Feetech's FD program.", servo.joint,
            )  # fmt: skip


# --- settings -----------------------------------------------------------------------------------------------------
def _settings(servos: Sequence[Servo]) -> Iterator[Finding]:
    for servo in servos:
        if servo["Response_Status_Level"] == 0:
            yield broken(
                "silent-writes", "certain", f"{servo.joint} does not confirm what is written to it, and LeRobot waits "
                "for that: Response_Status_Level is 0.", "Set it to 1 with Feetech's FD program.", servo.joint,
            )  # fmt: skip
        if servo["Operating_Mode"] != 0:
            yield notice(
                "wrong-mode", "certain", f"{servo.joint} is in operating mode {servo['Operating_Mode']}, not in "
                "position mode (0).", "Nothing: LeRobot sets it when it connects.", servo.joint,
            )  # fmt: skip
        if min(servo["Max_Torque_Limit"], servo["Torque_Limit"]) < _WEAK:
            weakest = to_percent(min(servo["Max_Torque_Limit"], servo["Torque_Limit"]))
            yield wrong(
                "weak-limit", "certain", f"{servo.joint} may use {weakest:.0f} % of its torque and no more.",
                "Set Max_Torque_Limit to 1000 (500 for the gripper) and switch the supply off and on.", servo.joint,
            )  # fmt: skip


def _torque(servos: Sequence[Servo]) -> Iterator[Finding]:
    on = [servo for servo in servos if servo["Torque_Enable"]]
    if on:
        yield notice(
            "motors-on", "certain", f"The motors of {listed([servo.joint for servo in on])} are on, and no program "
            "that is seen here uses the port: one ended without letting go.",
            "Hold the arm and switch its supply off and on, or start and end any program that uses it.", on[0].joint,
        )  # fmt: skip
    for servo in on:
        load = abs(servo["Present_Load"])
        if load >= _PUSHING and not servo["Moving"] and not servo["Status"] & OVERLOAD:
            yield wrong(
                "pushing", "likely", f"{servo.joint} pushes with {to_percent(load):.0f} % and does not "
                "move: it is blocked, or squeezes something.", "Free it before it overheats.", servo.joint,
            )  # fmt: skip


_ALIKE = (  # what one arm's servos have in common, and what says that one of them was replaced or set up differently
    "Max_Temperature_Limit", "Min_Voltage_Limit", "Max_Voltage_Limit", "Unloading_Condition", "P_Coefficient",
    "I_Coefficient", "D_Coefficient", "CW_Dead_Zone", "CCW_Dead_Zone", "Angular_Resolution", "Protective_Torque",
    "Protection_Time", "Over_Current_Protection_Time", "Return_Delay_Time", "Phase",
)  # fmt: skip
_MOST_ODD = 2
_WRITTEN_AT_CONNECT = {"P_Coefficient", "I_Coefficient", "D_Coefficient", "Return_Delay_Time", "Phase"}


def _odd_ones(servos: Sequence[Servo]) -> Iterator[Finding]:
    if len(servos) <= 2 * _MOST_ODD:
        return
    for name in _ALIKE:
        usual, _ = Counter(servo[name] for servo in servos).most_common(1)[0]
        odd = [servo for servo in servos if servo[name] != usual]
        if 0 < len(odd) <= _MOST_ODD:
            values = listed([f"{servo.joint} has {servo[name]}" for servo in odd])
            yield notice(
                "odd-one-out", "certain", f"{name} is {usual} in the other servos, but {values}.",
                "Nothing: LeRobot writes it when it connects." if name in _WRITTEN_AT_CONNECT
                else "Nothing, if that servo was replaced; else set it as in the others with Feetech's FD program.",
                odd[0].joint,
            )  # fmt: skip
