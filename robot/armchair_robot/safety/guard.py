"""The guard between any teleoperator and the arm. No I/O.

Invariant: no action leaves the guard that is not finite, or outside the arm's calibrated range; and none that leaves
`Guard.follow` is faster than the speed limit, or lower than the table.
"""

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.joints import JOINTS
from armchair_robot.safety.limits import Limits
from armchair_robot.safety.table_plane import above_table

_LONGEST_STEP_S = 0.1  # a loop that was late moves on from where it was, it does not make up for the pause
_ROUNDING = 1e-4  # degrees
_WORTH_A_WORD, _LAGS = 0.5, 5.0  # degrees; every quick start lags a little


class Guard:
    """The guard that checks and clamps actions, in the arm's own units.

    Stock LeRobot neither refuses nor clamps a body joint outside its range: 300 degrees goes out on the wire
    as it is (lerobot 0.6.1, motors/motors_bus.py, degrees are not clipped).
    """

    def __init__(
        self,
        limits: Limits | None = None,
        low: np.ndarray = kinematics.ACTION_LOW,
        high: np.ndarray = kinematics.ACTION_HIGH,
    ) -> None:
        """`low` and `high` are the ends of the calibrated range, float32[6] in the arm's units."""
        self.limits, self.low, self.high = limits or Limits(), low, high
        self.clamped_ticks = 0
        self.goal: np.ndarray | None = None  # float32[6], where the arm was told to go last
        self._asked: np.ndarray | None = None  # float32[6], what was asked for last; None as after `pause`
        self._now_s = 0.0
        self.why = ""  # in words, why that is not where the teleoperator wants it
        self.pause()

    def check(self, action: np.ndarray) -> np.ndarray:
        """Return the action that may be applied: float32[6], degrees and gripper 0 to 100.

        Raises:
            ArmchairError: if the action has another shape or holds a NaN or an infinity.
        """
        action = np.asarray(action, dtype=np.float32)
        if action.shape != self.low.shape:
            raise ArmchairError(f"an action has {self.low.size} numbers, one a joint, and this one {action.shape}.")
        if not np.isfinite(action).all():
            bad = [name for name, value in zip(JOINTS, action, strict=True) if not np.isfinite(value)]
            raise ArmchairError(f"the hand asked for a number that is not finite at {', '.join(bad)}: arm held still.")
        safe = np.clip(action, self.low, self.high)
        self.clamped_ticks += int(not np.array_equal(safe, action))
        return safe

    # --- by the clock -----------------------------------------------------------------------------------------
    def follow(self, action: np.ndarray, now_s: float, present: np.ndarray) -> np.ndarray:
        """Return the goal to send at `now_s` (a steady clock) on the way to the action asked for: float32[6].

        It begins at `present`, float32[6], and slowly, until it has caught up with the teleoperator; then it is the
        teleoperator's own action unless that is too fast, too sudden or too low. How it moves does not depend on how
        often this is called.

        Raises:
            ArmchairError: as `check`.
        """
        wanted, elapsed_s = self.check(action), now_s - self._now_s
        goal, asked = self.goal, self._asked
        if goal is None or asked is None or elapsed_s > self.limits.hand_silence_s:
            goal = self._asked = self.stay(present)
        elif elapsed_s > 0:
            goal = self._step(wanted, asked, goal, min(elapsed_s, _LONGEST_STEP_S))
        self._now_s = now_s
        self.why = self._reason(np.asarray(action, np.float32), goal)
        return goal

    def stay(self, present: np.ndarray) -> np.ndarray:
        """Pause, and return the goal that holds the arm where it was told to go, or at `present`: float32[6]."""
        self.pause()
        if self.goal is None:
            self.goal = np.clip(np.asarray(present, np.float32), self.low, self.high)
        return self.goal

    def pause(self) -> None:
        """Approach whatever comes next slowly, as at the start."""
        self._asked = None
        self._speed, self._now_s, self.caught_up, self._is_low = np.zeros(6), 0.0, False, False

    def _step(self, wanted: np.ndarray, asked: np.ndarray, before: np.ndarray, step_s: float) -> np.ndarray:
        """Return the next goal after `before`, when `asked` was asked for last and `wanted` is now."""
        requested, wanted = wanted, self._above_table(wanted, before)
        # Said until the teleoperator rises: one that gives way to the table comes back within half a degree, often.
        self._is_low = bool(np.abs(wanted - requested).max() > (_ROUNDING if self._is_low else _WORTH_A_WORD))
        self.caught_up |= bool((np.abs(wanted - before) <= self.limits.caught_up_deg).all())
        fastest = self.limits.speed_deg_s if self.caught_up else self.limits.approach_deg_s
        speed = self._limited_speed(wanted, asked.astype(float), before, step_s, fastest)
        goal = self._above_table(np.clip(before + speed * step_s, self.low, self.high), before)
        # All joints alike, so that an arm that was raised stays on its way along the table.
        goal = before + (goal - before) * min(1.0, fastest * step_s / max(float(np.abs(goal - before).max()), 1e-9))
        # The very number that was asked for, where the arithmetic only rounds it.
        goal = np.where(np.abs(goal - wanted) < _ROUNDING, wanted, goal).astype(np.float32)
        self.goal = np.clip(goal, self.low, self.high)
        self._speed, self._asked = (self.goal - before) / step_s, wanted
        return self.goal

    def _reason(self, action: np.ndarray, goal: np.ndarray) -> str:
        beyond = np.maximum(action - self.high, self.low - action)
        if beyond.max() > _WORTH_A_WORD:
            return f"{JOINTS[int(beyond.argmax())]} is at the end of its range"
        if self._is_low:
            return "at the table"
        if np.abs(goal - action).max() <= _LAGS:
            return ""
        return "the hand is too quick" if self.caught_up else "coming slowly to where the hand is"

    def _above_table(self, goal: np.ndarray, before: np.ndarray) -> np.ndarray:
        table_m = self.limits.table_m
        return goal if table_m is None else above_table(goal, before, table_m, self.low, self.high)

    def _limited_speed(
        self, wanted: np.ndarray, asked: np.ndarray, before: np.ndarray, step_s: float, fastest: float
    ) -> np.ndarray:
        """Return the teleoperator's speed, plus what makes up for the lag and can still be braked in time, float[6]."""
        lag, faster = asked - before, self.limits.acceleration_deg_s2 * step_s
        speed = (wanted.astype(float) - asked) / step_s + np.sign(lag) * _braking(np.abs(lag) / step_s, faster)
        speed = np.clip(speed, self._speed - faster, self._speed + faster)
        return np.clip(speed, -fastest, fastest)


def _braking(way: np.ndarray, slower: float) -> np.ndarray:
    """Return the speed that, losing `slower` a step, comes to rest exactly at the end of `way` (degrees a step)."""
    steps = np.floor((np.sqrt(1 + 8 * way / slower) - 1) / 2)
    return way / (steps + 1) + slower * steps / 2
