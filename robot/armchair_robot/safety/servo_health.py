"""The health of each servo: load, current, voltage, heat, complaints; read a servo at a time while the arm moves.

Stock LeRobot never looks: a whole recording was made with an overloaded servo (lerobot 0.6.1, `sync_read` drops the
error byte of every answer). One read of twelve bytes a servo, one servo a turn, costs the loop about a millisecond.

Invariant: looking never raises for a servo that does not answer; that is the loop's own reading to find out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from armchair_core.errors import ArmchairError
from armchair_core.sts3215.status import CURRENT, OVERLOAD, VOLTAGE
from armchair_core.sts3215.units import to_amperes, to_percent, to_volts
from armchair_robot.bus.reasons import COMPLAINTS
from armchair_robot.bus.registers import read_health
from armchair_robot.safety.limits import Limits

if TYPE_CHECKING:
    from lerobot.motors.feetech import FeetechMotorsBus

TURN_S = 1 / 30  # a servo a turn: each of six is seen five times a second
_LATEST_S = 0.1  # where the loop has no time to spare: then nearly twice a second
_COST_S = 0.003  # a look takes 1.8 ms at the median on a twin beside its cameras, one in twenty up to 3
_IN_ITS_WAY = "free what blocks it or take weight off"  # what is said of an overload, unless more is known
_HARD_WORK_TURNS = 4  # 0.8 s; every quick start takes all of the motor's duty for a moment
_REMEMBERED_S = 3.0  # a servo trips after 2 s of overload, and reads the little that it still gives afterwards


class ServoTroubleError(ArmchairError):
    """A servo must not go on: the arm is to be let go."""


@dataclass(frozen=True)
class ServoHealth:
    """One servo at `at_s` (the caller's clock). Load in % of the motor's duty and current in A, both signed."""

    load_percent: float
    current_a: float
    voltage_v: float
    temperature_c: float
    complaints: int  # bits of Status
    at_s: float


class HealthMonitor:
    """The newest `ServoHealth` of each joint, in `newest`. Without a bus there is nothing to see."""

    def __init__(self, bus: "FeetechMotorsBus | None", limits: Limits | None = None) -> None:
        self._bus, self._limits = bus, limits or Limits()
        self.newest: dict[str, ServoHealth] = {}
        self._joints = list(bus.motors) if bus is not None else []
        self._turn = 0
        self._looked_s = float("-inf")
        self._warned: set[str] = set()
        self._turns: dict[tuple[str, str], int] = {}  # for how many turns in a row a joint has been so
        self._hardest: dict[str, ServoHealth] = {}  # of the last few seconds
        self._presses: Callable[[], str] = str

    def look(self, now_s: float, spare_s: float = float("inf"), presses: Callable[[], str] = lambda: "") -> list[str]:
        """Read the servo whose turn it is, if it is time; what there is to warn of, each thing once.

        A loop that has only `spare_s` until its next period may be left alone for a while. `presses` says in words
        what the arm presses on, and what to do about it; it is asked when a motor works too hard.

        Raises:
            ServoTroubleError: if a servo must not go on. It names the joint and what to do.
        """
        wait_s = 0.9 * TURN_S if spare_s > _COST_S else _LATEST_S
        if self._bus is None or not self._joints or now_s - self._looked_s < wait_s:
            return []
        self._looked_s, self._presses = now_s, presses
        joint = self._joints[self._turn % len(self._joints)]
        self._turn += 1
        health = self._read(self._bus, joint, now_s)
        if health is None:
            return []
        self.newest[joint] = health
        hardest = self._hardest.get(joint)
        if hardest is None or now_s - hardest.at_s > _REMEMBERED_S or _effort(health) >= _effort(hardest):
            self._hardest[joint] = health
        self._refuse(joint, health)
        return self._fresh(joint, self._warnings(joint, health))

    def _read(self, bus: "FeetechMotorsBus", joint: str, now_s: float) -> ServoHealth | None:
        value = read_health(bus, joint)
        if value is None:
            return None
        return ServoHealth(
            to_percent(value["Present_Load"]),
            to_amperes(value["Present_Current"]),
            to_volts(value["Present_Voltage"]),
            value["Present_Temperature"],
            value["Status"],
            now_s,
        )

    def _refuse(self, joint: str, health: ServoHealth) -> None:
        for bit, words in COMPLAINTS.items():
            if health.complaints & bit:
                hard = self._hardest[joint] if bit in (OVERLOAD, CURRENT) else health  # not what is left of it
                told = words.replace(_IN_ITS_WAY, self._presses() or _IN_ITS_WAY)
                raise ServoTroubleError(f"{joint} {told} ({_figures(hard)}).")
        if health.temperature_c >= self._limits.hot_c:
            raise ServoTroubleError(f"{joint} is at {health.temperature_c:.0f} °C: let it cool for ten minutes.")
        low = bool(health.complaints & VOLTAGE) or health.voltage_v < self._limits.lowest_v
        if self._in_a_row(joint, "voltage", low) > 1:  # one sag is a quick move
            raise ServoTroubleError(f"{joint} has {health.voltage_v:.1f} V: look at the power supply and its plug.")

    def _warnings(self, joint: str, health: ServoHealth) -> dict[str, str]:
        """Return what is not yet bad, in words, by what must not be said twice."""
        limits, found = self._limits, {}
        if health.temperature_c >= limits.warm_c:
            found[f"heat of {joint}"] = (
                f"is at {health.temperature_c:.0f} °C and lets go at {limits.hot_c:.0f}: give it a rest"
            )
        if health.voltage_v < limits.low_v:  # one supply for all
            found["voltage"] = f"has only {health.voltage_v:.1f} V: the power supply is weak or its cable is long"
        if self._in_a_row(joint, "load", abs(health.load_percent) >= limits.load_percent) >= _HARD_WORK_TURNS:
            found[f"load of {joint}"] = (
                f"works at {abs(health.load_percent):.0f} % of what it can: {self._presses() or 'take weight off'}"
            )
        return found

    def _in_a_row(self, joint: str, what: str, so: bool) -> int:
        self._turns[joint, what] = self._turns.get((joint, what), 0) + 1 if so else 0
        return self._turns[joint, what]

    def _fresh(self, joint: str, found: dict[str, str]) -> list[str]:
        fresh = [f"{joint} {words}." for what, words in found.items() if what not in self._warned]
        self._warned |= found.keys()
        return fresh


def _effort(health: ServoHealth) -> float:
    return abs(health.load_percent)


def _figures(health: ServoHealth) -> str:
    return (
        f"load {health.load_percent:.0f} %, {abs(health.current_a):.1f} A, "
        f"{health.voltage_v:.1f} V, {health.temperature_c:.0f} °C"
    )
