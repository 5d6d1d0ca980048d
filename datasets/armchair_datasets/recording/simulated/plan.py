"""The plan of a simulated recording, and the request that it is made from. No I/O."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from armchair_core.processes.parallel import Workers


@dataclass(frozen=True)
class RecordingPlan:
    """What decides a dataset: the same plan gives the same one, byte for byte, on any number of cores.

    `seed` is the first scene's, `height` and `width` the pictures' in pixels; `disturbed` says whether the arm
    was pushed off the expert's way, `desks` on which of `armchair_sim.scene.variations.DESKS` it stood.
    """

    task: str
    hand: str
    episodes: int
    seed: int
    height: int
    width: int
    disturbed: bool
    desks: str = "usual"

    def as_told(self) -> dict[str, Any]:
        """Return the plan as JSON holds it; on the usual desk in the words of recordings that knew no other."""
        told = asdict(self)
        return told if self.desks != "usual" else {name: told[name] for name in told if name != "desks"}


@dataclass(frozen=True)
class SimulatedRecordingRequest:
    """What a recording is asked for: `episodes` successful ones of the teleoperator `hand` doing `task`.

    `seed` is the first scene's: None for 0, or for the first that the dataset `out` does not have. `height` and
    `width` are the pictures' in pixels; `disturb` pushes the arm off its way now and then; `desks` is usual, or varied.
    `resume` goes on with an interrupted recording of the same request, `append` adds to the dataset `out`.
    """

    task: str
    hand: str
    episodes: int
    seed: int | None
    out: Path
    height: int = 96
    width: int = 96
    workers: Workers = None
    disturb: bool = True
    desks: str = "usual"
    resume: bool = False
    append: bool = False

    def plan(self, seed: int) -> RecordingPlan:
        """Return the plan of a recording whose first scene is `seed`'s."""
        return RecordingPlan(
            self.task, self.hand, self.episodes, seed, self.height, self.width, self.disturb, self.desks
        )
