"""The status bits and units of the STS3215's registers."""

CURRENT_UNIT_A = 0.0065  # Present_Current and Protection_Current (vendor's memory table)
VOLTAGE, HEAT, CURRENT, OVERLOAD = 1, 4, 8, 32  # bits of Status and Unloading_Condition
