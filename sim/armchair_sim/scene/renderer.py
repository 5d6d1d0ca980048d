"""The renderer: MuJoCo's own, opened with words for what is missing, closed in time and never by a fork."""

import atexit
import os
import weakref

import mujoco

from armchair_core.errors import ArmchairError
from armchair_sim.opengl import INSTALL, take_display_of_its_own, why_no_picture

# Every renderer that is open, so that a process which inherits one by a fork never frees it: the threads that OpenGL
# would wait for have stayed behind.
_OPEN: list[mujoco.Renderer] = []
_drawing_process: int | None = None


class Renderers:
    """The renderers of one owner, freed with it, by `close()` or at the end, in the process that opened them."""

    def __init__(self, owner: object) -> None:
        self._process = os.getpid()
        self._open: list[mujoco.Renderer] = []
        self.close = weakref.finalize(owner, _close_all, self._open, self._process)
        self.close.atexit = False  # `open` sees to it

    @property
    def is_inherited(self) -> bool:
        """Whether another process has opened them, of which this one is a fork: they can draw no more."""
        return self._process != os.getpid()

    def open(self, model: mujoco.MjModel, height: int, width: int) -> mujoco.Renderer:
        """Return a new renderer.

        Raises:
            ArmchairError: if nothing can be drawn here; it says what is missing.
        """
        renderer = _open(model, height, width)
        if not self._open:
            # Also at the interpreter's end, before MuJoCo ends EGL: what is registered last is called first, whereas
            # finalizers are all called when the first of the program's was registered, perhaps long before MuJoCo came.
            atexit.register(self.close)
        self._open.append(renderer)
        return renderer

    @staticmethod
    def upload(renderer: mujoco.Renderer, texture: int) -> None:
        """Let `renderer` draw a texture of its model as it is now."""
        _turn_to(renderer)
        mujoco.mjr_uploadTexture(renderer.model, renderer._mjr_context, texture)


def _close_all(renderers: list[mujoco.Renderer], process: int) -> None:
    while renderers and process == os.getpid():
        renderer = renderers.pop()
        _OPEN.remove(renderer)
        _turn_to(renderer)  # else what has the same numbers in another's context would be freed
        renderer.close()


def _turn_to(renderer: mujoco.Renderer) -> None:
    """Let OpenGL work in this renderer's context. MuJoCo has no public word for that, nor for the context."""
    if renderer._gl_context:
        renderer._gl_context.make_current()


def _open(model: mujoco.MjModel, height: int, width: int) -> mujoco.Renderer:
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
