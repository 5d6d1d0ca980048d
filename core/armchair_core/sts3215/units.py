"""The units of the STS3215's registers, and what a reading is in volts, amperes and per cent. No I/O.

From Feetech's memory table, which registers.csv lists a register at a time.
"""

UNITS_PER_VOLT = 10  # Present_Voltage, Min_Voltage_Limit, Max_Voltage_Limit: 0.1 V
FULL_DUTY = 1000  # Present_Load, Torque_Limit, Max_Torque_Limit, Minimum_Startup_Force, a goal in PWM mode: 0.1 %
CURRENT_UNIT_A = 0.0065  # Present_Current, Protection_Current
_CURRENT_SIGN = 0x8000  # of Present_Current; LeRobot's table of sign bits leaves this register out


def to_volts(raw: int) -> float:
    """Return the volts of Present_Voltage or of one of its limits."""
    return raw / UNITS_PER_VOLT


def to_percent(raw: int) -> float:
    """Return the per cent of the motor's duty in Present_Load or in a torque limit, signed."""
    return raw * 100 / FULL_DUTY


def to_amperes(raw: int) -> float:
    """Return the amperes of Present_Current, signed."""
    return (-1 if raw & _CURRENT_SIGN else 1) * (raw & ~_CURRENT_SIGN) * CURRENT_UNIT_A


def from_amperes(current_a: float) -> int:
    """Return what Present_Current reads at so many amperes, signed."""
    units = round(current_a / CURRENT_UNIT_A)
    return units if units >= 0 else -units | _CURRENT_SIGN
