"""The variations of the world, each in one respect, as one desk differs from another. No I/O.

A variation goes beyond what differs from scene to scene anyway (see `lighting`). What it draws by chance it draws from
the scene's seed, so that the same seed is the same scene under the same variation, bit for bit.
"""

from collections.abc import Sequence
from colorsys import hsv_to_rgb, rgb_to_hsv
from dataclasses import dataclass, replace

import mujoco
import numpy as np

from armchair_core.errors import unknown_name
from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.scene.servo import ServoConfig

# Keep what cameras and pushes draw apart from each other and from all else in a scene.
_CAMERA_STREAM, _PUSH_STREAM = 17, 19
_PUSH_CHANCE, _PUSH_TICKS = 0.03, (6, 12)  # a tick; how long a push lasts


@dataclass(frozen=True)
class Variation:
    """One respect in which the world differs. The defaults change nothing; `sentence` says it to people.

    `camera` is how far the front and the wrist camera are moved (metres) and turned (degrees), in any direction, anew
    in each scene. `light` and `warmth` are factors on all light and on its red (and, the other way, its blue).
    `object_hue` is a share of the colour circle, `room_rgb` the colours of table and mat, `size` a factor on the
    object's edges. `push_n` is the strength of the pushes at the gripper, in newtons.
    """

    name: str
    sentence: str
    camera: tuple[tuple[float, float], tuple[float, float]] | None = None
    light: float = 1.0
    warmth: float = 1.0
    object_hue: float = 0.0
    room_rgb: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    size: float = 1.0
    delay_s: float | None = None
    backlash_deg: float | None = None
    push_n: float = 0.0

    def shape(self, spec: mujoco.MjSpec) -> None:
        """Give the object its size, before the world is compiled; its mass goes with its volume."""
        for geom in spec.worldbody.bodies[1].geoms if self.size != 1.0 else ():
            geom.size = np.array(geom.size) * self.size
            geom.mass *= self.size**3

    def servos(self, config: ServoConfig) -> ServoConfig:
        """Return the servos' configuration with this variation's delay and backlash."""
        delay_s = config.delay_s if self.delay_s is None else self.delay_s
        backlash_deg = config.backlash_deg if self.backlash_deg is None else self.backlash_deg
        return replace(config, delay_s=delay_s, backlash_deg=backlash_deg)

    def dress(self, model: mujoco.MjModel, seed: int) -> None:
        """Change the cameras, the light and the colours of the scene of `seed`, which has just got its own."""
        if self.camera:
            _move_cameras(model, self.camera, np.random.default_rng([seed, _CAMERA_STREAM]))
        tint = self.light * np.array([self.warmth, 1.0, 1 / self.warmth])
        for light in (model.vis.headlight.ambient, model.vis.headlight.diffuse, model.light_diffuse[0]):
            light *= tint
        for geom in np.flatnonzero(model.geom_bodyid == object_body(model)) if self.object_hue else ():
            hue, saturation, value = rgb_to_hsv(*model.geom_rgba[geom, :3])
            model.geom_rgba[geom, :3] = hsv_to_rgb((hue + self.object_hue) % 1, saturation, value)
        for name, rgb in zip(("table", "mat"), self.room_rgb or (), strict=False):
            model.geom(name).rgba[:3] = rgb


def _move_cameras(model: mujoco.MjModel, moves: Sequence[tuple[float, float]], rng: np.random.Generator) -> None:
    for name, (metres, degrees) in zip(CAMERAS, moves, strict=True):
        camera = model.camera(name)
        camera.pos[:] = camera.pos + metres * _direction(rng)
        turn, turned = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, _direction(rng), np.radians(degrees))
        mujoco.mju_mulQuat(turned, camera.quat, turn)
        camera.quat[:] = turned


def object_body(model: mujoco.MjModel) -> int:
    """Return the number of the body that a task is about: the first that it adds to the world, after the arm."""
    return int(np.flatnonzero(model.body_parentid == 0)[2])


class Pushes:
    """Pushes at the gripper now and then, in any direction, while it acts."""

    def __init__(self, strength_n: float, seed: int) -> None:
        self._strength_n, self._rng = strength_n, np.random.default_rng([seed, _PUSH_STREAM])
        self._ticks = 0
        self._force: np.ndarray = np.zeros(3)

    def force_n(self) -> np.ndarray:
        """Return the force on the gripper in the next tick, float64[3] in newtons."""
        if self._ticks == 0 and self._rng.random() < _PUSH_CHANCE:
            self._ticks = int(self._rng.integers(*_PUSH_TICKS))
            self._force = self._strength_n * _direction(self._rng)
        pushing = self._ticks > 0
        self._ticks -= pushing
        return self._force if pushing else np.zeros(3)


def _direction(rng: np.random.Generator) -> np.ndarray:
    """Return a unit vector, float64[3], every direction with the same chance."""
    vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)


NOMINAL = Variation("nominal", "as it was recorded")

# Each is what happens on real desks: a tripod that was touched, the evening, another cube, another table, a printed arm
# that has worn, a laptop that is busy.
ROBUST = (
    NOMINAL,
    Variation(
        "camera", "front camera moved by 2 cm and turned by 3°, wrist camera by 5 mm and 1°",
        camera=((0.02, 3.0), (0.005, 1.0)),
    ),
    Variation("light", "light half as bright, and warmer", light=0.5, warmth=1.15),
    Variation("object-colour", "object of another colour, 40° along the colour circle", object_hue=-40 / 360),
    Variation("table-colour", "grey table, green mat", room_rgb=((0.62, 0.64, 0.66), (0.24, 0.36, 0.28))),
    Variation("size", "object smaller by a sixth: a cube of 25 mm instead of 30", size=5 / 6),
    Variation("delay", "40 ms from a command to the motor, not 20", delay_s=0.04),
    Variation("backlash", "2° of free play in the gears, not 1", backlash_deg=2.0),
    Variation("pushes", "pushes of 10 N at the gripper, about one a second, while it acts", push_n=10.0),
)  # fmt: skip


def get_variation(name: str) -> Variation:
    """Return the variation called `name`.

    Raises:
        ArmchairError: if there is none; it names the nearest.
    """
    found = {variation.name: variation for variation in ROBUST}
    if name not in found:
        raise unknown_name("variation", name, found)
    return found[name]
