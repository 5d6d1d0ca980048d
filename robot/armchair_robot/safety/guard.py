"""The guard between any teleoperator and the arm. No I/O.

Invariant: no action leaves the guard that is not finite, or outside the arm's calibrated range; and none that leaves
`Guard.follow` is faster than the speed limit, or puts any part of the arm below the table or the hand into its base.
"""

from dataclasses import replace

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.joints import JOINTS
from armchair_robot.safety.clearance import Floors, Room
from armchair_robot.safety.descent import Descent, braked
from armchair_robot.safety.limits import Limits

_LONGEST_STEP_S = 0.1  # a loop that was late moves on from where it was, it does not make up for the pause
_ROUNDING = 1e-4  # degrees
_WORTH_A_WORD, _LAGS = 0.5, 5.0  # degrees; every quick start lags a little
_SAID_S = 0.04  # whoever is held back there gives way, and asks again a moment later
_OFF_M = 0.005  # above the table, and twice that from the base: a goal on the way to a pose that was asked for at once
_STANDS_DEG_S = 5.0  # a goal that is slower has come as near as it can with that
_RISE_M_S = 0.04  # an arm that lies on the table leaves it so fast when it is driven


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
        self._asked: np.ndarray | None = None  # float32[6], what was followed last; None as after `pause`
        self._heard: np.ndarray | None = None  # and what had been asked for, before it was kept clear of the table
        self._room, self._descent = Room(low, high, 0.0, Floors(self.limits.table_m, 0.0)), Descent()
        self._rise_m, self._brakes, self._leaps, self._off_m = 0.0, False, False, 0.0
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
    def follow(self, action: np.ndarray, now_s: float, present: np.ndarray, spare_m: float = 0.0) -> np.ndarray:
        """Return the goal to send at `now_s` (a steady clock) on the way to the action asked for: float32[6].

        It begins at `present`, float32[6], and slowly, until it has caught up with the teleoperator; then it is the
        teleoperator's own action unless that is too fast, too sudden or too low. How it moves does not depend on how
        often this is called. With `spare_m` above 0 the arm stays as far above the table, and rises from it when it is
        driven.

        Raises:
            ArmchairError: as `check`.
        """
        wanted, elapsed_s = self.check(action), now_s - self._now_s
        goal, asked = self.goal, self._asked
        if goal is None or asked is None or elapsed_s > self.limits.hand_silence_s:
            goal = self._asked = self.stay(present)
        elif elapsed_s > 0:
            step_s = min(elapsed_s, _LONGEST_STEP_S)
            self._make_room(wanted, np.asarray(present), spare_m, step_s)
            goal = self._step(wanted, asked, goal, step_s)
        self._heard = wanted
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
        self._asked, self._heard, self._leaps = None, None, False
        self._speed, self._now_s, self.caught_up, self._low_s = np.zeros(6), 0.0, False, 0.0

    def _step(self, wanted: np.ndarray, asked: np.ndarray, before: np.ndarray, step_s: float) -> np.ndarray:
        """Return the next goal after `before`, when `asked` was asked for last and `wanted` is now."""
        requested = wanted
        if not self._room.is_clear(requested):
            wanted, self._brakes = self._room.reached(requested, before, self._rise_m), True
        # Said until the teleoperator rises: one that gives way to the table comes back within half a degree, often.
        is_low = np.abs(wanted - requested).max() > (_ROUNDING if self._low_s > 0 else _WORTH_A_WORD)
        self._low_s = _SAID_S if is_low else self._low_s - step_s
        self.caught_up |= bool((np.abs(wanted - before) <= self.limits.caught_up_deg).all())
        fastest = self.limits.speed_deg_s if self.caught_up else self.limits.approach_deg_s
        if self._rise_m > 0 and self._room.is_below(before):  # else the hand would be past before the arm is up
            fastest = min(fastest, self.limits.approach_deg_s)
        speed = self._limited_speed(wanted, asked.astype(float), before, step_s, fastest)
        goal = np.clip(before + speed * step_s, self.low, self.high)
        lag = np.abs(goal - wanted).max()
        if self._brakes or lag >= _ROUNDING:  # else it is known to be clear
            if lag > _LAGS and (not self._leaps or np.abs(wanted - asked).max() > _LAGS):
                self._leaps, self._off_m = True, _OFF_M
            if self._leaps:
                self._keep_off()
            goal = self._clear(goal, before, step_s)
            if np.abs(goal - before).max() < _STANDS_DEG_S * step_s:
                self._off_m = 0.0  # as near as that way comes: the rest slowly
            # All joints alike, so that an arm that was raised stays on its way along the table.
            share = fastest * step_s / max(float(np.abs(goal - before).max()), 1e-9)
            if share < 1:
                goal = self._room.kept_on_way(before + (goal - before) * share, before)
        else:
            self._leaps = False
        # The very number that was asked for, where the arithmetic only rounds it.
        goal = np.where(np.abs(goal - wanted) < _ROUNDING, wanted, goal).astype(np.float32)
        self.goal = np.clip(goal, self.low, self.high)
        self._speed, self._asked = (self.goal - before) / step_s, wanted
        return self.goal

    def _reason(self, action: np.ndarray, goal: np.ndarray) -> str:
        beyond = np.maximum(action - self.high, self.low - action)
        if beyond.max() > _WORTH_A_WORD:
            return f"{JOINTS[int(beyond.argmax())]} is at the end of its range"
        if self._low_s > 0:
            return "at the arm's own base" if self._room.is_at_base(goal) else "at the table"
        if np.abs(goal - action).max() <= _LAGS:
            return ""
        return "the hand is too quick" if self.caught_up else "coming slowly to where the hand is"

    def _make_room(self, wanted: np.ndarray, present: np.ndarray, spare_m: float, step_s: float) -> None:
        """Take in how low the arm may be told to go in this step, and how fast it rises if it is lower."""
        table_m, self._rise_m, self._brakes = self.limits.table_m, 0.0, spare_m > 0
        floors = Floors(table_m, spare_m)
        if self._brakes and self.goal is not None:
            if self._heard is not None and not np.array_equal(wanted, self._heard):
                self._rise_m = _RISE_M_S * step_s
            if table_m is not None:
                floors = self._descent.floors(self.goal, present, table_m, spare_m, step_s)
        self._room = Room(self.low, self.high, float(present[5]), floors)

    def _keep_off(self) -> None:
        """Brake, and keep a way off, in a step whose way is the guard's: the joints lag, each by what it carries."""
        floors, table_m, self._brakes = self._room.floors, self.limits.table_m, True
        if table_m is not None and floors.table_m is not None:
            table_m = max(floors.table_m, table_m + self._off_m)
        self._room = replace(self._room, floors=Floors(table_m, max(floors.base_m, 2 * self._off_m)))

    def _clear(self, goal: np.ndarray, before: np.ndarray, step_s: float) -> np.ndarray:
        """Return what of a step is clear of table and base, float[6]."""
        room = self._room
        if self._brakes:
            room = replace(room, floors=braked(room.floors, room.hull(before), step_s))
        return room.kept(goal, before, self._rise_m)

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
