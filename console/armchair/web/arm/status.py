"""The state of the arm as pages are told it: phase, words, warnings, joints, and how steady the control loop is."""

from collections import deque
from typing import Any, Protocol

import numpy as np

from armchair.web.arm.state_slot import PageStateSlot
from armchair.web.arm.teleoperator import PageTeleoperator
from armchair_core.errors import ArmchairError
from armchair_robot.loop.moment import Moment

DRIVE_FPS, RECORD_FPS = 60, 30  # periods a second: while the page drives; while takes or trials are made
_WARNINGS = 5  # the newest, for those who come later
_BEATS = 10 * DRIVE_FPS  # what the jitter is measured over: 10 s


class Told(Protocol):
    """What pages are told of besides: a recording or a policy run, while it lasts and when it is over."""

    def state(self) -> dict[str, Any]:
        """Return what JSON can hold."""


class ArmStatus:
    """Writes to `slot`, and waits for nobody. `lesson` and `attempt` are the newest recording and policy run."""

    def __init__(self, slot: PageStateSlot) -> None:
        self._slot = slot
        self.warnings: deque[str] = deque(maxlen=_WARNINGS)
        self.lesson: Told | None = None
        self.attempt: Told | None = None
        self.joint_range: tuple[list[float], list[float]] = [], []  # low and high, in the arm's units
        self._beats_s: deque[float] = deque(maxlen=_BEATS + 1)
        self._moments, self._jitter_ms = 0, 0.0

    def post(self, phase: str, words: str) -> None:
        """Tell pages the phase, and words for people."""
        self._slot.write(self._now(phase, words))

    def post_moving(
        self, moment: Moment, teleoperator: PageTeleoperator, phase: str = "driving", words: str = ""
    ) -> None:
        """Tell pages of one control period as well."""
        self._slot.write(self._now(phase, words) | self._moving(moment, teleoperator))

    def count(self, moment: Moment, fps: int) -> None:
        """Take in a control period of a loop that shall have so many a second."""
        self.warnings += moment.warnings
        self._beats_s.append(moment.observed_s)
        self._moments += 1
        if self._moments % fps == 0:
            self._jitter_ms = _jitter_ms(self._beats_s, fps)

    def forget_beats(self) -> None:
        """Begin to measure the loop anew: another begins."""
        self._beats_s.clear()

    def _now(self, phase: str, words: str) -> dict[str, Any]:
        state: dict[str, Any] = {"phase": phase, "words": words, "warnings": list(self.warnings), "fps": DRIVE_FPS}
        if self.lesson is not None:
            state["lesson"] = self.lesson.state()
        if self.attempt is not None:
            state["attempt"] = self.attempt.state()
        return state

    def _moving(self, moment: Moment, teleoperator: PageTeleoperator) -> dict[str, Any]:
        low, high = self.joint_range
        return {
            "stopped": teleoperator.stopped, "hand": teleoperator.status, "held_back": moment.held_back,
            "rate_hz": round(self._rate_hz(), 1), "jitter_ms": round(self._jitter_ms, 3),
            "state": _rounded(moment.state), "sent": _rounded(moment.sent), "low": low, "high": high,
            "servos": {
                joint: [round(each.load_percent, 1), round(each.current_a, 3), each.voltage_v, each.temperature_c]
                for joint, each in moment.servos.items()
            },
        }  # fmt: skip

    def _rate_hz(self) -> float:
        """Of the last second or two."""
        recent = min(len(self._beats_s) - 1, DRIVE_FPS)
        span_s = self._beats_s[-1] - self._beats_s[-1 - recent]
        return recent / span_s if span_s else 0.0


def in_a_sentence(error: ArmchairError) -> str:
    """Return what went wrong, beginning with a capital unless it begins with the name of a joint."""
    words = str(error)
    return words if "_" in words.partition(" ")[0] else words[:1].upper() + words[1:]


def _jitter_ms(beats_s: deque[float], fps: int) -> float:
    """How far an interval is off the period: the 99th percentile."""
    off_s = np.abs(np.diff(np.array(beats_s)) - 1 / fps)
    return float(np.percentile(off_s, 99)) * 1000 if len(off_s) else 0.0


def _rounded(units: np.ndarray) -> list[float]:
    return [round(float(value), 2) for value in units]
