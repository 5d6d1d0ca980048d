"""The arm's links: upper arm, forearm and wrist, in millimetres. No I/O.

Drawn as base and shoulder are (`arm_base`), from the joint that moves each, but y from the arm's middle. A link clasps
the servo before it with a fork, at both horns, and holds its own in a box.
"""

from armchair_sim.scene.fine.outline import rounded
from armchair_sim.scene.fine.servo_parts import LEFT, MIDDLE, RIGHT, Look, fork_ends, look, screw, servo
from armchair_sim.scene.fine.solids import extrude
from armchair_sim.scene.fine.sweeps import tube


def upper_arm() -> Look:
    """Return the link from the shoulder's servo to the elbow's."""
    right, left = RIGHT - 9, LEFT + 11
    u = rounded(
        (right, 0), (RIGHT, 0), (RIGHT, 26, 12), (-10, 38, 12), (10.8, 38, 12), (LEFT, 26, 12), (LEFT, 0), (left, 0),
        (left, 62, 40), (22, 92, 30), (22, 102), (-21.2, 102), (-21.2, 92, 30), (right, 62, 40),
    )  # fmt: skip
    window = rounded((-9, 54, 8), (9.8, 54, 8), (12.5, 84, 8), (-11.7, 84, 8))
    box = rounded(
        (-11.5, 92, 6),
        (2, 88, 12),
        (34, 95.5, 4),
        (38, 99.6),
        (11, 99.6),
        (11, 125.4),
        (38, 125.4),
        (34, 130, 4),
        (-4, 130, 10),
        (-11.5, 122, 8),
    )
    cheek = rounded(
        (-11.5, 92, 8), (8, 90, 8), (13.5, 101, 8), (13.5, 124, 8), (8, 130, 6), (-4, 130, 10), (-11.5, 120, 8)
    )
    return look(
        *fork_ends((0, 0, 0), (RIGHT, 9), (LEFT, 11)),
        ("printed", extrude("x", -9.5, 9.5, u, window, bevel=2.2)),
        ("printed", extrude("y", -17.2, 18, box, bevel=1.6)),
        *(("printed", extrude("y", low, low + 5, cheek, bevel=1.6)) for low in (-22.3, 18.1)),
        *(("metal", screw("y", (4, y, z), 2.2 * side)) for y, side in ((-22.3, -1), (23.1, 1)) for z in (103, 121)),
        *servo((28, MIDDLE, 112.57), (0, -1, 0), (1, 0, 0)),
        ("wire", tube([(-8, 6, 14), (-14, 7, 30), (-14, 8, 60), (-12, 8, 84), (-14, 7, 104), (-12, 6, 118)], 1.6)),
    )


def lower_arm() -> Look:
    """Return the forearm, from the elbow's servo to that of the wrist."""
    right, left = RIGHT - 8.5, LEFT + 10.5
    u = rounded(
        (0, right), (0, RIGHT), (27, RIGHT, 12), (40, -10, 12), (40, 10.8, 12), (27, LEFT, 12), (0, LEFT), (0, left),
        (56, left, 40), (88, 22, 40), (102, 22), (102, -21.2), (88, -21.2, 40), (56, right, 40),
    )  # fmt: skip
    window = rounded((54, -9, 8), (54, 9.8, 8), (86, 12.5, 8), (86, -11.7, 8))
    box = rounded(
        (94, -12, 6),
        (142, -12.5, 4),
        (145, -7.9),
        (118, -7.9),
        (118, 18.2),
        (145, 18.2),
        (142, 21.9, 4),
        (104, 21.9, 8),
        (94, 15, 8),
    )
    cheek = rounded(
        (92, -10, 10),
        (104, -14.5, 8),
        (118, -14.5, 6),
        (120.5, -4, 8),
        (120.5, 15, 8),
        (114, 21.9, 6),
        (102, 21.9, 8),
        (92, 12, 8),
    )
    spine = rounded((22, -8, 4), (40, -9), (96, -9), (110, -12, 3), (96, -14.8, 40), (58, -13.5, 50))
    return look(
        *fork_ends((0, 0, 0), (RIGHT, 8.5), (LEFT, 10.5)),
        ("printed", extrude("z", -9.5, 9.5, u, window, bevel=2.2)),
        ("printed", extrude("y", -17.2, 18, box, bevel=1.6)),
        ("printed", extrude("y", -16, -10, spine, bevel=1.5)),
        ("printed", extrude("y", 10.8, 16.8, spine, bevel=1.5)),
        *(("printed", extrude("y", low, low + 5, cheek, bevel=1.6)) for low in (-22.3, 18.1)),
        *(("metal", screw("y", (108, y, z), 2.2 * side)) for y, side in ((-22.3, -1), (23.1, 1)) for z in (-6, 14)),
        *servo((134.9, MIDDLE, 5.2), (0, -1, 0), (1, 0, 0)),
        ("wire", tube([(12, 6, 9), (30, 7, 15), (60, 8, 13), (86, 8, 14), (104, 6, 25), (116, 5, 20)], 1.6)),
    )


def wrist() -> Look:
    """Return the link that clasps the wrist's servo and carries the one that rolls the gripper."""
    u = rounded(
        (0, RIGHT - 7),
        (0, RIGHT),
        (17, RIGHT, 4),
        (17, LEFT, 4),
        (0, LEFT),
        (0, LEFT + 8),
        (16, 33, 9),
        (22.4, 30, 3),
        (22.4, -26, 3),
        (15, RIGHT - 7, 9),
    )
    plate = rounded((-26, -13, 6), (33, -15.4, 6), (33, 15.4, 6), (-26, 13, 6))
    lip = rounded((21, -8, 2), (40, -8, 9), (52, 0, 9), (52, 26, 9), (40, 34, 9), (21, 34, 2))
    return look(
        *fork_ends((0, 0, 0), (RIGHT, 7), (LEFT, 8)),
        ("printed", extrude("z", -9.5, 9.5, u, bevel=2.0)),
        ("printed", extrude("x", 17.2, 22.3, plate, bevel=1.5)),
        *(("printed", extrude("z", low, low + 3.4, lip, bevel=1.1)) for low in (-15.9, 12.6)),
        (
            "printed",
            extrude(
                "y", -14.2, -10.9, rounded((21, -12), (40, -12, 10), (48, 0, 8), (40, 12, 10), (21, 12)), bevel=1.1
            ),
        ),
        *(("metal", screw("z", (44, y, 16.0), 2.0)) for y in (4, 24)),
        *(("metal", screw("z", (44, y, -15.9), -2.0)) for y in (4, 24)),
        *servo((42.4, -0.18, 0), (1, 0, 0), (0, -1, 0)),
        ("wire", tube([(6, 12, 11), (10, 20, 19), (24, 26, 21), (36, 28, 17), (42, 28, 13)], 1.5)),
    )
