"""Interventions: a person interrupts a policy, corrects it and hands back. Data for DAgger (Ross et al., AISTATS 2011).

The person takes over by moving, or by a key, and hands back by a key; who has taken over keys, sticks or a phone by
moving also hands back by letting go. A phone that is not heard any more has let go of nothing: the arm holds still.

Invariant: the arm does not jump at either switch. Keys, sticks and phones go on from where the policy has the arm. A
leader may be anywhere when it takes over, so from then on its motions count and not its place: the arm is where it was,
plus what the person has moved since. At the end of a joint's range that distance is used up, so that a gripper that was
open in the person's hand can still close. Handing back, the policy begins anew where the person has left the arm,
with a new look.
"""

from typing import Any, override

import numpy as np
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_core.so101 import kinematics
from armchair_robot.bus.registers import flush
from armchair_robot.devices.armchair_so101 import ArmchairSO101Leader
from armchair_robot.devices.arms import let_go
from armchair_robot.loop.real_time import losses_told
from armchair_robot.rollout.policy_teleoperator import ArmchairPolicy, last_look, pose_of
from armchair_robot.teleoperators.jog_teleoperator import JogTeleoperator, PersonTeleoperator

MOVED_DEG = 4.0  # within about a second; the servos of a leader that lies still read less than 0.2
_FOLLOW_S = 1.0  # a leader that sinks slowly is nobody's request
# Keys that were let go for so long mean that the person is done. Of a leader nothing is concluded: who lets go of one
# drops it, and an arm that follows a falling leader is no arm that stands still.
LET_GO_S = 1.5
_NOWHERE = np.zeros(6, np.float32)


class Takeover(PersonTeleoperator):
    """`policy` moves the arm until `person` does. Both are connected and disconnected with it."""

    name = "armchair_takeover"
    intervening = False

    def __init__(self, policy: ArmchairPolicy, person: PersonTeleoperator | ArmchairSO101Leader) -> None:
        super().__init__(TeleoperatorConfig())
        self.policy, self.person = policy, person
        self._jogger = person if isinstance(person, JogTeleoperator) else None  # keys, sticks, phones
        self._wanted = self._by_key = False  # a switch, by a key; whether the last one was
        self._pose: np.ndarray | None = None  # what was asked for last
        self._motion, self._offset, self._moved_s = Motion(), _NOWHERE, 0.0
        self._has_rested = False  # a key that is still held when the policy gets the arm takes nothing over

    @property
    @override
    def status(self) -> str:
        if not self.intervening:
            return self.policy.status
        how = "TAB" if self._by_key or not self._jogger else "letting go or TAB"
        return " · ".join(filter(None, (f"you move it, {how} hands back", self.person.status)))

    @property
    @override
    def spare_m(self) -> float:
        return self.person.spare_m if self.intervening else 0.0

    @property
    def thought_s(self) -> list[float]:
        """How long each of the policy's looks took."""
        return self.policy.thought_s

    @property
    @override
    def feedback_features(self) -> dict[str, type]:
        return self.person.feedback_features

    def send_feedback(self, feedback: dict[str, Any]) -> None:
        """Pass it on to the person, while they move the arm."""
        if self.intervening:
            self.person.send_feedback(feedback)

    def toggle(self) -> None:
        """Take over, or hand back, at the next period."""
        self._wanted = not self._wanted

    def reset(self, pose: np.ndarray | None = None) -> None:
        """Begin an episode with the policy, at `pose`, float32[6], or else where the arm is read next."""
        self.intervening, self._wanted, self._pose = False, False, pose
        self._motion, self._has_rested = Motion(), False
        self.policy.reset(pose)
        if pose is not None:
            self._carry_along(pose)

    def _targets(self, now_s: float) -> np.ndarray:
        seen_s, observation = last_look()
        if self._pose is None:
            self._pose = self._carry_along(pose_of(observation))
        asked = self._ask_person()
        moves = self._is_moving(asked, seen_s)
        self._has_rested |= not moves
        if self.intervening and (self._wanted or self._has_let_go(seen_s)):
            self._hand_back()
        elif not self.intervening and (self._wanted or (moves and self._has_rested)):
            self._take_over(asked, self._pose)
        self._wanted = False
        self._pose = self._follow(asked) if self.intervening else self._carry_along(pose_of(self.policy.get_action()))
        return self._pose

    def _is_moving(self, asked: np.ndarray, now_s: float) -> bool:
        if self._jogger:
            moves = self._jogger.is_asked
        else:
            self._motion.see(asked, now_s)
            moves = self._motion.is_deliberate
        if moves or not (self.intervening and self.person.is_heard):  # a device that is gone has let go of nothing
            self._moved_s = now_s
        return moves

    def _take_over(self, asked: np.ndarray, pose: np.ndarray) -> None:
        self._offset = _NOWHERE if self._jogger else pose - asked
        self.intervening, self._by_key = True, self._wanted

    def _hand_back(self) -> None:
        self.intervening, self._motion, self._has_rested = False, Motion(), False
        self.policy.reset(self._pose)

    def _follow(self, asked: np.ndarray) -> np.ndarray:
        pose = np.clip(asked + self._offset, kinematics.ACTION_LOW, kinematics.ACTION_HIGH)
        self._offset = pose - asked
        return pose

    def _carry_along(self, pose: np.ndarray) -> np.ndarray:
        """Let keys go on from `pose`, and return it."""
        if self._jogger:
            self._jogger.begin_at(pose)
        return pose

    def _has_let_go(self, now_s: float) -> bool:
        return self._jogger is not None and not self._by_key and now_s - self._moved_s > LET_GO_S

    def _ask_person(self) -> np.ndarray:
        with losses_told("leader", self.person):
            flush(self.person)
            return pose_of(self.person.get_action())

    def _open(self) -> None:
        self.policy.connect()
        if not self.person.is_connected:
            self.person.connect()

    def _close(self) -> None:
        self.policy.disconnect()
        let_go(self.person)


class Motion:
    """A person's motion, told from a device's noise. No I/O."""

    def __init__(self) -> None:
        self.is_deliberate = False
        self._rest: np.ndarray | None = None  # where the device has been of late
        self._last_s = 0.0

    def see(self, pose: np.ndarray, now_s: float) -> None:
        """Take in where the device is, float32[6]."""
        if self._rest is None:
            self._rest = pose.astype(float)
        else:
            share = min(1.0, max(0.0, now_s - self._last_s) / _FOLLOW_S)
            self._rest = self._rest + share * (pose - self._rest)
        self._last_s = now_s
        self.is_deliberate = bool(np.abs(pose - self._rest).max() > MOVED_DEG)
