"""The gripper's load: hold on gently when its motor has squeezed hard for a while. No I/O.

The problem: closed on a cube, or on nothing, with a goal far behind, the gripper's motor stalls at half its torque.
LeRobot 0.6.1 sets its servo to give up after two seconds above a quarter (Overload_Torque 25): the cube falls, and
without that setting the motor burns. A P loop's torque is its distance to the goal, so the goal is pulled back.
"""

import numpy as np

from armchair_robot.safety.limits import Limits
from armchair_robot.safety.servo_health import ServoHealth

GRIPPER = 5
# How far the goal may lie beyond the gripper at first: 12 ticks, a fifth of the duty at LeRobot's P of 16.
_LEAD = 0.95
_LESS = 0.7  # as much of it is left after each reading that is still too high: other servos are stiffer
_LET_GO = 8.0  # so far from where it squeezed it holds nothing any more


class GripperEase:
    """The easing of the gripper's goals. `gentle` says whether it does so now."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._felt_s = float("-inf")
        self._squeezing_s: float | None = None  # since when
        self._gentle_until_s = float("-inf")
        self._pushing = self._side = 0.0  # where to, now and when it had squeezed for too long: -1 closes
        self._squeezed_at = 0.0  # the gripper's place then
        self._lead = _LEAD
        self.gentle = False

    def feel(self, health: ServoHealth | None) -> None:
        """Take in the gripper's newest reading; the same one twice does nothing."""
        if health is None or health.at_s <= self._felt_s:
            return
        self._felt_s = health.at_s
        if abs(health.load_percent) <= self._limits.grip_percent:
            self._squeezing_s = None
        elif self.gentle:
            self._lead *= _LESS
        elif self._squeezing_s is None:
            self._squeezing_s = health.at_s
        elif health.at_s - self._squeezing_s >= self._limits.grip_s:
            self._squeezing_s, self._side, self._lead = None, self._pushing, _LEAD
            self._gentle_until_s = health.at_s + self._limits.grip_rest_s

    def ease(self, action: np.ndarray, now_s: float, present: np.ndarray) -> np.ndarray:
        """Return the action with a gripper that does not push harder than it may now, float32[6]."""
        # By the goal and not by the load's sign, which is not the same for every way to mount a servo.
        self._pushing = float(np.sign(action[GRIPPER] - present[GRIPPER]))
        here = float(present[GRIPPER])
        self.gentle = now_s < self._gentle_until_s
        if not self.gentle:
            self._squeezed_at = here
        elif (self._squeezed_at - here) * self._side > _LET_GO:  # it was opened: let it close on the next thing
            self._gentle_until_s, self.gentle = float("-inf"), False
        if not self.gentle:
            return action
        eased = np.array(action, np.float32)
        furthest = here + self._side * self._lead
        eased[GRIPPER] = min(eased[GRIPPER], furthest) if self._side > 0 else max(eased[GRIPPER], furthest)
        return eased
