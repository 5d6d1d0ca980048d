"""The display: pictures of a world for people, in the fine level, with a soft shadow and smooth edges.

It has a model of its own, posed, lit and coloured as the world's: nothing of it can change what happens there, or the
pictures that policies see. Films and `env.render()` are made by it. The twin's cameras, which policies and recordings
read, stay as plain as those of the world.
"""

import mujoco
import numpy as np

from armchair_sim.scene.cameras import draw_without_shadows, see_four_by_three
from armchair_sim.scene.fine.level import FINE_GROUP, TOP, take_colours
from armchair_sim.scene.fine.soft_shadow import PIXELS, SoftShadow
from armchair_sim.scene.renderer import Renderers
from armchair_sim.scene.variation import NOMINAL, Variation
from armchair_sim.scene.world import SceneTask, World, build_model

HEIGHT, WIDTH = 480, 640
_LIGHTS = ("light_diffuse", "light_dir", "cam_pos", "cam_quat")
_SAMPLES = 4  # a pixel
_ROOM = 0.75  # of the room's light: what comes from everywhere shows no shape


class Display:
    """Draws worlds of one task. Owns two OpenGL contexts: `close()` frees them."""

    def __init__(self, task: SceneTask, variation: Variation = NOMINAL) -> None:
        self._task = task
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = 0
        self._option.geomgroup[FINE_GROUP] = 1
        self._renderers = Renderers(self)
        self._open(variation)

    def _open(self, desk: Variation) -> None:
        self._desk = desk
        self._model = build_model(self._task, desk, fine=True)
        self._data = mujoco.MjData(self._model)
        self._shadow = SoftShadow(self._renderers.open(self._model, PIXELS, PIXELS), self._option)
        self._model.vis.quality.offsamples = _SAMPLES
        self._renderer = self._renderers.open(self._model, HEIGHT, WIDTH)
        draw_without_shadows(self._renderer.scene)
        self._colours = b""
        self._top = np.zeros(0, np.uint8)

    @property
    def is_inherited(self) -> bool:
        """Whether another process has opened it, of which this one is a fork: it can draw no more."""
        return self._renderers.is_inherited

    def close(self) -> None:
        """Free the contexts. Safe to call twice."""
        self._renderers.close()

    def look(self, world: World, camera: str = "front") -> np.ndarray:
        """Return what people see of `world` from a camera of it: uint8[480, 640, 3]. 50 ms; a second at a new desk."""
        if world.desk is not self._desk:
            self._renderers.close()
            self._renderers = Renderers(self)
            self._open(world.desk)
        self._take_over(world.model, world.data)
        self._lay(self._shadow.darken(self._top, self._data))
        self._renderer.update_scene(self._data, camera, self._option)
        see_four_by_three(self._renderer.scene)
        return self._renderer.render()

    def _take_over(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        for name in _LIGHTS:
            getattr(self._model, name)[:] = getattr(model, name)
        ours, theirs = self._model.vis.headlight, model.vis.headlight
        ours.ambient[:], ours.diffuse[:] = _ROOM * theirs.ambient, theirs.diffuse
        if (colours := model.geom_rgba.tobytes()) != self._colours:
            self._colours, self._top = colours, take_colours(self._model, model)
        self._data.qpos[:] = data.qpos
        self._data.mocap_pos[:], self._data.mocap_quat[:] = data.mocap_pos, data.mocap_quat
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)

    def _lay(self, top: np.ndarray) -> None:
        """Show the picture `top` on the table."""
        texture = self._model.texture(TOP)
        self._model.tex_data[texture.adr[0] : texture.adr[0] + top.size] = top.ravel()
        self._renderers.upload(self._renderer, texture.id)
