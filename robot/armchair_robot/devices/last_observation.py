"""What the follower of this process saw last, for hands that LeRobot does not show it to.

A stock loop calls `teleop.get_action()` without the observation. A policy needs it, and a keyboard must begin where
the arm is. Stock loops read the follower first, in the same thread (lerobot 0.6.1, scripts/lerobot_record.py).
"""

import time
from typing import Any

_latest: tuple[float, dict[str, Any]] | None = None


def post(observation: dict[str, Any]) -> None:
    """Tell every hand of this process what LeRobot's `Robot.get_observation` returned."""
    global _latest
    _latest = (time.perf_counter(), observation)


def latest() -> tuple[float, dict[str, Any]] | None:
    """(when, on `time.perf_counter`, and the observation); None if no follower was read in this process."""
    return _latest


def forget() -> None:
    """Until the next `post`, nothing was seen."""
    global _latest
    _latest = None
