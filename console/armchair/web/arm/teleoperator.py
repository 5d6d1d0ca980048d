"""The console's teleoperator: what a page's driver asks for, from the pipe of the process that has the arm."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, override

import numpy as np
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.bus.registers import flush
from armchair_robot.loop.real_time import losses_told
from armchair_robot.teleoperators.network.driver import Command, Jog, Targets
from armchair_robot.teleoperators.network.network import WheelTeleoperator

if TYPE_CHECKING:
    from lerobot.teleoperators import Teleoperator


_READY_WITHIN_S = 5.0  # unless something is in the way
_IS_READY = 0.5  # degrees, gripper units


def _moves(command: Command | None) -> bool:
    return isinstance(command, Targets) or (isinstance(command, Jog) and any(command.rates))


class PageTeleoperator(WheelTeleoperator):
    """The wheel of the console's page. `listen` is called once a period; it has every order that has come obeyed. STOP
    outlasts every command."""

    name = "armchair_console"

    def __init__(self, listen: Callable[[], None], ready: np.ndarray | None = None) -> None:
        """`ready` is a pose, float[6], that it goes to before anybody asks for anything."""
        super().__init__(TeleoperatorConfig())
        self._listen, self._ready, self._ready_until_s = listen, ready, 0.0
        self._told: np.ndarray | None = None  # what went to the motors last
        self._leader: Teleoperator | None = None
        self.stopped = False

    @property
    @override
    def spare_m(self) -> float:
        return super().spare_m if self._leader is None else 0.0

    def follow(self, leader: "Teleoperator | None") -> None:
        """Ask for what a leader does, until it is None again; STOP holds the arm all the same."""
        self._leader = leader

    def obey(self, order: str, *rest: Any) -> None:
        """Carry out "command", "stop" and "go"; any other order means nothing here."""
        match order:
            case "command":
                self.hear(*rest)
            case "stop":
                self.stop()
            case "go":
                self.go()

    def hear(self, command: Command, at_s: float) -> None:
        """Take in a command that came to this computer at `at_s` on `time.perf_counter`, which its processes share."""
        self.wheel.take(self, at_s)
        self.wheel.steer(self, command, at_s)

    def stop(self) -> None:
        """Hold still, whatever is commanded, until `go`."""
        self.stopped, self._ready = True, None
        if self._told is not None:
            self.begin_at(self._told)

    def go(self) -> None:
        """Let commands count again; those of before do not."""
        self.stopped = False
        self.wheel.leave(self)

    def send_feedback(self, feedback: dict[str, float]) -> None:
        """Take in what went to the motors: where a stop holds the arm."""
        super().send_feedback(feedback)
        self._told = np.array(list(feedback.values()))

    def _move(self, now_s: float, dt_s: float, here: np.ndarray | None) -> np.ndarray:
        self._listen()
        if self.stopped:
            self.wheel.leave(self)
        elif self._leader is not None:
            return self._led(self._leader)
        elif self._is_getting_ready(now_s):
            self.is_heard, self._words = True, "getting ready"
            assert self._ready is not None, "it is getting there"
            return self.jogger.towards(self._ready, dt_s, here)
        return super()._move(now_s, dt_s, here)

    def _is_getting_ready(self, now_s: float) -> bool:
        """Return whether it is on the way to where it begins; whoever asks for anything else ends that."""
        if self._ready is None:
            return False
        self._ready_until_s = self._ready_until_s or now_s + _READY_WITHIN_S
        is_there = np.abs(self.jogger.targets - self._ready).max() < _IS_READY
        if is_there or now_s > self._ready_until_s or _moves(self.wheel.command(now_s)):
            self._ready = None
        return self._ready is not None

    def _led(self, leader: "Teleoperator") -> np.ndarray:
        with losses_told("leader", leader):
            flush(leader)
            action = leader.get_action()
        units = np.array([action[name] for name in FEATURE_NAMES], np.float32)
        self.jogger.begin_at(units)  # where a driver would go on
        self.is_heard, self._words = True, "the leader moves it"
        return units
