"""What teleoperators without motors share as LeRobot `Teleoperator`s (lerobot 0.6.1, teleoperators/teleoperator.py).

They yield joint targets in the arm's units, so that `lerobot-teleoperate` and `lerobot-record` take them as they are.
LeRobot shows a teleoperator nothing of the follower. `armchair_robot.devices.last_observation` does, where the
follower is this package's: our commands, and stock ones with ``--robot.type=armchair_so101``.
"""

import math
import time
from abc import abstractmethod
from typing import Any, override

import numpy as np
from lerobot.teleoperators.config import TeleoperatorConfig
from lerobot.teleoperators.teleoperator import Teleoperator
from lerobot.utils.decorators import check_if_already_connected, check_if_not_connected

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES, START
from armchair_robot.devices import last_observation
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.teleoperators.jog import MODES, SPEED_NAMES, Jogger

_BLIND = (
    "this hand moves an arm on from where it is, and LeRobot's own follower types do not show it that: use "
    "--robot.type=armchair_so101, which is the same arm with the same calibration."
)
# The arm sags by some 4 mm below where it is told to be, and nobody sees from a page whether the jaws touch the table.
# A cube's middle is 15 mm high.
SPARE_M = 0.007
_FRESH_S = 0.5  # what was seen before says nothing about where the arm is now


class PersonTeleoperator(Teleoperator, LoopTeleoperator):
    """Six joint targets, no calibration. A subclass says what `_targets` are, and may `_open` and `_close`."""

    def __init__(self, config: TeleoperatorConfig) -> None:
        super().__init__(config)
        self.config = config
        self._connected = False

    @property
    @override
    def action_features(self) -> dict[str, type]:
        return dict.fromkeys(FEATURE_NAMES, float)

    @property
    @override
    def feedback_features(self) -> dict[str, type]:
        return {}

    @property
    @override
    def is_connected(self) -> bool:
        return self._connected

    @property
    @override
    def is_calibrated(self) -> bool:
        return True

    def calibrate(self) -> None:
        """Do nothing: there are no motors."""

    def configure(self) -> None:
        """Do nothing: there are no motors."""

    def send_feedback(self, feedback: dict[str, Any]) -> None:
        """Do nothing: a keyboard cannot push back."""

    @check_if_already_connected
    def connect(self, calibrate: bool = True) -> None:
        """Open what the teleoperator needs. Raises ArmchairError if it is not there."""
        self._open()
        self._connected = True

    def disconnect(self) -> None:
        """Close what `connect` has opened. Safe to call twice."""
        if self._connected:
            self._connected = False
            self._close()

    @check_if_not_connected
    def get_action(self) -> dict[str, float]:
        """Return the joint targets for now: degrees, gripper 0 to 100."""
        return dict(zip(FEATURE_NAMES, map(float, self._targets(time.perf_counter())), strict=True))

    def _open(self) -> None:
        """Get what the teleoperator needs."""

    def _close(self) -> None:
        """Give it back."""

    @abstractmethod
    def _targets(self, now_s: float) -> np.ndarray:
        """Return the targets, float32[6] in LeRobot's units, at `now_s` on `time.perf_counter`."""


class JogTeleoperator(PersonTeleoperator):
    """A teleoperator that asks for motion. It begins where the follower is, and refuses to begin if it cannot see that.

    A guess would be dangerous: under a stock follower type nothing stands between it and the motors, and the arm would
    go there as fast as it can.
    """

    def __init__(self, config: TeleoperatorConfig) -> None:
        super().__init__(config)
        self.jogger = Jogger(START)
        self._moved_s = math.nan  # when it moved last, on `time.perf_counter`; before the first time never

    def begin_at(self, units: np.ndarray) -> None:
        """Go on from this pose, float[6], because somebody else has moved the arm meanwhile."""
        self.jogger.begin_at(units)
        self._moved_s = time.perf_counter()

    @property
    @override
    def feedback_features(self) -> dict[str, type]:
        return self.action_features

    def send_feedback(self, feedback: dict[str, Any]) -> None:
        """Take in where the motors were told to go: what the guard has held back is not asked for any longer."""
        self.jogger.give_way(np.array([feedback[name] for name in FEATURE_NAMES]))

    @property
    @override
    def spare_m(self) -> float:
        return SPARE_M

    @property
    def is_asked(self) -> bool:
        """Whether motion was asked for in the last period, even if the arm could not make it."""
        return self.jogger.is_asked

    @property
    @override
    def status(self) -> str:
        words = [MODE_WORDS[self.jogger.mode], SPEED_NAMES[self.jogger.speed], self.jogger.note]
        return " · ".join(filter(None, words))

    @override
    def connect(self, calibrate: bool = True) -> None:
        self._moved_s = math.nan
        super().connect(calibrate)

    def _targets(self, now_s: float) -> np.ndarray:
        here = seen_units(now_s)
        if math.isnan(self._moved_s):
            if here is None:
                raise ArmchairError(_BLIND)
            self.begin_at(here)
        elif here is not None and now_s - self._moved_s > _FRESH_S:  # who knows where the arm went meanwhile
            self.begin_at(here)
        dt_s, self._moved_s = max(0.0, now_s - self._moved_s), now_s
        return self._move(now_s, dt_s, here)

    @abstractmethod
    def _move(self, now_s: float, dt_s: float, here: np.ndarray | None) -> np.ndarray:
        """Tell the jogger what is asked for, and return its targets."""


MODE_WORDS = dict(zip(MODES, ("moving the tip", "moving single joints"), strict=True))


def seen_units(now_s: float) -> np.ndarray | None:
    """Return where this process's follower was a moment ago, float32[6]; None if nobody has looked."""
    latest = last_observation.latest()
    if latest is None or now_s - latest[0] > _FRESH_S:
        return None
    return np.array([latest[1][name] for name in FEATURE_NAMES], np.float32)
