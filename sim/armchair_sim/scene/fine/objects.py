"""The fine objects: what lies on the table with rounded edges, of the plain geoms that the tasks add. No I/O."""

from collections.abc import Callable, Sequence

import mujoco
import numpy as np

from armchair_sim.scene.fine.mesh import Mesh
from armchair_sim.scene.fine.solids import block
from armchair_sim.scene.fine.sweeps import ball, disc

_ROUND_M = 0.0022  # the edges of a wooden cube; a thin wall's are as round as it is thick


def object_mesh(geom: mujoco.MjsGeom) -> Mesh | None:
    """Return the mesh of a plain geom in its body's frame; None for a kind that is drawn as it is."""
    made = _KINDS.get(geom.type)
    turn: np.ndarray = np.zeros(9)
    mujoco.mju_quat2Mat(turn, np.array(geom.quat))
    return made(geom.size).placed(turn.reshape(3, 3), geom.pos) if made else None


def _box(half: Sequence[float]) -> Mesh:
    radius = min(_ROUND_M, 0.9 * min(half))
    return block([-each for each in half], half, radius)


def _cylinder(size: Sequence[float]) -> Mesh:
    radius, half = size[0], size[1]
    return disc("z", (0, 0, -half), radius, 2 * half, min(_ROUND_M, radius / 3))


_KINDS: dict[mujoco.mjtGeom, Callable[[Sequence[float]], Mesh]] = {
    mujoco.mjtGeom.mjGEOM_BOX: _box,
    mujoco.mjtGeom.mjGEOM_CYLINDER: _cylinder,
    mujoco.mjtGeom.mjGEOM_SPHERE: lambda size: ball(size[0]),
}
