"""Clutter: things that lie about on the table and are none of the task's business. No I/O."""

from collections.abc import Sequence
from math import hypot, pi

import mujoco
import numpy as np

from armchair_sim.scene.arm_model import OBJECT_CONAFFINITY, OBJECT_CONTYPE

_KINDS = (  # a lid, an eraser, a marble, a battery that stands: half sizes in metres, as MuJoCo takes them
    (mujoco.mjtGeom.mjGEOM_CYLINDER, (0.016, 0.005, 0.0)),
    (mujoco.mjtGeom.mjGEOM_BOX, (0.021, 0.009, 0.006)),
    (mujoco.mjtGeom.mjGEOM_SPHERE, (0.010, 0.0, 0.0)),
    (mujoco.mjtGeom.mjGEOM_CYLINDER, (0.007, 0.015, 0.0)),
)
MOST = len(_KINDS)
_MASS_KG = 0.012
_X_M, _Y_M = (0.13, 0.33), (-0.20, 0.20)  # the region where objects land, and a margin
_APART_M = 0.085  # from the middle of whatever else lies there: a bin's half diagonal, or room for the open jaws
_TRIES = 200


def add_clutter(spec: mujoco.MjSpec, things: int) -> None:
    """Add so many things to `spec`, after the task's own objects."""
    for number in range(things):
        kind, size = _KINDS[number]
        body = spec.worldbody.add_body(name=_name(number), pos=(0, 0, -1.0 - number), gravcomp=1)
        body.add_freejoint(name=_name(number))
        body.add_geom(
            name=_name(number), type=kind, size=size, mass=_MASS_KG, rgba=(0.5, 0.5, 0.5, 1.0),
            contype=OBJECT_CONTYPE, conaffinity=OBJECT_CONAFFINITY, condim=6, friction=[0.8, 0.005, 0.002],
        )  # fmt: skip


def paint_clutter(model: mujoco.MjModel, colours: Sequence[tuple[float, float, float]]) -> None:
    """Give the things their colours, one each."""
    for number, rgb in enumerate(colours):
        model.geom(_name(number)).rgba[:3] = rgb


def scatter(
    model: mujoco.MjModel, data: mujoco.MjData, taken: Sequence[np.ndarray], lying: int, rng: np.random.Generator
) -> None:
    """Put `lying` things on the table, apart from what is `taken` (x, y, ... each); the others wait out of sight.

    One for which there is no room waits as well.
    """
    taken = list(taken)
    for number in range(lying):
        spot = _free_spot(taken, rng)
        if spot is None:
            return
        geom = model.geom(_name(number))
        height_m = geom.size[{2: 0, 5: 1}.get(int(geom.type[0]), 2)]  # a ball's radius, a cylinder's half length
        yaw = rng.uniform(-pi, pi)
        joint = data.joint(_name(number))
        joint.qpos[:] = [*spot, height_m, np.cos(yaw / 2), 0, 0, np.sin(yaw / 2)]
        model.body_gravcomp[model.body(_name(number)).id] = 0
        taken.append(np.array(spot))


def _free_spot(taken: Sequence[np.ndarray], rng: np.random.Generator) -> tuple[float, float] | None:
    for _ in range(_TRIES):
        x, y = rng.uniform(*_X_M), rng.uniform(*_Y_M)
        if all(hypot(x - other[0], y - other[1]) > _APART_M for other in taken):
            return x, y
    return None


def _name(number: int) -> str:
    return f"clutter {number}"
