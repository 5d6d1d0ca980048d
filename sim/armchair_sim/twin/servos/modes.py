"""The operating modes of an STS3215: what the servo of `scene.servo` makes of its goal in each.

    0 position: to Goal_Position, no faster than Goal_Velocity (0: no limit) and Acceleration allow
    1 velocity: turns at Goal_Velocity, by a P and I loop of its own
    2 PWM:      a share of the supply, no loop at all
    3 steps:    so many ticks from where it stands, otherwise as 0

With LeRobot's settings (mode 0, no speed limit, Acceleration 254) a goal is taken as it stands, and the loop is
that of the fast door, bit for bit. Not public, and set here so that the speed settles within 0.2 s: what one unit
of the velocity loop's P and I is worth.
"""

from dataclasses import dataclass
from math import copysign, inf, isinf, sqrt

import numpy as np

from armchair_core.so101.kinematics import RAD_PER_TICK
from armchair_core.sts3215.motor import NO_LOAD_SPEED_RAD_S
from armchair_core.sts3215.units import FULL_DUTY
from armchair_sim.scene.servo import ServoBank, ServoConfig

POSITION, VELOCITY, PWM, STEPS = range(4)
NO_LOAD_TICKS_S = NO_LOAD_SPEED_RAD_S / RAD_PER_TICK

_DUTY_PER_VELOCITY_P = 1e-4  # for one tick a second of error
_DUTY_PER_VELOCITY_I_S = 1e-3  # for one tick of error in angle


@dataclass
class _Ramp:
    """A goal on its way: in mode 0 and 3 a place that moves, in mode 1 a speed that grows."""

    speed: float  # ticks/s, inf where there is no limit
    acceleration: float  # ticks/s², likewise
    now: float = 0.0
    pace: float = 0.0

    @property
    def acts(self) -> bool:
        return not (isinf(self.speed) and isinf(self.acceleration))

    def place(self, goal: float, timestep_s: float) -> float:
        """Return the place one step later: a trapezoid of speeds that ends at rest at `goal`."""
        gap = goal - self.now
        if gap == 0.0 and self.pace == 0.0:
            return goal
        can_still_stop = sqrt(2 * self.acceleration * abs(gap)) if gap else 0.0
        self._speed_up(copysign(min(self.speed, NO_LOAD_TICKS_S, can_still_stop), gap), timestep_s)
        if abs(gap) <= abs(self.pace) * timestep_s:
            self.now, self.pace = goal, 0.0
        else:
            self.now += self.pace * timestep_s
        return self.now

    def _speed_up(self, pace: float, timestep_s: float) -> None:
        most = self.acceleration * timestep_s
        self.pace += min(max(pace - self.pace, -most), most)

    def velocity(self, goal: float, timestep_s: float) -> float:
        """Return the speed one step later."""
        self._speed_up(goal, timestep_s)
        return self.pace


class ModalBank(ServoBank):
    """Six servos in the four operating modes. A goal is in its mode's unit: ticks, ticks a second or 0.1 %."""

    def __init__(self, config: ServoConfig, timestep_s: float) -> None:
        super().__init__(config, timestep_s)
        count = len(self.limit)
        self.modes = [POSITION] * count
        self._ramps = [_Ramp(inf, inf) for _ in range(count)]
        self._velocity_p, self._velocity_i = np.zeros((2, count))
        self._sort()

    def reset(self, angles_rad: np.ndarray) -> None:
        """Stand still at `angles_rad`, float[6], with that as the goal."""
        super().reset(angles_rad)
        self._newest = self._goal.copy()

    def set_mode(self, servo: int, mode: int, speed: float, acceleration: float) -> None:
        """Put a servo into a mode, with the fastest (ticks/s) and steepest (ticks/s²) that its goal may move."""
        ramp = self._ramps[servo]
        starts = not ramp.acts or mode != self.modes[servo]
        ramp.speed, ramp.acceleration, self.modes[servo] = speed, acceleration, mode
        if starts:
            self._start_ramp(servo)
        self._sort()

    def set_velocity_loop(self, servo: int, p: int, i: int) -> None:
        """Give one servo its registers for mode 1."""
        self._velocity_p[servo] = p * _DUTY_PER_VELOCITY_P
        self._velocity_i[servo] = i * _DUTY_PER_VELOCITY_I_S * self._timestep_s

    def aim(self, servo: int, goal: float) -> None:
        """Write one servo's goal; it takes effect after the command delay."""
        self._newest[servo] = goal
        self.write_goal(self._newest)

    def hold(self, servo: int, goal: float) -> None:
        """Take this goal now, and forget what was on its way to the servo and what its loop had gathered."""
        self._goal = self._goal.copy()  # it may be the very array that waits
        for goals in (self._newest, self._goal, *(waiting for _, waiting in self._waiting)):
            goals[servo] = goal
        self._integral[servo] = 0.0
        self._start_ramp(servo)

    def goal_now(self, servo: int) -> float:
        """Return the place that the loop follows now, in the unit of Goal_Position."""
        return self._ramps[servo].now - self.zero_ticks[servo] if servo in self._moving else self._goal[servo]

    def _start_ramp(self, servo: int) -> None:
        self._ramps[servo].now, self._ramps[servo].pace = float(np.rint(self._encoder[servo])), 0.0

    def _sort(self) -> None:
        """Most servos stand in mode 0 without limits; only the others cost time in every step."""
        numbered = list(enumerate(self.modes))
        self._moving = [servo for servo, mode in numbered if mode in (POSITION, STEPS) and self._ramps[servo].acts]
        self._turning = [servo for servo, mode in numbered if mode == VELOCITY]
        self._open = [servo for servo, mode in numbered if mode == PWM]

    def _loop(self, goal_ticks: np.ndarray, speeds_rad_s: np.ndarray) -> np.ndarray:
        for servo in self._moving:
            goal_ticks[servo] = self._ramps[servo].place(goal_ticks[servo], self._timestep_s)
        duty = super()._loop(goal_ticks, speeds_rad_s)
        for servo in self._turning:
            duty[servo] = self._velocity_duty(servo, speeds_rad_s[servo] / RAD_PER_TICK)
        for servo in self._open:
            duty[servo] = self._goal[servo] / FULL_DUTY
        return duty

    def _velocity_duty(self, servo: int, speed_ticks_s: float) -> float:
        error = self._ramps[servo].velocity(self._goal[servo], self._timestep_s) - speed_ticks_s
        gathered = self._integral[servo] + self._velocity_i[servo] * error
        self._integral[servo] = min(max(gathered, -self.limit[servo]), self.limit[servo])
        return self._velocity_p[servo] * error + self._integral[servo]
