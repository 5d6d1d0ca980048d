"""The simulation: an SO-101, its servos, a table, tasks, cameras and an expert. Import what you need by module."""

import ctypes
import os
import sys


def _choose_opengl() -> None:
    """Tell MuJoCo, before its first import, to draw without a screen: by EGL, else OSMesa, else not at all.

    Left to itself on Linux it wants a window system, and crashes the process where there is none.
    """
    for backend, library in (("egl", "libEGL.so.1"), ("osmesa", "libOSMesa.so.8")):
        try:
            ctypes.CDLL(library)
        except OSError:
            continue
        os.environ["MUJOCO_GL"] = backend
        return
    os.environ["MUJOCO_GL"] = "disable"  # the first picture says what to install


if sys.platform == "linux" and "MUJOCO_GL" not in os.environ:
    _choose_opengl()
