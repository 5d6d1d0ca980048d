"""The arm's lower end: base and shoulder, in millimetres. No I/O.

Each is drawn where it stands when every joint is at zero: x forward, y left, z up, the base from the table, the
shoulder from its joint. Each link fills the box of the public drawings ([TRS] in `armchair_core.so101.kinematics`; a
test compares them), and its servo is where it is there.
"""

from armchair_sim.scene.fine.outline import circle, rectangle, rounded
from armchair_sim.scene.fine.servo_parts import MIDDLE, Look, Piece, horn_screws, look, screw, servo
from armchair_sim.scene.fine.solids import block, extrude
from armchair_sim.scene.fine.sweeps import disc, tube


def base() -> Look:
    """Return the foot with the board, and the servo that turns the shoulder."""
    foot = rounded(
        (64.6, 34, 12), (52, 55.5, 10), (12, 55.5, 12), (-4, 43, 14), (-31, 43, 9),
        (-31, -43, 9), (-4, -43, 14), (12, -55.5, 12), (52, -55.5, 10), (64.6, -34, 12),
    )  # fmt: skip
    holes = [circle(x, side * 47.5, 3.0, 14) for x in (22, 44) for side in (1, -1)]
    cheek = rounded((-7, 5), (34, 5), (27, 16, 6), (19, 30, 12), (19, 60, 4), (0, 60, 8), (-7, 40, 20))
    rails = [
        extrude("z", 5, 27, rectangle((-30, side * 38.5 - 2), (-4, side * 38.5 + 2), 1.5), bevel=1.2)
        for side in (1, -1)
    ]
    posts = [("metal", screw("z", (x, y, 15.9), 2.3)) for x in (-26.5, -6.5) for y in (-32, 32)]
    return look(
        ("printed", extrude("z", 0, 6.5, foot, *holes, bevel=1.6)),
        *(("printed", extrude("y", low, low + 5.2, cheek, bevel=1.4)) for low in (-17.9, 12.7)),
        ("printed", block((-7, -17, 5), (2.6, 17, 58), 3, 1.2)),
        ("printed", block((-2, -17.5, 60.5), (16, 17.5, 66), 4, 1.5)),
        ("printed", block((3, -13, 5), (24, 13, 22), 3, 1.2)),
        *(("printed", rail) for rail in rails),
        *_board(),
        *posts,
        *(("metal", screw("z", (7, y, 66), 2.2)) for y in (-12, 12)),
        *servo((38.8, 0, 43.7), (0, 0, 1), (1, 0, 0)),
        ("wire", tube([(-9, 12, 18), (-10, 12, 34), (-2, 10, 62), (8, 7, 69), (21, 4, 68), (27, 2, 64)], 1.5)),
    )


def _board() -> list[Piece]:
    """The servo adapter: a printed circuit with its chips and sockets."""
    return [
        ("board", block((-29, -35, 14.2), (-4, 35, 15.8), 1.5, 0.3)),
        *(("printed", block((x - 3, y - 3, 5), (x + 3, y + 3, 14.2), 1.5, 0.5)) for x in (-26, -7) for y in (-32, 32)),
        ("servo", block((-22, -6, 15.8), (-13, 3, 17.4), 0.3, 0.3)),
        ("servo", block((-31, -28, 15.8), (-18, -18, 26), 1.0, 0.6)),
        ("metal", block((-31, 8, 15.8), (-23.5, 17, 19), 1.2, 0.5)),
        ("label", block((-11, 5, 15.8), (-5, 16, 21.5), 0.4, 0.3)),
        ("label", block((-11, -14, 15.8), (-5, -3, 21.5), 0.4, 0.3)),
        ("metal", disc("z", (-17, 24, 15.8), 3.2, 6, 0.5)),
    ]


def shoulder() -> Look:
    """Return the bracket that clasps the pan's servo from above and below and carries the next one."""
    plate = rounded(
        (-12.2, -12.2, 12.1),
        (20, -12.2, 6),
        (28, -25, 6),
        (47, -25, 8),
        (47, 27, 8),
        (28, 27, 6),
        (20, 12.2, 6),
        (-12.2, 12.2, 12.1),
    )
    sole = rounded((-12.2, -12.2, 12.1), (20.5, -12.2, 3), (20.5, 12.2, 3), (-12.2, 12.2, 12.1))
    web = rounded((-13, -46), (13, -46), (13, -10, 12), (19, 3, 6), (-19, 3, 6), (-13, -10, 12))
    cup = rounded((12.5, -18.8, 5), (50.2, -18.8, 6), (50.2, 19.6, 6), (12.5, 19.6, 5))
    back = rounded((-18.8, 5), (19.6, 5), (19.6, 34, 6), (13, 46, 8), (-12.2, 46, 8), (-18.8, 34, 6))
    return look(
        ("printed", extrude("z", 1.5, 7, plate, bevel=1.5)),
        ("printed", extrude("z", -46, -40.5, sole, bevel=1.4)),
        ("printed", extrude("x", 14.5, 20.5, web, rectangle((-6, -36), (6, -14), 5.9), bevel=1.4)),
        ("printed", extrude("z", 5.5, 26, cup, bevel=1.6)),
        ("printed", extrude("x", 12.5, 17.4, back, rectangle((-8, 24), (8.8, 38), 5), bevel=1.4)),
        ("printed", extrude("x", 43.4, 50.2, rounded((-16, 20), (16.8, 20), (16.8, 34, 7), (-16, 34, 7)), bevel=1.6)),
        *horn_screws("z", (0, 0, 7), 1),
        *horn_screws("z", (0, 0, -46), -1),
        *(("metal", screw("x", (50.2, y, 26), 2.2)) for y in (-11, 11.8)),
        *servo((30.4, MIDDLE, 54.2), (0, -1, 0), (0, 0, 1), -1),
    )
