"""The pace of a policy in a loop of another rate: it acts at the rate of the frames that it learnt from."""

import math


class PolicyPace:
    """How many of its steps a policy takes in each period of a loop: 1, or now and then 0, or more than one.

    A policy that learnt from 10 frames a second is asked in every third period of a loop of 30 Hz, and its action holds
    until then; asked in each, it would move the arm three times as fast as it was shown.
    """

    def __init__(self, policy_fps: float, loop_fps: float) -> None:
        self._steps_a_period = policy_fps / loop_fps
        self._period = 0

    def reset(self) -> None:
        """Begin an episode."""
        self._period = 0

    @property
    def due(self) -> int:
        """How many steps the policy takes in the next period; at least one in the first."""
        ends = (math.ceil(round(n * self._steps_a_period, 6)) for n in (self._period, self._period + 1))
        begin, end = ends
        return end - begin

    def advance(self) -> int:
        """Return the same, and go on to the period behind it."""
        steps = self.due
        self._period += 1
        return steps
