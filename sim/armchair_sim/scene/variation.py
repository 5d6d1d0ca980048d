"""The variation of a world: in what one desk differs from another. No I/O.

A variation goes beyond what differs from scene to scene anyway (see `lighting`). What it draws by chance it draws from
the scene's seed, so that the same seed is the same scene under the same variation, bit for bit.
"""

from collections.abc import Callable, Sequence
from colorsys import hsv_to_rgb, rgb_to_hsv
from dataclasses import dataclass, replace

import mujoco
import numpy as np

from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.scene.desks.clutter import add_clutter, paint_clutter, scatter
from armchair_sim.scene.desks.lens import Lens
from armchair_sim.scene.desks.patterns import PATTERNS, add_patterns
from armchair_sim.scene.servo import ServoConfig
from armchair_sim.scene.shapes import PAD, PRINTED

# Keep what each part draws apart from each other and from all else in a scene.
_CAMERA_STREAM, _PATTERN_STREAM, _CLUTTER_STREAM, _LENS_STREAM, _DRAW_STREAM = 17, 23, 29, 31, 37
_CLUTTER_RGB = ((0.15, 0.35, 0.75), (0.15, 0.55, 0.25), (0.85, 0.75, 0.20), (0.85, 0.85, 0.82))

type Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Variation:
    """In what the world differs. The defaults change nothing; `sentence` says it to people.

    `camera` is how far the front and the wrist camera are moved (metres) and turned (degrees), in any direction, anew
    in each scene. `light` and `warmth` are factors on all light and on its red (and, the other way, its blue).
    `object_hue` is a share of the colour circle by which the object's colour is turned, `object_rgb` another colour;
    `size` is a factor on its edges, `height` one more on a box's, and `is_round` makes a box a cylinder. `room_rgb` are
    the colours of table and mat, with `has_patterns` under a pattern drawn for each scene; `arm_rgb` is the arm's.
    `things` lie about, of which a scene may have `lying` only. `push_n` is the strength of the pushes at the gripper,
    in newtons. With `draw`, each scene has a variation of its own.
    """

    name: str
    sentence: str
    camera: tuple[tuple[float, float], tuple[float, float]] | None = None
    light: float = 1.0
    warmth: float = 1.0
    object_hue: float = 0.0
    object_rgb: Colour | None = None
    room_rgb: tuple[Colour, Colour] | None = None
    has_patterns: bool = False
    arm_rgb: Colour | None = None
    size: float = 1.0
    height: float = 1.0
    is_round: bool = False
    things: int = 0
    lying: int | None = None
    things_rgb: Sequence[Colour] = _CLUTTER_RGB
    lens: Lens | None = None
    delay_s: float | None = None
    backlash_deg: float | None = None
    push_n: float = 0.0
    draw: "Callable[[Variation, np.random.Generator, bool], Variation] | None" = None

    def at(self, seed: int, colour_decides: bool = False) -> "Variation":
        """Return the variation of the scene of `seed`; `colour_decides` says that the task goes by the object's."""
        if self.draw is None:
            return self
        return replace(self.draw(self, np.random.default_rng([seed, _DRAW_STREAM]), colour_decides), draw=None)

    def shape(self, spec: mujoco.MjSpec) -> None:
        """Give the object its size and shape, before the world is compiled; its mass goes with its volume."""
        for geom in spec.worldbody.bodies[1].geoms:
            _shape(geom, self)
        add_clutter(spec, self.things)
        if self.has_patterns:
            add_patterns(spec)

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
        self._paint_object(model)
        for name, rgb in zip(("table", "mat"), self.room_rgb or (), strict=False):
            model.geom(name).rgba[:3] = rgb
        if self.arm_rgb is not None:
            _paint_arm(model, np.array(self.arm_rgb))
        if self.has_patterns:
            _lay_patterns(model, np.random.default_rng([seed, _PATTERN_STREAM]))
        paint_clutter(model, self.things_rgb[: self.things])

    def litter(self, model: mujoco.MjModel, data: mujoco.MjData, seed: int) -> None:
        """Put what lies about where it lies in the scene of `seed`, whose objects are in their places."""
        if self.things:
            first = object_body(model)
            taken = data.xpos[first : model.nbody - self.things]
            lying = self.things if self.lying is None else self.lying
            scatter(model, data, list(taken), lying, np.random.default_rng([seed, _CLUTTER_STREAM]))

    def expose(self, picture: np.ndarray, camera: str, seed: int, tick: int) -> np.ndarray:
        """Return what `camera` makes of `picture`, uint8[H, W, 3], at a tick of the scene of `seed`."""
        if self.lens is None:
            return picture
        return self.lens.expose(picture, np.random.default_rng([seed, _LENS_STREAM, tick, CAMERAS.index(camera)]))

    def _paint_object(self, model: mujoco.MjModel) -> None:
        body = object_body(model)
        if self.object_rgb is not None:
            model.geom_rgba[model.body_geomadr[body], :3] = self.object_rgb
        for geom in np.flatnonzero(model.geom_bodyid == body) if self.object_hue else ():
            hue, saturation, value = rgb_to_hsv(*model.geom_rgba[geom, :3])
            model.geom_rgba[geom, :3] = hsv_to_rgb((hue + self.object_hue) % 1, saturation, value)


NOMINAL = Variation("nominal", "as it was recorded")


def _shape(geom: mujoco.MjsGeom, variation: Variation) -> None:
    if variation.size != 1.0:
        geom.size = np.array(geom.size) * variation.size
        geom.mass *= variation.size**3
    if geom.type != mujoco.mjtGeom.mjGEOM_BOX:
        return
    if variation.height != 1.0:
        geom.size = np.array(geom.size) * [1, 1, variation.height]
        geom.mass *= variation.height
    if variation.is_round:
        geom.type = mujoco.mjtGeom.mjGEOM_CYLINDER
        geom.size = [geom.size[0], geom.size[2], 0]
        geom.mass *= np.pi / 4


def _move_cameras(model: mujoco.MjModel, moves: Sequence[tuple[float, float]], rng: np.random.Generator) -> None:
    for name, (metres, degrees) in zip(CAMERAS, moves, strict=True):
        camera = model.camera(name)
        camera.pos[:] = camera.pos + metres * direction(rng)
        turn, turned = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, direction(rng), np.radians(degrees))
        mujoco.mju_mulQuat(turned, camera.quat, turn)
        camera.quat[:] = turned


def _paint_arm(model: mujoco.MjModel, rgb: np.ndarray) -> None:
    """Print the arm in another colour; its pads are a little darker, as they are in yellow."""
    for colour, painted in ((PRINTED, rgb), (PAD, rgb * PAD[0] / PRINTED[0])):
        model.geom_rgba[np.isclose(model.geom_rgba, colour, atol=1e-6).all(axis=1), :3] = painted


def _lay_patterns(model: mujoco.MjModel, rng: np.random.Generator) -> None:
    """Give table and mat a pattern each, or one of them none."""
    for name in ("table", "mat"):
        choice = rng.choice([*PATTERNS, ""])
        model.geom(name).matid[:] = model.material(choice).id if choice else -1


def object_body(model: mujoco.MjModel) -> int:
    """Return the number of the body that a task is about: the first that it adds to the world, after the arm."""
    return int(np.flatnonzero(model.body_parentid == 0)[2])


def direction(rng: np.random.Generator) -> np.ndarray:
    """Return a unit vector, float64[3], every direction with the same chance."""
    vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)
