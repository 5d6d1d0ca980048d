"""The fine arm: each link's parts, moved from where they are drawn into the frame of the link's body. No I/O."""

from collections.abc import Callable
from functools import cache
from types import MappingProxyType

import numpy as np

from armchair_core.so101 import kinematics
from armchair_sim.scene.fine import arm_base, arm_hand, arm_links
from armchair_sim.scene.fine.mesh import Mesh
from armchair_sim.scene.fine.servo_parts import Look

_BESIDE_MM = -1000 * kinematics.LINKS[1].pos_m[1]  # so far are the middle joints to the right of the pan axis
# Rows: where each axis of the body points in the drawing (x forward, y left, z up); and what is added, in millimetres.
_FRAMES: dict[str, tuple[Callable[[], Look], list[list[int]], tuple[float, float, float]]] = {
    "base": (arm_base.base, [[1, 0, 0], [0, 1, 0], [0, 0, 1]], (0, 0, 0)),
    "shoulder": (arm_base.shoulder, [[-1, 0, 0], [0, 1, 0], [0, 0, -1]], (0, 0, 0)),
    "upper_arm": (arm_links.upper_arm, [[0, 0, -1], [-1, 0, 0], [0, 1, 0]], (0, 0, _BESIDE_MM)),
    "lower_arm": (arm_links.lower_arm, [[-1, 0, 0], [0, 0, 1], [0, 1, 0]], (0, 0, _BESIDE_MM)),
    "wrist": (arm_links.wrist, [[0, 0, -1], [-1, 0, 0], [0, 1, 0]], (0, 0, _BESIDE_MM)),
    "gripper": (arm_hand.gripper, [[0, 0, 1], [0, 1, 0], [-1, 0, 0]], (0, 0, 0)),
    "moving_jaw": (arm_hand.moving_jaw, [[0, 0, 1], [-1, 0, 0], [0, -1, 0]], (0, 0, 18.8)),
}


@cache
def arm_meshes() -> MappingProxyType[str, dict[str, Mesh]]:
    """Return each body's meshes by finish, in metres in the body's frame. Takes some tenths of a second, once."""
    found = {}
    for body, (draw, rows, offset) in _FRAMES.items():
        turn = np.array(rows, float)
        found[body] = {finish: mesh.placed(turn, offset).scaled(1e-3) for finish, mesh in draw().items()}
    return MappingProxyType(found)
