"""The workspace map of an evaluation: its scenes by where the object lay at first, seen from above. No I/O.

Metres from the arm, x forward and y to its left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from armchair_robot.loop.episode import Outcome
from armchair_sim.task import REGION_X_M, REGION_Y_M

ROWS, COLUMNS = 2, 4  # of cells, each 7.5 cm square


@dataclass(frozen=True)
class Spot:
    """A scene, and where its object lay."""

    outcome: Outcome
    x_m: float
    y_m: float


@dataclass(frozen=True)
class Cell:
    """A part of the region: its corner nearest to the arm on the right, its sides, and how often it went well there."""

    x_m: float
    y_m: float
    depth_m: float
    width_m: float
    successes: int
    scenes: int


def spots(outcomes: Iterable[Outcome]) -> list[Spot]:
    """Return where the objects lay, of the outcomes that say it."""
    return [Spot(outcome, *outcome.object_at) for outcome in outcomes if outcome.object_at is not None]


def cells(spots: Sequence[Spot]) -> list[Cell]:
    """Return the region in parts, with the scenes that fell into each."""
    depth_m = (REGION_X_M[1] - REGION_X_M[0]) / ROWS
    width_m = (REGION_Y_M[1] - REGION_Y_M[0]) / COLUMNS
    made = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            x_m, y_m = REGION_X_M[0] + row * depth_m, REGION_Y_M[0] + column * width_m
            inside = [
                spot.outcome.success
                for spot in spots
                if x_m <= spot.x_m < x_m + depth_m and y_m <= spot.y_m < y_m + width_m
            ]
            made.append(Cell(x_m, y_m, depth_m, width_m, sum(inside), len(inside)))
    return made
