"""Findings: what a rule found, and the words for stretches of frames."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Level = Literal["good", "odd", "bad"]
LEVELS: tuple[Level, ...] = ("good", "odd", "bad")  # from best to worst


@dataclass(frozen=True)
class Finding:
    """One fault: `words` is a sentence without its full stop, `frames` the first and the one after the last.

    ``bad`` spoils what is learnt from the episode; ``odd`` is worth a look.
    """

    rule: str
    level: Level
    words: str
    frames: tuple[int, int] | None = None

    @property
    def sentence(self) -> str:
        """`words` with a capital and a full stop."""
        return f"{self.words[:1].upper()}{self.words[1:]}."


def worst(levels: list[Level]) -> Level:
    """Return the worst of them, ``good`` if there are none."""
    return max(levels, key=LEVELS.index, default="good")


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return where bool[frames] is true without a break: (first, one after the last) of each stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]])))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def longest(mask: np.ndarray) -> tuple[int, int]:
    """Return the longest stretch of `runs`; (0, 0) if there is none."""
    return max(runs(mask), key=lambda run: run[1] - run[0], default=(0, 0))


def counted(frames: int, fps: float) -> str:
    """Return so many frames in words: ``41 frames (1.4 s)``."""
    return f"{frames} {'frame' if frames == 1 else 'frames'} ({frames / fps:.1f} s)"


def since(frame: int, fps: float) -> str:
    """Return from when on in words: ``from second 3.2 on``."""
    return f"from second {frame / fps:.1f} on" if frame else "from the start on"


def at(frame: int, fps: float) -> str:
    """Return when in words: ``at second 3.2``."""
    return f"at second {frame / fps:.1f}"
