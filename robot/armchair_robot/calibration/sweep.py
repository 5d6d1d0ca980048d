"""The sweep of one joint through its range while it is calibrated, in encoder ticks. No I/O.

The problem: an encoder counts 0 to 4095 and begins again. LeRobot sets a joint's zero from the pose in which ENTER
was pressed and then looks for the smallest and largest reading, so a joint that passes 4095 on its way appears to
have been everywhere (huggingface/lerobot issue 3587). Here a sweep goes on counting across the jump, and a joint
whose range would hold it is centred on the middle of what was swept.
"""

from dataclasses import dataclass

from lerobot.motors import MotorCalibration

from armchair_core.so101 import kinematics
from armchair_core.so101.joints import FULL_TURN_JOINT, JOINTS
from armchair_core.so101.kinematics import LAST_TICK
from armchair_core.sts3215.registers import LARGEST_OFFSET_TICKS
from armchair_robot.calibration.ranges import DEG_PER_TICK, LEAST, MOST, expected_deg, share

HOME_TICKS = 2047  # what LeRobot lets the middle pose read (motors/feetech/feetech.py, `_get_half_turn_homings`)
_MOVED_DEG = 8.0  # less is a hand that touched the arm


@dataclass(frozen=True)
class SweepVerdict:
    """What a sweep is worth: `good` to be kept; else, if it may be kept because its owner says so, it is `doubtful`."""

    good: bool
    words: str
    doubtful: bool = False


class Sweep:
    """Where a joint was, in ticks from its middle pose: `low` and `high` at most, and `place` now."""

    def __init__(self, joint: str, middle_ticks: int) -> None:
        """`middle_ticks` is the encoder's reading in the middle pose, 0 to 4095."""
        self.joint, self._middle = joint, middle_ticks
        self.place = self.low = self.high = 0

    def see(self, encoder_ticks: int) -> None:
        """Take in a reading, 0 to 4095. An end counts when two readings in a row are there: one may be wrong."""
        turn, before = kinematics.TICKS_PER_TURN, self.place
        self.place += (encoder_ticks - self._middle - before + turn // 2) % turn - turn // 2
        self.low = min(self.low, max(before, self.place))
        self.high = max(self.high, min(before, self.place))

    def redo(self) -> None:
        """Forget the ends; the middle stays."""
        self.low = self.high = self.place

    @property
    def swept_deg(self) -> float:
        """From end to end."""
        return (self.high - self.low) * DEG_PER_TICK

    @property
    def wraps(self) -> bool:
        """Whether a reading would jump from 4095 to 0 within the range if the middle pose were its middle."""
        return self.low + HOME_TICKS < 0 or self.high + HOME_TICKS > LAST_TICK

    def verdict(self) -> SweepVerdict:
        """Return what a person should know before this joint is kept."""
        expected = expected_deg(self.joint)
        if self.joint == FULL_TURN_JOINT:
            return SweepVerdict(True, "its whole turn, as LeRobot has it")
        if self.swept_deg < _MOVED_DEG:
            return SweepVerdict(False, "not moved yet: move it to both of its stops")
        if self.high - self.low > LAST_TICK:
            return SweepVerdict(False, "turned more than once round: redo it; if it does so again, its horn is loose")
        part = share(self.joint, self.high - self.low)
        if part < LEAST:
            return SweepVerdict(
                False, f"too small, about {expected:.0f} deg are usual: go on to both stops", doubtful=True
            )
        if part > MOST:
            return SweepVerdict(
                False, f"too large, about {expected:.0f} deg are usual: is its horn tight?", doubtful=True
            )
        return SweepVerdict(True, "centred anew: it passed 4095" if self.wraps else "done")

    def calibration(self) -> MotorCalibration:
        """Return what goes into the servo and into LeRobot's file."""
        centre = (self.low + self.high) // 2 if self.wraps and self.joint != FULL_TURN_JOINT else 0
        home = (self._middle + centre) % kinematics.TICKS_PER_TURN
        offset = min(home - HOME_TICKS, LARGEST_OFFSET_TICKS)
        low, high = self.low - centre + home - offset, self.high - centre + home - offset
        if self.joint == FULL_TURN_JOINT:
            low, high = 0, LAST_TICK
        return MotorCalibration(JOINTS.index(self.joint) + 1, 0, offset, low, high)
