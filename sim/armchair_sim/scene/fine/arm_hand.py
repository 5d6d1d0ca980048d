"""The arm's hand: the gripper with its fixed jaw and camera, and the moving jaw, in millimetres. No I/O.

Drawn from the joint that moves each, in the gripper's own directions: x along the approach, y left, z to where the jaw
opens; y from the gripper's middle. The jaws' faces are where the simulated pads are (`arm_model`).
"""

import numpy as np

from armchair_sim.scene.arm_model import WRIST_EYE_M, WRIST_TILT_RAD
from armchair_sim.scene.fine.mesh import Mesh
from armchair_sim.scene.fine.outline import rounded
from armchair_sim.scene.fine.servo_parts import HORN_FACE_MM, Look, Piece, horn_screws, look, screw, servo
from armchair_sim.scene.fine.solids import block, extrude
from armchair_sim.scene.fine.sweeps import disc

_FIXED_FACE = -7.9  # of the pad on the fixed jaw; it reaches from 61.4 to 104.4 along the approach
_MOVING_FACE = (37.4, -5.0), (80.0, -12.7)  # the moving pad's face, (x, z) from the jaw's axis when that is at zero


def gripper() -> Look:
    """Return the gripper's housing with its servo, the fixed jaw (a long flat finger with ribs) and the camera."""
    plate = rounded((-24, -33, 8), (20, -33, 8), (22.5, 14, 10), (14, 29, 10), (-14, 29, 10), (-26, 14, 10))
    floor = rounded(
        (2, -17, 3), (34, -17, 2), (44, -12, 4), (60, -12), (60, -14), (40, -32, 16), (12, -35, 8), (2, -33, 4)
    )
    finger = rounded(
        (32, -26, 6),
        (50, -24, 14),
        (74, -11.5, 30),
        (104.4, -10.5, 7),
        (104.4, 10.5, 7),
        (74, 11.5, 30),
        (50, 21, 14),
        (32, 23, 6),
    )
    rib = rounded((34, -12), (100, -12), (101, -13.5, 1), (74, -20, 40), (48, -31, 20), (34, -34, 6))
    hole = rounded((46, -15.5, 2), (66, -15.5, 2), (48, -24, 3))
    cheek = rounded((2, -30, 3), (30, -33, 10), (40, -24, 8), (36, -13, 5), (10, -13, 5), (8, 18, 8), (2, 24, 3))
    return look(
        ("printed", disc("x", (0.3, 0, 0), 15.5, 4, 1.0)),
        ("printed", extrude("x", 3.5, 9.0, plate, bevel=1.6)),
        *(("printed", extrude("y", low, low + 4, cheek, bevel=1.3)) for low in (-26.5, 18.8)),
        ("printed", extrude("y", -23, 19.5, floor, bevel=1.2)),
        ("printed", extrude("z", -12.4, _FIXED_FACE - 1.2, finger, bevel=1.2)),
        *(("printed", extrude("y", y - 1.7, y + 1.7, rib, hole, bevel=0.8)) for y in (-9.0, 8.6)),
        ("pad", _pad((62, _FIXED_FACE), (103, _FIXED_FACE), 1)),
        *horn_screws("x", (9.0, 0, 0), 1),
        *(("metal", screw("y", (18, -26.5, z), -2.0)) for z in (-28, -18)),
        *servo((23.4, 0.1, 20.2), (0, 1, 0), (0, 0, 1)),
        *_camera(),
    )


def _pad(start: tuple[float, float], end: tuple[float, float], side: int) -> Mesh:
    """A jaw's pad, ribbed across: from `start` to `end`, (x, z) on its face, with its back on the other side."""
    (x, z), (far, top) = start, end
    along = np.array([far - x, top - z])
    long = float(np.linalg.norm(along))
    along /= long
    teeth = np.linspace(0, long, 2 * round(long / 2.6) + 1)
    face = np.column_stack([teeth, np.where(np.arange(len(teeth)) % 2, 0.0, -0.55)])
    flat = np.concatenate([[(0, -1.6)], face, [(long, -1.6)]])[::-1]
    across = np.array([-along[1], along[0]]) * side
    outline = np.array([x, z]) + flat[:, :1] * along + flat[:, 1:] * across
    return extrude("y", -10.2, 10.2, outline if side > 0 else outline[::-1], bevel=0.3)


def _camera() -> list[Piece]:
    """The wrist camera on its bracket, behind the eye from which it is simulated (`arm_model`)."""
    c, s = np.cos(WRIST_TILT_RAD), np.sin(WRIST_TILT_RAD)
    # Its own x across, y up in the picture, z back from what it sees; in the gripper's x, y, z of this drawing.
    turn = np.array([[0, -s, -c], [0, c, -s], [1, 0, 0]])
    across, up, back = WRIST_EYE_M
    eye = 1000 * np.array([-back, up, across])
    parts = [
        ("servo", disc("z", (0, 0, 1.5), 6.5, 9, 1.0)),
        ("metal", disc("z", (0, 0, 0.5), 4.2, 2, 0.4)),
        ("board", block((-14, -14, 10), (14, 14, 11.6), 1.5, 0.4)),
        ("printed", block((-16, -16, 11.6), (16, 16, 15), 4, 1.2)),
        *(("metal", screw("z", (x, y, 10), -1.6)) for x in (-11.5, 11.5) for y in (-11.5, 11.5)),
    ]
    arm = rounded((4, 20), (9, 20, 2), (30, 44, 12), (40.5, 56, 3), (34.5, 63, 3), (10, 40, 22), (4, 28, 6))
    return [
        *((finish, mesh.placed(turn, eye)) for finish, mesh in parts),
        ("printed", extrude("z", -11, 11, arm, bevel=1.2)),
    ]


def moving_jaw() -> Look:
    """Return the moving jaw: two cheeks at the servo's horns that meet in a curved claw."""
    (x, z), (tip, low) = _MOVING_FACE
    right, left = -HORN_FACE_MM - 0.2, HORN_FACE_MM + 0.4
    yoke = rounded(
        (0, right - 4.1), (0, right), (14, right, 5), (17.5, -12, 6), (17.5, 12, 6), (14, left, 5),
        (0, left), (0, left + 4), (26, left + 3.6, 14), (50, 10.6, 20), (50, -10.6, 20), (26, right - 3.7, 14),
    )  # fmt: skip
    claw = rounded(
        (16, -7, 4), (24, -3.5, 10), (x - 2, z + 2.4, 8), (x, z + 1.2), (tip, low + 1.2), (82, low + 2.5, 1.5),
        (76, -2.5, 26), (58, 7.5, 34), (34, 10, 30), (16, 8, 4),
    )  # fmt: skip
    windows = [
        rounded((26, 0.5, 2.5), (39, -0.5, 2.5), (40, 5, 3), (27, 5.5, 2.5)),
        rounded((45, -1.5, 2.5), (60, -5, 2), (57, 2.5, 4), (46, 4.5, 2.5)),
    ]
    return look(
        *(("printed", disc("y", (0, y, 0), 10.0, thick, 1.2)) for y, thick in ((right, -4.0), (left, 4.0))),
        ("printed", extrude("z", -6.0, 6.5, yoke, bevel=1.8)),
        ("printed", extrude("y", -11, 11, claw, *windows, bevel=1.6)),
        ("pad", _pad((x + 0.6, z), (tip - 0.6, low), -1)),
        *horn_screws("y", (0, right - 4.0, 0), -1),
        *horn_screws("y", (0, left + 4.0, 0), 1),
    )
