"""The limits that the guard and the health monitor go by, each with its name, unit and reason. No I/O.

Joint speeds are in the arm's units a second: degrees, and for the gripper hundredths of its range, which are 1.1
degrees each. "The expert" is the scripted one: 40 scenes of each task through the fast door, 8,343 periods at 30 Hz.
"""

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple


def _limit(default: float | None, unit: str, reason: str) -> Any:
    return field(default=default, metadata={"unit": unit, "reason": reason})


@dataclass(frozen=True)
class Limits:
    """What an arm may do and bear. One for a bench; `in_words` lists it for people."""

    speed_deg_s: float = _limit(
        270.0,
        "deg/s",
        "the servo turns 275 deg/s without load and the expert's joints at most 235: 270 stops only jumps",
    )
    acceleration_deg_s2: float = _limit(
        7000.0, "deg/s²", "the motor's torque gives its own rotor alone 6,860 deg/s²: more only makes it hit its stops"
    )
    approach_deg_s: float = _limit(
        60.0, "deg/s", "a person can still step back while the arm catches up with a hand that is far away"
    )
    caught_up_deg: float = _limit(
        15.0, "deg", "the expert, and policies that learnt from it, ask for up to 12 ahead of where the arm is"
    )
    table_m: float | None = _limit(
        0.0, "m", "the height below which no goal puts any part of the arm; None lets it, as beside a table's edge"
    )
    stale_s: float = _limit(
        0.4, "s", "a hand must not act on a world older than this; LeRobot itself gives up on a camera after 0.5 s"
    )
    hand_silence_s: float = _limit(
        0.3, "s", "a hand that has not asked for anything for so long is gone: its next action is approached slowly"
    )
    warm_c: float = _limit(55.0, "°C", "the time to rest: 15 degrees before the servo lets go by itself at 70")
    hot_c: float = _limit(65.0, "°C", "let go now, in one piece, before one servo does it alone at 70")
    low_v: float = _limit(4.6, "V", "a 5 V supply that sags so far is too weak for six servos")
    lowest_v: float = _limit(4.2, "V", "just above the 4.0 V at which the servo reports a voltage error")
    load_percent: float = _limit(
        75.0, "% of the motor's duty", "above the servo's Overload_Torque of 80 for 2 s it goes weak: worth a warning"
    )
    grip_percent: float = _limit(
        22.0,
        "% of the motor's duty",
        "LeRobot sets the gripper's servo to give up after 2 s above 25; the expert holds at 20",
    )
    grip_s: float = _limit(0.6, "s", "how long the gripper may squeeze harder than that: well below the servo's 2 s")
    grip_rest_s: float = _limit(5.0, "s", "how long it holds gently then: its motor must cool before it squeezes again")


class LimitRow(NamedTuple):
    """A limit as people read it."""

    name: str
    value: float | None
    unit: str
    reason: str


def in_words(limits: Limits) -> list[LimitRow]:
    """Return every limit with its value, unit and reason, in the order of the class."""
    return [
        LimitRow(each.name, getattr(limits, each.name), each.metadata["unit"], each.metadata["reason"])
        for each in fields(limits)
    ]
