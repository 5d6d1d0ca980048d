"""The last observation of this process's follower, for teleoperators that LeRobot does not show it to.

A stock loop calls `teleop.get_action()` without the observation. A policy needs it, and a keyboard must begin where
the arm is. Stock loops read the follower first, in the same thread (lerobot 0.6.1, scripts/lerobot_record.py).
"""

import time
from typing import Any

_latest: tuple[float, dict[str, Any]] | None = None


def post(observation: dict[str, Any]) -> None:
    """Tell every teleoperator of this process what LeRobot's `Robot.get_observation` returned."""
    global _latest
    _latest = (time.perf_counter(), observation)


def latest() -> tuple[float, dict[str, Any]] | None:
    """Return (when, on `time.perf_counter`, and the observation); None if no follower was read in this process."""
    return _latest


def forget() -> None:
    """Forget what was seen, until the next `post`."""
    global _latest
    _latest = None
