"""The electrics of six STS3215 on one supply: current, voltage and heat. No I/O.

    current is proportional to torque, up to the stall current of the data sheet;
    +15 degrees after 10 minutes of 1.5 kg at 10 cm: bench measurement of a 12 V unit, SO-ARM100 issue #134.

Not public, and chosen here: the time constant of the warming and the resistance of supply and cables. The
torque's own constants were measured at 12 V, so the torque follows the supply's voltage and leaves the sag out.
"""

from math import exp

import numpy as np

from armchair_core.sts3215.motor import NOMINAL_V, STALL_CURRENT_A, STALL_TORQUE_NM

SUPPLY_OHM = 0.1
HEAT_TIME_S = 300.0

_BENCH_CURRENT_A = 1.5 * 9.81 * 0.10 / STALL_TORQUE_NM * STALL_CURRENT_A
_BENCH_RISE_C, _BENCH_S = 15.0, 600.0
RISE_C_PER_A2 = _BENCH_RISE_C / _BENCH_CURRENT_A**2 / (1 - exp(-_BENCH_S / HEAT_TIME_S))


class Electrics:
    """What the servos measure of themselves. `supply_v`, `ambient_c` and `temperature_c` may be set at any time."""

    def __init__(self, count: int) -> None:
        self.supply_v = NOMINAL_V
        self.ambient_c = 25.0
        self.temperature_c: np.ndarray = np.full(count, self.ambient_c)
        self.current_a: np.ndarray = np.zeros(count)
        self.voltage_v = self.supply_v

    @property
    def strength(self) -> float:
        """What is left of the torque at this supply, 1 at 12 V."""
        return self.supply_v / NOMINAL_V

    def pass_time(self, seconds: float, torque_nm: np.ndarray, duty: np.ndarray) -> None:
        """Let `seconds` pass with this torque and duty of the motors, both float[n]."""
        self.current_a = torque_nm * (STALL_CURRENT_A / STALL_TORQUE_NM)
        # A chopped supply feeds the motor's current for a share of the time, so it gives less than the motor takes.
        drawn_a = float(np.abs(self.current_a * duty).sum())
        self.voltage_v = max(self.supply_v - SUPPLY_OHM * drawn_a, 0.0)
        equilibrium_c = self.ambient_c + RISE_C_PER_A2 * self.current_a**2
        self.temperature_c += (equilibrium_c - self.temperature_c) * (seconds / HEAT_TIME_S)
