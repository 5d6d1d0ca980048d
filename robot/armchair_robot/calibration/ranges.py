"""The ranges of an SO-101's joints, as far as a calibration should have seen them. No I/O."""

from armchair_core.so101 import kinematics
from armchair_core.so101.joints import FULL_TURN_JOINT, JOINTS
from armchair_core.so101.kinematics import LAST_TICK

DEG_PER_TICK = 360 / LAST_TICK  # as LeRobot counts degrees
# Shares of the range in kinematics.LINKS. Of 25 calibration files in public repositories, real arms turn their pans and
# wrists 8 % further than the model does and their grippers 18 %, so that less than LEAST is three quarters of the way
# or less in each of them.
LEAST, MOST = 0.9, 1.35
_AT_THE_JUMP_TICKS = 8  # this near to 0 or to 4095, a range ended where the count begins anew, and not at a stop


def expected_deg(joint: str) -> float:
    """Return how far a joint of an SO-101 turns from stop to stop, degrees."""
    low_rad, high_rad = kinematics.LINKS[JOINTS.index(joint)].range_rad
    return (high_rad - low_rad) / kinematics.RAD_PER_TICK * DEG_PER_TICK


def share(joint: str, swept_ticks: int) -> float:
    """Return what part of its range a joint was swept through; 1 for the one that has no stops."""
    return 1.0 if joint == FULL_TURN_JOINT else swept_ticks * DEG_PER_TICK / expected_deg(joint)


def doubt(joint: str, low_ticks: int, high_ticks: int) -> str | None:
    """Return what is doubtful about a joint's calibrated range, a sentence without its joint and full stop, or None."""
    if joint == FULL_TURN_JOINT:
        return None
    swept, usual = (high_ticks - low_ticks) * DEG_PER_TICK, expected_deg(joint)
    if swept < LEAST * usual:
        return f"saw {swept:.0f} of about {usual:.0f} degrees: it was not moved to both of its stops"
    if swept > MOST * usual:
        return f"saw {swept:.0f} degrees, about {usual:.0f} are usual: its count jumped on the way, or its horn slipped"
    if low_ticks < _AT_THE_JUMP_TICKS or high_ticks > LAST_TICK - _AT_THE_JUMP_TICKS:
        return f"ends at {low_ticks if low_ticks < _AT_THE_JUMP_TICKS else high_ticks}, where the count begins anew"
    return None
