"""The protection of an STS3215: it trips, says so in Status, and gives less torque or none. No I/O.

From the vendor's memory table
    overload:     load above Overload_Torque (1 %) for longer than Protection_Time (10 ms): Protective_Torque (1 %)
    over-current: above Protection_Current for longer than Over_Current_Protection_Time (10 ms)
    overheat:     at Max_Temperature_Limit
    voltage:      outside Min_ and Max_Voltage_Limit (0.1 V); the factory's Unloading_Condition only reports it
    Unloading_Condition says which of the four act on the motor; Status reports each of them in any case.

Not documented, and chosen here: except for voltage, which is reported while it lasts, a fault stays until
Torque_Enable is written; an overload ends, too, with a goal on the other side, which relieves the motor.
"""

from dataclasses import dataclass

from armchair_core.sts3215.status import CURRENT, HEAT, OVERLOAD, VOLTAGE
from armchair_core.sts3215.units import CURRENT_UNIT_A, to_volts
from armchair_sim.twin.servos.control_table import ControlTable

CHECK_S = 0.01  # the unit of the servo's own timers
_SWITCHES_OFF = VOLTAGE | HEAT | CURRENT


@dataclass(frozen=True)
class Reading:
    """The measurements of one servo: duty -1 to 1, amperes, volts, degrees Celsius."""

    duty: float
    current_a: float
    voltage_v: float
    temperature_c: float


class Protection:
    """Watches over one servo. `status` is its Status register, `cap` the most duty that it may give."""

    def __init__(self, memory: ControlTable) -> None:
        self._memory = memory
        self.configure()
        self.release()

    def configure(self) -> None:
        """Read the limits from the registers: to be called when they were written."""
        memory = self._memory
        self._overload = memory["Overload_Torque"] / 100
        self._overload_checks = memory["Protection_Time"]
        self._protective = memory["Protective_Torque"] / 100
        self._current_a = memory["Protection_Current"] * CURRENT_UNIT_A
        self._current_checks = memory["Over_Current_Protection_Time"]
        self._volts = to_volts(memory["Min_Voltage_Limit"]), to_volts(memory["Max_Voltage_Limit"])
        self._hottest_c = memory["Max_Temperature_Limit"]
        self._acts = memory["Unloading_Condition"]

    def release(self) -> None:
        """Forget every fault. One whose cause is still there comes back at the next check."""
        self._latched = 0
        self._overloaded = self._overcurrent = 0  # checks in a row
        self._direction = 0.0
        self._judge(0)

    def relieve(self, direction: float) -> None:
        """Take note of a goal in this direction: away from what overloaded the motor, it ends the overload."""
        if self._latched & OVERLOAD and direction * self._direction < 0:
            self.release()

    def check(self, reading: Reading) -> None:
        """Look once; to be called every CHECK_S."""
        self._overloaded = self._overloaded + 1 if abs(reading.duty) > self._overload else 0
        self._overcurrent = self._overcurrent + 1 if abs(reading.current_a) > self._current_a else 0
        if self._overloaded > self._overload_checks:
            self._latched |= OVERLOAD
            self._direction = reading.duty
        if self._overcurrent > self._current_checks:
            self._latched |= CURRENT
        if reading.temperature_c >= self._hottest_c:
            self._latched |= HEAT
        low_v, high_v = self._volts
        self._judge(0 if low_v <= reading.voltage_v <= high_v else VOLTAGE)

    def _judge(self, passing: int) -> None:
        self.status = self._latched | passing
        acting = self.status & self._acts
        self.cap = 0.0 if acting & _SWITCHES_OFF else self._protective if acting & OVERLOAD else 1.0
