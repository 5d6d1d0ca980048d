"""The scenes of takes, what stands on the table, and who says whether the task was done: the twin, or the operator."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, override

from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_sim.twin.control import ask

_ASK_EVERY_S = 0.2


class Scenes:
    """The scenes that takes are recorded in. A base to derive from; `OwnTable` is what it is without a twin."""

    @property
    def object_at(self) -> tuple[float, float] | None:
        """Where the object lay when the last take began (see `Outcome.object_at`); None if nobody knows."""
        return None

    def rest(self) -> None:
        """Clear the table: a take is over, and the leader goes home."""

    def show(self, number: int) -> None:
        """Set the scene of take `number` for eyes alone: the take has not begun."""

    def begin(self, number: int) -> int:
        """Set the scene of take `number` and return its seed."""
        return number

    def is_done(self, now_s: float) -> bool:
        """Return whether the task is known to be done; asked at every control period of a take."""
        return False

    def verdict(self) -> bool | None:
        """Return whether the task was done in the take that has just ended; None if only the operator knows."""
        return None

    def hear(self, command: str) -> Iterable[str]:
        """Take in a command of the operator's; return what of it is for the session to obey."""
        return (command,)


class OwnTable(Scenes):
    """A real table: the operator sets the scenes and says what failed."""


class CuedScenes(Scenes):
    """Scenes whose takes the teleoperator is told of: one that replays begins with each of them."""

    def __init__(self, scenes: Scenes, teleoperator: LoopTeleoperator) -> None:
        self._scenes, self._teleoperator = scenes, teleoperator

    @property
    @override
    def object_at(self) -> tuple[float, float] | None:
        return self._scenes.object_at

    @override
    def rest(self) -> None:
        self._teleoperator.rest()
        self._scenes.rest()

    @override
    def show(self, number: int) -> None:
        self._scenes.show(number)

    @override
    def begin(self, number: int) -> int:
        seed = self._scenes.begin(number)
        self._teleoperator.begin()
        return seed

    @override
    def is_done(self, now_s: float) -> bool:
        return self._scenes.is_done(now_s)

    @override
    def verdict(self) -> bool | None:
        return self._scenes.verdict()

    @override
    def hear(self, command: str) -> Iterable[str]:
        return self._scenes.hear(command)


class TwinTable(Scenes):
    """The twin's table: the simulation sets the scenes, one seed after another, and judges."""

    def __init__(self, note: dict[str, Any], first_seed: int) -> None:
        """`note` is what the running twin says about itself."""
        self._control = Path(note["folder"]) / "control"
        self._first_seed = first_seed
        self._ask_next_s = 0.0
        self._object_at: tuple[float, float] | None = None

    @property
    @override
    def object_at(self) -> tuple[float, float] | None:
        return self._object_at

    @override
    def rest(self) -> None:
        ask(self._control, do="rest")

    @override
    def show(self, number: int) -> None:
        self.begin(number)
        self.rest()  # or the leader would begin

    @override
    def begin(self, number: int) -> int:
        seed = self._first_seed + number
        place = ask(self._control, do="scene", seed=seed).get("object_at_m")  # an older twin does not say it
        self._object_at = (place[0], place[1]) if place else None
        return seed

    @override
    def is_done(self, now_s: float) -> bool:
        if now_s < self._ask_next_s:
            return False
        self._ask_next_s = now_s + _ASK_EVERY_S
        return self.verdict()

    @override
    def verdict(self) -> bool:
        return ask(self._control, do="status")["success"]
