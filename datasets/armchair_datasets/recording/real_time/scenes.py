"""What stands on the table in a take, and who says whether the task was done: the twin, or the operator."""

from pathlib import Path
from typing import Any, Protocol

from armchair_sim.twin.control import ask

_ASK_EVERY_S = 0.2


class Scenes(Protocol):
    """Sets the scenes that takes are recorded in."""

    def rest(self) -> None:
        """A take is over: the leader's hand goes home."""

    def show(self, number: int) -> None:
        """Set the scene of take `number` for eyes alone: the take has not begun."""

    def begin(self, number: int) -> int:
        """Set the scene of take `number` and return its seed."""

    def is_done(self, now_s: float) -> bool:
        """Whether the task is known to be done; asked at every control period of a take."""

    def verdict(self) -> bool | None:
        """Whether the task was done in the take that has just ended; None if only the operator knows."""


class OwnTable:
    """A real table: the operator sets the scenes and says what failed."""

    def rest(self) -> None:
        pass

    def show(self, number: int) -> None:
        pass

    def begin(self, number: int) -> int:
        return number

    def is_done(self, now_s: float) -> bool:
        return False

    def verdict(self) -> bool | None:
        return None


class Cued:
    """Scenes whose takes the hand is told of: one that replays begins with each of them."""

    def __init__(self, scenes: Scenes, hand: Any) -> None:
        self._scenes, self._hand = scenes, hand
        self.show, self.is_done, self.verdict = scenes.show, scenes.is_done, scenes.verdict

    def rest(self) -> None:
        self._hand.rest()
        self._scenes.rest()

    def begin(self, number: int) -> int:
        seed = self._scenes.begin(number)
        self._hand.begin()
        return seed


class TwinTable:
    """The twin's table: the simulation sets the scenes, one seed after another, and judges."""

    def __init__(self, note: dict[str, Any], first_seed: int) -> None:
        """`note` is what the running twin says about itself."""
        self._control = Path(note["folder"]) / "control"
        self._first_seed = first_seed
        self._ask_next_s = 0.0

    def rest(self) -> None:
        ask(self._control, do="rest")

    def show(self, number: int) -> None:
        self.begin(number)
        self.rest()  # or the leader's hand would begin

    def begin(self, number: int) -> int:
        seed = self._first_seed + number
        ask(self._control, do="scene", seed=seed)
        return seed

    def is_done(self, now_s: float) -> bool:
        if now_s < self._ask_next_s:
            return False
        self._ask_next_s = now_s + _ASK_EVERY_S
        return self.verdict()

    def verdict(self) -> bool:
        return ask(self._control, do="status")["success"]
