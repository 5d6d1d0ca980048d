"""A shared-memory slot that holds the newest value: one process writes, many read, and nobody waits.

The problem: a camera must hand over 28 MB of pictures a second without a reader ever holding up the writer, and
must outlive readers that come, go and crash. So a slot is a plain file that both sides map into memory. Python's
own `SharedMemory` will not do: before 3.13 a reader that exits takes the block away from everybody else.

A slot holds three buffers used in turn. The writer voids a buffer's counter, fills the buffer and only then
writes the counter; a reader copies the newest buffer and keeps the copy only if its counter stayed the same.
The file is made under another name and renamed into place, so whoever opens it finds it complete, and whoever
still maps an earlier one keeps that one.
"""

import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

import numpy as np

from armchair_core.errors import ArmchairError

_VERSION = 1
_BUFFERS = 3
_TRIES = 100
_HEAD = np.dtype(
    [
        ("magic", "S8"), ("version", "<u4"), ("flag", "<u4"), ("sizes", "<i8", (3,)),
        ("newest", "<u8"), ("closed", "<u8"),
    ],
    align=True,
)  # fmt: skip
_LOCK = threading.Lock()


class SharedSlot(ABC):
    """One array, its capture time and its number. Subclasses name the reads and writes.

    `create` is for the one writer and `open` for readers; every reader may also set the flag.
    """

    magic: bytes

    def __init__(self, path: Path, mapped: np.ndarray) -> None:
        self.path = path
        self._head, self._ring = mapped["head"], mapped["ring"]

    @staticmethod
    @abstractmethod
    def payload(sizes: tuple[int, int, int]) -> np.dtype:
        """Return what one buffer holds in a slot of these sizes."""

    @classmethod
    def _create(cls, path: Path, sizes: tuple[int, int, int]) -> Self:
        fresh = path.with_name(f".{path.name}.new")
        layout = cls._layout(sizes)
        fresh.write_bytes(bytes(layout.itemsize))  # a full disk is an error here, not a crash at the first write
        mapped = np.memmap(fresh, layout, "r+", shape=(1,))[0]
        mapped["head"]["version"], mapped["head"]["sizes"] = _VERSION, sizes
        mapped["head"]["magic"] = cls.magic
        fresh.chmod(0o600)
        try:
            fresh.replace(path)
        except PermissionError as error:  # Windows, while a program still maps the earlier one
            raise ArmchairError(
                f"{path} is still open in another program: close that program and try again."
            ) from error
        return cls(path, mapped)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map an existing slot.

        Raises:
            FileNotFoundError: if there is none.
            ArmchairError: if the file is something else, or of another version of this program.
        """
        head = np.fromfile(path, _HEAD, count=1)
        if len(head) and head[0]["magic"] == cls.magic and head[0]["version"] == _VERSION:
            layout = cls._layout(tuple(head[0]["sizes"].tolist()))
            if path.stat().st_size == layout.itemsize:
                return cls(path, np.memmap(path, layout, "r+", shape=(1,))[0])
        raise ArmchairError(
            f"{path} is not what this version of the program writes there: stop the twin and start it again."
        )

    @classmethod
    def _layout(cls, sizes: tuple[int, int, int]) -> np.dtype:
        buffer = np.dtype(
            [("counter", "<u8"), ("captured_ns", "<i8"), ("wall_ns", "<i8"), ("payload", cls.payload(sizes))],
            align=True,
        )
        return np.dtype([("head", _HEAD), ("ring", buffer, (_BUFFERS,))], align=True)

    @property
    def counter(self) -> int:
        """How many have been written; 0 before the first. Costs no copy."""
        return int(self._head["newest"])

    @property
    def captured_s(self) -> float | None:
        """When the newest was captured, on `time.monotonic`'s clock; None before the first. Costs no copy."""
        counter = self.counter
        return int(self._ring[counter % _BUFFERS]["captured_ns"]) / 1e9 if counter else None

    @property
    def closed(self) -> bool:
        """Whether the writer has left for good."""
        return bool(self._head["closed"])

    def close(self) -> None:
        """Tell those who still read that the writer leaves, and remove the file. Safe to call twice."""
        self._head["closed"] = 1
        try:
            self.path.unlink(missing_ok=True)
        except PermissionError:  # Windows keeps a file that a reader maps; the next `create` replaces it
            return

    def _put(self, payload: np.ndarray, captured_ns: int | None) -> None:
        counter = self.counter + 1
        buffer = self._ring[counter % _BUFFERS]
        now_ns = time.monotonic_ns()
        captured_ns = now_ns if captured_ns is None else captured_ns
        buffer["counter"] = 0
        _fence()
        buffer["payload"] = payload
        buffer["captured_ns"], buffer["wall_ns"] = captured_ns, time.time_ns() - (now_ns - captured_ns)
        _fence()
        buffer["counter"] = counter
        _fence()
        self._head["newest"] = counter

    def _take(self) -> tuple[np.ndarray, int, int, int] | None:
        """Return a copy of the newest payload, when it was captured (monotonic ns, wall ns), and its counter."""
        for _ in range(_TRIES):
            counter = self.counter
            if not counter:
                return None
            buffer = self._ring[counter % _BUFFERS]
            _fence()
            payload = buffer["payload"].copy()
            captured_ns, wall_ns = int(buffer["captured_ns"]), int(buffer["wall_ns"])
            _fence()
            if buffer["counter"] == counter:
                return payload, captured_ns, wall_ns, counter
        raise TimeoutError(f"{self.path} is overwritten faster than it can be read.")


def _fence() -> None:
    """Keep what was stored before from being seen after what is stored next, on processors that reorder.

    A lock's release followed by an acquire is such a barrier.
    """
    for _ in range(2):
        with _LOCK:
            pass
