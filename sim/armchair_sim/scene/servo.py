"""The physics of six Feetech STS3215 servos: goals and positions in ticks, to the motors' duty. No I/O.

The problem: public models of this servo disagree by a factor of 50 in stiffness, and none has its loop. Here
the loop is the servo's own: an error in ticks times the P register drives the motor's duty, the duty saturates,
and torque falls with speed by the motor's back EMF. The motor's own constants are in `armchair_core.sts3215.motor`;
two more carry the loop, both from bench measurements of a 12 V unit (SO-ARM100 issue #134): 20 to 30 ticks of error
under 1.5 kg at 10 cm, and a free play of about 1 degree.

Not public, and set here so that a step of 10 degrees settles without overshoot worth naming: what one unit of
D or I is worth, and the delay from a written goal to the loop.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from armchair_core.so101.kinematics import RAD_PER_TICK, rad_to_ticks
from armchair_core.sts3215.motor import STALL_TORQUE_NM

_DUTY_PER_P_TICK = 1.08e-3  # 1.47 N m is a duty of 0.43: 25 ticks at P = 16
_DUTY_PER_D_TICK_S = 1.1e-5
_DUTY_PER_I_TICK_S = 1.0e-3


@dataclass(frozen=True)
class ServoConfig:
    """The registers that shape the loop, and the two faults of a real servo that can be switched off.

    Defaults are what LeRobot 0.6.1 writes at connect (robots/so_follower/so_follower.py): P 16, I 0, D 32, and
    half the torque on the gripper (`Max_Torque_Limit` 500).
    """

    p: int = 16
    i: int = 0
    d: int = 32
    dead_zone_ticks: int = 1
    torque_limit: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5)
    backlash_deg: float = 1.0
    delay_s: float = 0.02


class ServoBank:
    """Six servos, stepped together once a physics step.

    Backlash sits between the encoder and the link: the link may move `backlash_deg` before the encoder sees it.
    Each servo has a loop of its own: as `config` says at first, as `set_loop` says from then on. `limit` is the most
    duty that each may give, float[6]; `zero_ticks` is where each one's goal 0 lies on its encoder, float[6].
    """

    def __init__(self, config: ServoConfig, timestep_s: float) -> None:
        self._timestep_s = timestep_s
        self.wear(config)
        self.limit = np.array(config.torque_limit)
        self.zero_ticks = np.zeros(len(self.limit))
        self._kp, self._ki_step, self._kd, self._dead_down, self._dead_up, self._startup = np.zeros(
            (6, len(self.limit))
        )
        for servo in range(len(self.limit)):
            self.set_loop(servo, config.p, config.i, config.d, (config.dead_zone_ticks,) * 2)

    def wear(self, config: ServoConfig) -> None:
        """Take over the free play and the delay of `config`; the loops stay as they are."""
        self.config = config
        self._half_play = np.radians(config.backlash_deg) / 2 / RAD_PER_TICK
        self._delay_steps = round(config.delay_s / self._timestep_s)

    def set_loop(
        self, servo: int, p: int, i: int, d: int, dead_zone_ticks: tuple[int, int], startup_duty: float = 0.0
    ) -> None:
        """Give one servo its registers: P, I, D, the errors (down, up) that it leaves alone, and its least push."""
        self._kp[servo] = p * _DUTY_PER_P_TICK
        self._ki_step[servo] = i * _DUTY_PER_I_TICK_S * self._timestep_s
        self._kd[servo] = d * _DUTY_PER_D_TICK_S / RAD_PER_TICK
        self._dead_down[servo], self._dead_up[servo] = -dead_zone_ticks[0], dead_zone_ticks[1]
        # A push at the edge of the dead zone that is stronger anyway need not be looked at in every step.
        weakest = self._kp[servo] * (min(dead_zone_ticks) + 1)
        self._startup[servo] = startup_duty if startup_duty > weakest else 0.0
        self._has_integral, self._has_startup = bool(self._ki_step.any()), bool(self._startup.any())

    def reset(self, angles_rad: np.ndarray) -> None:
        """Stand still at `angles_rad`, float[6], with that as the goal."""
        self._encoder = rad_to_ticks(angles_rad)
        self._goal = np.rint(self._encoder) - self.zero_ticks
        self._waiting: deque[tuple[int, np.ndarray]] = deque()
        self._integral = np.zeros(len(self._goal))
        self._now = 0

    @property
    def present_ticks(self) -> np.ndarray:
        """What the encoders read, int64[6]."""
        return np.rint(self._encoder).astype(np.int64)

    def write_goal(self, goal_ticks: np.ndarray) -> None:
        """Write Goal_Position, int[6]; it takes effect after the command delay."""
        self._waiting.append((self._now + self._delay_steps, np.array(goal_ticks, dtype=float)))

    def error_ticks(self, torque_nm: np.ndarray) -> np.ndarray:
        """Return how far beyond the position a goal must lie for a torque at rest, float[6] in ticks."""
        return np.asarray(torque_nm) / (STALL_TORQUE_NM * np.maximum(self._kp, _DUTY_PER_P_TICK))

    def duty(self, angles_rad: np.ndarray, speeds_rad_s: np.ndarray) -> np.ndarray:
        """Step the loop at these joint angles and speeds, float[6]; return the motors' duty, float[6] in -1 to 1."""
        while self._waiting and self._waiting[0][0] <= self._now:
            self._goal = self._waiting.popleft()[1]
        self._now += 1
        link = rad_to_ticks(angles_rad)
        self._encoder = np.minimum(np.maximum(self._encoder, link - self._half_play), link + self._half_play)
        duty = self._loop(self._goal + self.zero_ticks, speeds_rad_s)
        return np.minimum(np.maximum(duty, -self.limit), self.limit)

    def _loop(self, goal_ticks: np.ndarray, speeds_rad_s: np.ndarray) -> np.ndarray:
        """Return the duty that brings the encoders to `goal_ticks`, before it is limited; both float[6]."""
        error = goal_ticks - np.rint(self._encoder)
        error[(error >= self._dead_down) & (error <= self._dead_up)] = 0.0
        push = self._kp * error
        if self._has_startup:
            push = np.where(error == 0.0, 0.0, np.copysign(np.maximum(np.abs(push), self._startup), error))
        duty = push - self._kd * speeds_rad_s
        if self._has_integral:
            self._integral += self._ki_step * error
            np.clip(self._integral, -self.limit, self.limit, out=self._integral)
            duty += self._integral
        return duty
