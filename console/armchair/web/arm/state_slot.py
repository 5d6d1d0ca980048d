"""The state slot: the newest state of the arm as JSON in shared memory; its process writes and waits for nobody."""

import json
from pathlib import Path
from typing import Any, Self

import numpy as np

from armchair_core.processes.shared_slot import SharedSlot

_BYTES = 16384


class PageStateSlot(SharedSlot):
    """The slot of one JSON object of at most 16 kB."""

    magic = b"ARMNEWS1"

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make the slot, in place of an earlier one."""
        return cls._create(path, (_BYTES, 0, 0))

    @staticmethod
    def payload(sizes: tuple[int, int, int]) -> np.dtype:
        """Return what one buffer holds: as many bytes."""
        return np.dtype(("u1", (sizes[0],)))

    def write(self, state: dict[str, Any]) -> None:
        """Show `state`, which JSON can hold."""
        text = json.dumps(state, separators=(",", ":")).encode()
        self._put(np.frombuffer(text.ljust(_BYTES), np.uint8), None)

    def read(self) -> dict[str, Any] | None:
        """Return what was written last; None before the first."""
        taken = self._take()
        return None if taken is None else json.loads(taken[0].tobytes())
