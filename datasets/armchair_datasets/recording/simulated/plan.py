"""What a recording of a scripted hand is asked for. No I/O."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordingPlan:
    """The same plan gives the same dataset, byte for byte, on any number of cores.

    `seed` is the first scene's, `height` and `width` the images' in pixels; `disturbed` says whether the arm
    was pushed off the expert's way.
    """

    task: str
    hand: str
    episodes: int
    seed: int
    height: int
    width: int
    disturbed: bool
