"""The console's hand: what a page wishes for, from the pipe of the process that has the arm."""

from collections.abc import Callable

import numpy as np
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_robot.hands.network import WheelHand
from armchair_robot.hands.wheel import Wish


class ConsoleHand(WheelHand):
    """`listen` is called once a period and hands every wish that has come to `hear`. STOP outlasts every wish."""

    name = "armchair_console"

    def __init__(self, listen: Callable[[], None]) -> None:
        super().__init__(TeleoperatorConfig())
        self._listen, self._told = listen, None
        self.stopped = False

    def hear(self, wish: Wish, at_s: float) -> None:
        """A wish that came to this computer at `at_s` on `time.perf_counter`, which its processes share."""
        self.wheel.take(self, at_s)
        self.wheel.steer(self, wish, at_s)

    def stop(self) -> None:
        """Hold still, whatever is wished, until `go`."""
        self.stopped = True
        if self._told is not None:
            self.begin_at(self._told)

    def go(self) -> None:
        """Wishes count again; those of before do not."""
        self.stopped = False
        self.wheel.leave(self)

    def send_feedback(self, feedback: dict[str, float]) -> None:
        super().send_feedback(feedback)
        self._told = np.array(list(feedback.values()))

    def _move(self, now_s: float, dt_s: float, here: np.ndarray | None) -> np.ndarray:
        self._listen()
        if self.stopped:
            self.wheel.leave(self)
        return super()._move(now_s, dt_s, here)
