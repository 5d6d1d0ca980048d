"""The way home as turns with a teleoperator: between episodes the arm lets go and returns to where they start."""

from typing import Any, override

import numpy as np
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_core.so101.kinematics import OPEN
from armchair_robot.rollout.intervention import Takeover
from armchair_robot.rollout.policy_teleoperator import ArmchairPolicy, last_look, pose_of
from armchair_robot.teleoperators.jog_teleoperator import PersonTeleoperator

_LET_GO_S = 0.8  # a gripper that is sent home around something would overload
_HOMEWARD_DEG_S = 60.0
_SETTLE_S = 0.15  # until the cameras have seen the scene that was set


class Homing(PersonTeleoperator):
    """A teleoperator that lets another move the arm from `begin` to `rest`, and brings it home from `rest` to `begin`.

    `home` is a pose, float32[6] in the arm's units; None means where the arm is read first.
    """

    name = "armchair_homing"

    def __init__(self, teleoperator: ArmchairPolicy | Takeover, home: np.ndarray | None = None) -> None:
        super().__init__(TeleoperatorConfig())
        self.teleoperator, self._home = teleoperator, home
        self._resting, self._lets_go, self._has_begun = True, False, False
        self._halted = self._toggles = False  # the latter: as soon as the teleoperator has the arm
        self._pose: np.ndarray | None = None  # what was asked for last; None until the arm is read
        self._turn: tuple[float, np.ndarray] | None = None  # when and from where it is brought home or moved

    @property
    def intervening(self) -> bool:
        """Whether a person moves the arm, and not the policy."""
        return self._has_begun and self.teleoperator.intervening

    @property
    @override
    def status(self) -> str:
        return self.teleoperator.status if self._has_begun else ""

    @property
    @override
    def spare_m(self) -> float:
        return self.teleoperator.spare_m if self._has_begun else 0.0

    @property
    def thought_s(self) -> list[float]:
        """How long each of the policy's looks took."""
        return self.teleoperator.thought_s

    def toggle(self) -> None:
        """Take over from the policy or hand back, where that is possible."""
        if self._resting:
            return
        if self._has_begun:
            self.teleoperator.toggle()
        else:
            self._toggles = not self._toggles

    @property
    @override
    def feedback_features(self) -> dict[str, type]:
        return self.teleoperator.feedback_features

    def send_feedback(self, feedback: dict[str, Any]) -> None:
        """Pass it on to the teleoperator, while that has the arm."""
        if self._has_begun:
            self.teleoperator.send_feedback(feedback)

    def rest(self) -> None:
        """End the episode and go home. Before the first there is nothing to let go of."""
        self._lets_go = not self._resting
        self._resting, self._has_begun, self._turn = True, False, None

    def begin(self) -> None:
        """Begin an episode: once the cameras have seen the scene, the teleoperator goes on from where the arm is."""
        self._resting, self._has_begun, self._turn, self._toggles = False, False, None, False

    def halt(self) -> None:
        """Hold still where the arm is, whoever has it, from now on."""
        self._halted = True

    def _targets(self, now_s: float) -> np.ndarray:
        if self._halted and self._pose is not None:
            return self._pose
        if self._pose is None:
            self._pose = pose_of(last_look()[1])
            self._home = self._pose if self._home is None else self._home
        if self._turn is None:
            self._turn = now_s, self._pose
        since_s, start = self._turn
        self._pose = self._next(start, now_s - since_s)
        return self._pose

    def _next(self, start: np.ndarray, passed_s: float) -> np.ndarray:
        if self._resting:
            return self._homeward(start.copy(), passed_s)
        if passed_s < _SETTLE_S:
            return start
        if not self._has_begun:
            self._has_begun = True
            self.teleoperator.reset(start)
            if self._toggles:
                self.teleoperator.toggle()
        return pose_of(self.teleoperator.get_action())

    def _homeward(self, start: np.ndarray, passed_s: float) -> np.ndarray:
        if self._lets_go:
            start[-1] = OPEN
            passed_s = max(0.0, passed_s - _LET_GO_S)
        way = self._home - start
        needed_s = float(np.abs(way).max()) / _HOMEWARD_DEG_S
        return (start + way * min(1.0, passed_s / max(needed_s, 1e-6))).astype(np.float32)

    def _open(self) -> None:
        self.teleoperator.connect()

    def _close(self) -> None:
        self.teleoperator.disconnect()
