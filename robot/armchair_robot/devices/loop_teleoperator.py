"""The teleoperator that a control loop asks: LeRobot's, and what one of ours may offer besides. No I/O.

A base to derive from, complete as it stands: a stock teleoperator, which has nothing to offer. Whoever can do more
overrides what they can.
"""

from collections.abc import Sequence
from typing import Any


class LoopTeleoperator:
    """LeRobot's `Teleoperator` as far as a loop uses it, and what one of ours may offer besides.

    A stock class joins in by ``class Mine(SO101Leader, LoopTeleoperator)``: its own methods go first.
    """

    quiet: bool = False  # True where somebody shows `status`: then it prints nothing itself
    is_heard: bool = True  # False while its device is gone, and its silence means nothing but silence

    @property
    def feedback_features(self) -> dict[str, Any]:
        """What it is told by `send_feedback` after each period; nothing if empty."""
        return {}

    def get_action(self) -> dict[str, float]:
        """Return the joint targets for now: degrees, gripper 0 to 100."""
        raise NotImplementedError

    def send_feedback(self, feedback: dict[str, Any]) -> None:
        """Take in what was sent to the motors."""

    @property
    def status(self) -> str:
        """What the operator may want to know of it now, in a few words."""
        return ""

    @property
    def spare_m(self) -> float:
        """How far above the table the arm stays while this moves it, metres: more than 0 for who aims by eye."""
        return 0.0

    @property
    def intervening(self) -> bool:
        """Whether a person moves the arm, who took it over from a policy."""
        return False

    @property
    def is_done(self) -> bool:
        """Whether it has nothing more to do."""
        return False

    @property
    def thought_s(self) -> Sequence[float]:
        """How long each of a policy's looks took, in seconds."""
        return ()

    def begin(self) -> None:
        """Begin an episode: the scene is set."""

    def rest(self) -> None:
        """End the episode: nothing is recorded or judged until `begin`."""

    def toggle(self) -> None:
        """Let a person take over from the policy, or hand back."""

    def halt(self) -> None:
        """Hold still where the arm is, from now on."""
