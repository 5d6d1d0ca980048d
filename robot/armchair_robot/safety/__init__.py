"""Safety: the guard before the motors, its limits, the health of the servos, and torque off at every exit."""
