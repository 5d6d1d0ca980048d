"""The moment of a real-time loop: what was seen, asked for and sent in one control period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from armchair_robot.safety.servo_health import ServoHealth


@dataclass(frozen=True)
class Moment:
    """One control period.

    `observation` is what LeRobot's robot returned; `state`, `asked` and `sent` are float32[6] in degrees (gripper 0
    to 100): where the arm was, what the teleoperator wanted, what went to the motors. `observed_s` is when the arm was
    read; `ages_s` how old each camera's picture was then, at most. `intervention`: a person moves the arm, who took it
    over from a policy. `warnings` are sentences for the operator, each said once: a servo that is warm, a rate not
    held. `late_s` is how much later than due the period began. `held_back` says why the arm does not do what the
    teleoperator wants. `servos` is how each joint's servo was when it was looked at last. `status` is what the
    teleoperator says of itself.
    """

    observation: dict[str, Any]
    state: np.ndarray
    asked: np.ndarray
    sent: np.ndarray
    observed_s: float
    ages_s: dict[str, float]
    intervention: bool = False
    warnings: tuple[str, ...] = ()
    late_s: float = 0.0
    held_back: str = ""
    servos: Mapping[str, ServoHealth] = field(default_factory=dict)
    status: str = ""
