"""The orders that come to the arm's process. Reading them waits for nobody, `wait` excepted."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from armchair.web.arm.orders import Order

_LOOK_EVERY_S = 1.0
_NEXT = ("start", "doctor", "release", "end")


class Inbox:
    """The process's end of the pipe. Orders that end what it does are remembered; all others go to `hear`."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self.hear: Callable[..., None] = lambda order, *rest: None  # the present mode's
        self.wanted: Order | None = None  # what ends the present mode, and comes next
        self.hurried = False  # whether there is no time to go home

    def read(self) -> None:
        """Take in every order that is there. If the other end is gone, the arm is let go of."""
        try:
            while self._line.poll():
                self._sort(*self._line.recv())
        except (EOFError, OSError):
            self.wanted = Order("end")

    def wait(self) -> Order:
        """Return the next order that ends the present mode, when it comes."""
        while self.wanted is None:
            self._line.poll(_LOOK_EVERY_S)
            self.read()
        return self.wanted

    def answer(self, found: dict[str, Any]) -> None:
        """Send what was asked for back."""
        self._line.send(found)

    def _sort(self, order: str, *rest: Any) -> None:
        if order == "hurry":
            self.hurried = True
        elif order in _NEXT:
            self.wanted = Order(order)
        else:
            self.hear(order, *rest)
