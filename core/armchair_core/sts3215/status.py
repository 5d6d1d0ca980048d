"""The alarm bits of the STS3215's Status register.

Every answer carries them as its error byte; Unloading_Condition and LED_Alarm_Condition hold the same bits.
"""

VOLTAGE, ENCODER, HEAT, CURRENT, OVERLOAD = 1, 2, 4, 8, 32  # vendor's memory table
