"""The cameras of the world: one OpenGL context for all cameras, no shadows, no multisampling.

Every camera sees a 4:3 view whatever the size asked for, as the 480 x 640 sensors on a real arm do: a 96 x 96
picture is the 480 x 640 one squeezed, so what learns on one can act on the other.
"""

import mujoco
import numpy as np

from armchair_sim.scene.renderer import Renderers

_ASPECT = 4 / 3


class Cameras:
    """Renders named cameras of one model. Owns an OpenGL context: `close()` frees it."""

    def __init__(self, model: mujoco.MjModel, height: int, width: int) -> None:
        self._renderers = Renderers(self)
        self._renderer = self._renderers.open(model, height, width)
        self.close = self._renderers.close
        draw_without_shadows(self._renderer.scene)

    @property
    def is_inherited(self) -> bool:
        """Whether another process has opened them, of which this one is a fork: they can draw no more."""
        return self._renderers.is_inherited

    def look(self, data: mujoco.MjData, camera: str) -> np.ndarray:
        """Return what `camera` sees now: uint8[height, width, 3]."""
        self._renderer.update_scene(data, camera)
        see_four_by_three(self._renderer.scene)
        return self._renderer.render()


def draw_without_shadows(scene: mujoco.MjvScene) -> None:
    """Switch off what costs a CPU more than all else together."""
    for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION, mujoco.mjtRndFlag.mjRND_HAZE):
        scene.flags[flag] = 0


def see_four_by_three(scene: mujoco.MjvScene) -> None:
    """Let the camera that has just been set see a view of 4:3, whatever its picture's shape."""
    for eye in scene.camera:
        eye.frustum_width = _ASPECT * (eye.frustum_top - eye.frustum_bottom) / 2
