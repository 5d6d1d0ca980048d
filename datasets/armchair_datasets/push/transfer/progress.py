"""The progress of an upload, and its receipt at the end. No I/O."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["starting", "sending", "checking", "waiting"]
_EVERY_S = 0.5


@dataclass(frozen=True)
class UploadNews:
    """How far an upload is: `done` and `total` in bytes; while it is waiting, `note` says why and `wait_s` how long."""

    stage: Stage
    done: int = 0
    total: int = 0
    note: str = ""
    wait_s: float = 0.0


Tell = Callable[[UploadNews], None]


@dataclass(frozen=True)
class Receipt:
    """What arrived: the commit that is tagged, files and bytes in it, and what its sender should know."""

    url: str
    commit: str
    files: int
    total: int
    notes: tuple[str, ...] = ()


class Progress:
    """A count of bytes: those of files that are settled, and those on their way, as far as the client counts them."""

    def __init__(self, tell: Tell) -> None:
        self.total = self._settled = self._sent = 0
        self._tell, self._told_s, self._sending = tell, 0.0, False

    def begin(self, total: int) -> None:
        """Say how many bytes there are in all."""
        self.total, self._sent, self._sending = total, 0, True
        self.on_sent(0)

    def on_sent(self, count: int) -> None:
        """Take note of bytes that went out. What is only said about files is counted too, so this is a little more."""
        self._sent += count
        if self._sending and time.monotonic() - self._told_s >= _EVERY_S:
            self._told_s = time.monotonic()
            self._tell(UploadNews("sending", min(self._settled + self._sent, self.total), self.total))

    def settle(self, count: int) -> None:
        """Take note of files that need not be sent any more, this size in all."""
        self._settled, self._sent, self._told_s = self._settled + count, 0, 0.0
        self.on_sent(0)

    def all_sent(self) -> None:
        """Say that everything is there and is looked at now."""
        self._sending = False
        self._tell(UploadNews("checking", self.total, self.total))
