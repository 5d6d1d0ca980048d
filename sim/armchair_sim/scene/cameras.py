"""The cameras of the world: one OpenGL context for all cameras, no shadows, no multisampling.

Every camera sees a 4:3 view whatever the size asked for, as the 480 x 640 sensors on a real arm do: a 96 x 96
picture is the 480 x 640 one squeezed, so what learns on one can act on the other.
"""

import atexit
import os
import weakref

import mujoco
import numpy as np

from armchair_core.errors import ArmchairError
from armchair_sim.opengl import INSTALL, take_display_of_its_own, why_no_picture

_ASPECT = 4 / 3
_FINE = 2  # the picture for people is drawn this many times larger and averaged down
# Every renderer that is open, so that a process which inherits one by a fork never frees it: the threads that OpenGL
# would wait for have stayed behind.
_OPEN: list[mujoco.Renderer] = []
_drawing_process: int | None = None


class Cameras:
    """Renders named cameras of one model. Owns an OpenGL context: `close()` frees it."""

    def __init__(self, model: mujoco.MjModel, height: int, width: int) -> None:
        self._model, self._process = model, os.getpid()
        self._renderer = _open_renderer(model, height, width)
        self._open = [self._renderer]
        self.close = weakref.finalize(self, _close_all, self._open, self._process)
        # Also at the interpreter's end, before MuJoCo ends EGL: what is registered last is called first, whereas
        # finalizers are all called when the first of the program's was registered, perhaps long before MuJoCo came.
        self.close.atexit = False
        atexit.register(self.close)
        _draw_plainly(self._renderer.scene)

    @property
    def is_inherited(self) -> bool:
        """Whether another process has opened them, of which this one is a fork: they can draw no more."""
        return self._process != os.getpid()

    def look(self, data: mujoco.MjData, camera: str) -> np.ndarray:
        """Return what `camera` sees now: uint8[height, width, 3]."""
        return _render(self._renderer, data, camera)

    def portrait(self, data: mujoco.MjData) -> np.ndarray:
        """Return a picture for people, with shadows and smooth edges: uint8[480, 640, 3]. Costs some 50 ms."""
        if len(self._open) == 1:
            self._open.append(_open_renderer(self._model, 480 * _FINE, 640 * _FINE))
        large = _render(self._open[1], data, "front")
        return large.reshape(480, _FINE, 640, _FINE, 3).mean(axis=(1, 3)).astype(np.uint8)


def _close_all(renderers: list[mujoco.Renderer], process: int) -> None:
    while renderers and process == os.getpid():
        renderer = renderers.pop()
        _OPEN.remove(renderer)
        renderer.close()


def _open_renderer(model: mujoco.MjModel, height: int, width: int) -> mujoco.Renderer:
    global _drawing_process
    if _drawing_process not in (None, os.getpid()) and not take_display_of_its_own():
        raise ArmchairError(
            "this process was forked from one that had drawn pictures already, and its OpenGL does not survive that: "
            'pass context="spawn" to AsyncVectorEnv, or vector_kwargs={"context": "spawn"} to make_vec.'
        )
    if reason := why_no_picture():
        raise ArmchairError(reason)
    _drawing_process = os.getpid()
    try:
        renderer = mujoco.Renderer(model, height, width)
    except Exception as error:  # MuJoCo raises what its GL backend happens to raise
        device = os.environ.get("MUJOCO_EGL_DEVICE_ID")
        remedy = (
            f"MUJOCO_EGL_DEVICE_ID={device} is set: unset it" if device else f"on Linux without a screen, {INSTALL}"
        )
        raise ArmchairError(f"no picture could be rendered ({error}): {remedy}.") from error
    _OPEN.append(renderer)
    return renderer


def _draw_plainly(scene: mujoco.MjvScene) -> None:
    for flag in (
        mujoco.mjtRndFlag.mjRND_SHADOW,
        mujoco.mjtRndFlag.mjRND_REFLECTION,
        mujoco.mjtRndFlag.mjRND_HAZE,
    ):
        scene.flags[flag] = 0


def _render(renderer: mujoco.Renderer, data: mujoco.MjData, camera: str) -> np.ndarray:
    renderer.update_scene(data, camera)
    for eye in renderer.scene.camera:
        eye.frustum_width = _ASPECT * (eye.frustum_top - eye.frustum_bottom) / 2
    return renderer.render()
