"""The parts that are bought: servo, horn, screws, cable. Drawn in millimetres. No I/O.

The STS3215's size, 45.4 x 24.8 x 39.6 mm with its horns and 10.2 mm from the axis to the nearer end, is that of the
public drawings ([TRS] in `armchair_core.so101.kinematics`); the rest follows photographs.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import numpy as np

from armchair_sim.scene.fine.mesh import Mesh, join
from armchair_sim.scene.fine.outline import rectangle
from armchair_sim.scene.fine.solids import block, extrude
from armchair_sim.scene.fine.sweeps import disc, lathe

type Look = dict[str, Mesh]  # by the name of its finish: see `finishes`
type Piece = tuple[str, Mesh]  # its finish, and itself

_TO_END_MM, _LONG_MM, _WIDE_MM = 10.2, 45.4, 24.8
_CASE_MM, HORN_FACE_MM = 17.6, 19.8  # from the middle, along the axis: the case's end and the horn's
_HORN_MM, _SCREW_CIRCLE_MM = 10.0, 7.0
_SOCKET_MM = 2.2  # the radius from which on a screw's socket is to be seen
MIDDLE = 0.42  # y of the middle of the servos that lift and bend: to the left of the pan axis [TRS]
RIGHT, LEFT = MIDDLE - HORN_FACE_MM - 0.3, MIDDLE + HORN_FACE_MM + 0.3  # y where forks begin beside them


def look(*pieces: Piece) -> Look:
    """Return the pieces (finish, mesh), one mesh a finish."""
    found: defaultdict[str, list[Mesh]] = defaultdict(list)
    for finish, mesh in pieces:
        found[finish].append(mesh)
    return {finish: join(meshes) for finish, meshes in found.items()}


def servo(middle: Sequence[float], axis: Sequence[float], end: Sequence[float], label: int = 1) -> list[Piece]:
    """Return a servo whose axis runs through `middle`, half-way between its horns.

    `axis` points to the driven horn, `end` to the end of the case that is nearer to the axis: unit vectors. `label` is
    the side across both on which the sticker is, 1 or -1.
    """
    turn = np.column_stack([end, np.cross(axis, end), axis]).astype(float)
    return [(finish, mesh.placed(turn, np.array(middle, float))) for finish, mesh in _servo(label)]


@cache
def _servo(label: int) -> list[Piece]:
    """The servo with its axis along z, its near end towards x."""
    back, half = _TO_END_MM - _LONG_MM, _WIDE_MM / 2
    shells = [  # lower lid, body, gear box: the seams between them are what is left of their bevels
        block((back, -half, low), (_TO_END_MM, half, high), 1.6, 0.7)
        for low, high in ((-_CASE_MM, -9.5), (-9.5, 7.0), (7.0, _CASE_MM))
    ]
    corners = [(x, y) for x in (back + 3, _TO_END_MM - 3) for y in (-half + 3, half - 3)]
    plug = block((back + 4, -7.5, -_CASE_MM - 1.8), (back + 10, 7.5, -_CASE_MM + 0.5), 0.5)
    sticker = extrude("y", 0, 0.25, rectangle((back + 6, -7.5), (back + 30, 5.2), 1.5), bevel=0)
    bar = extrude("y", 0, 0.35, rectangle((back + 8.5, -1.5), (back + 27, 2.8)), bevel=0)
    aside = np.diag([1.0, label, 1.0])
    return [
        *(("servo", shell) for shell in shells),
        *(("metal", screw("z", (x, y, side * _CASE_MM), side * 1.4)) for x, y in corners for side in (1, -1)),
        ("servo", plug),
        ("label", sticker.placed(aside, (0, label * half, 0))),
        ("ink", bar.placed(aside, (0, label * half, 0))),
        *horn("z", (0, 0, _CASE_MM), HORN_FACE_MM - _CASE_MM),
        *horn("z", (0, 0, -_CASE_MM), _CASE_MM - HORN_FACE_MM),
    ]


def horn(along: str, at: Sequence[float], height: float) -> list[Piece]:
    """Return a round horn that stands on `at`."""
    return [("metal", disc(along, at, _HORN_MM, height, 0.5, 14))]


def screw(along: str, at: Sequence[float], radius: float) -> Mesh:
    """Return a screw's head on `at`, a large one with its socket; with a negative `radius` it looks the other way."""
    r = abs(radius)
    height, edge = 0.6 * r, [(r, 0.0), (0.8 * r, 0.6 * r)]
    edge += [(0.0, height)] if r < _SOCKET_MM else [(0.45 * r, height), (0.0, 0.2 * height)]
    return lathe(along, at, edge if radius > 0 else [(x, -z) for x, z in reversed(edge)], 8 if r > 1.5 else 6)


def fork_ends(at: Sequence[float], right: tuple[float, float], left: tuple[float, float]) -> list[Piece]:
    """Return the round ends of a fork, screwed to both horns of a servo whose axis runs along y through `at`.

    `right` and `left` are each y on the horn and how thick the end is there.
    """
    x, _, z = at
    return [
        ("printed", disc("y", (x, right[0], z), 12.0, -right[1], 1.3)),
        ("printed", disc("y", (x, left[0], z), 12.0, left[1], 1.3)),
        *horn_screws("y", (x, right[0] - right[1], z), -1),
        *horn_screws("y", (x, left[0] + left[1], z), 1),
    ]


def horn_screws(along: str, at: Sequence[float], side: int) -> list[Piece]:
    """Return the four screws that hold a printed part to a horn, and the one in the middle; `side` is 1 or -1."""
    one, other = (axis for axis in range(3) if "xyz"[axis] != along)
    found = []
    for turn in np.radians([45, 135, 225, 315]):
        place = np.array(at, float)
        place[one] += _SCREW_CIRCLE_MM * np.cos(turn)
        place[other] += _SCREW_CIRCLE_MM * np.sin(turn)
        found.append(("metal", screw(along, place.tolist(), side * 2.0)))
    return [*found, ("metal", screw(along, at, side * 2.8))]
