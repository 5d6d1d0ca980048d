"""The operator who stands at the arm while a loop runs, and what a teleoperator offers them beyond LeRobot's. No I/O.

Both are bases to derive from, and each is complete as it stands: there is nobody at the arm, and the teleoperator is a
stock one, which has nothing to offer. Whoever can do more overrides what they can.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from armchair_robot.loop.moment import Moment


class Operator:
    """Who is asked and told while a loop runs: a person with a keyboard, a page. All of it is called in the loop."""

    is_there: bool = (
        False  # whether an arm that was unplugged is waited for: somebody must plug it in and let it move again
    )

    def opened(self, takeover: bool) -> None:
        """Begin to listen: the arm and its teleoperators are open. `takeover`: a person may take over from a policy."""

    def commands(self) -> Iterable[str]:
        """Return what was asked for since the last call, in the words of whoever runs the loop."""
        return ()

    def watch(self, moment: Moment) -> None:
        """Take in a control period, before anything else does."""

    def tell(self, words: str) -> None:
        """Say a sentence to them, besides those in `Moment.warnings`."""

    def is_halting(self) -> bool:
        """Return whether a policy's arm is to hold still where it is. When it is no longer so, the loop ends."""
        return False

    def is_hurried(self) -> bool:
        """Return whether there is no time for the way home."""
        return False


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
