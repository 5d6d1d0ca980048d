"""The operator who stands at the arm while a loop runs. No I/O.

A base to derive from, complete as it stands: there is nobody at the arm. Whoever can do more overrides what they can.
What they may use of a teleoperator is in `devices/loop_teleoperator.py`.
"""

from collections.abc import Iterable

from armchair_robot.loop.moment import Moment


class Operator:
    """Who is asked and told while a loop runs: a person with a keyboard, a page. All of it is called in the loop."""

    # Whether an arm that was unplugged is waited for: somebody must plug it in and let it move again.
    is_there: bool = False

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
