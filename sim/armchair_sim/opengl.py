"""OpenGL as MuJoCo takes it: what it is told before its first import, and the reason why it cannot draw.

MuJoCo reads MUJOCO_GL once, when it is imported, and some values end that import in a traceback.
"""

import atexit
import ctypes
import os
import sys

from armchair_core.command_line import quoted

_VARIABLE = "MUJOCO_GL"
# By MuJoCo's mujoco/rendering/classic/gl_context.py.
_OFF = ("disable", "disabled", "off", "false", "0")
_SCREEN = ("", "enable", "enabled", "on", "true", "1", "glfw", "glx" if sys.platform == "linux" else "glfw")
_OWN = {"darwin": "cgl", "win32": "wgl"}.get(sys.platform, "")
# Without a screen, on Linux: the library, and how Debian and its kin bring it.
_LIBRARIES = {
    "egl": ("libEGL.so.1", quoted("apt-get", "install", "libegl1", "libgl1-mesa-dri")),
    "osmesa": ("libOSMesa.so.8", quoted("apt-get", "install", "libosmesa6")),
}
_SURFACELESS = 0x31DD  # EGL_PLATFORM_SURFACELESS_MESA
INSTALL = " or ".join(f"`{install}`" for _, install in _LIBRARIES.values())


def choose_opengl() -> None:
    """Tell MuJoCo, before its first import, to draw without a screen: by EGL, else OSMesa, else not at all.

    Left to itself on Linux it wants a window system, and crashes the process where there is none. What a user has
    chosen stays chosen; if it cannot be, MuJoCo is imported without OpenGL, and the first picture says why.
    """
    if sys.platform == "linux" and not os.environ.get(_VARIABLE, "").strip():
        os.environ[_VARIABLE] = next(filter(_is_there, _LIBRARIES), "disable")
    elif "mujoco" not in sys.modules and why_no_picture():
        asked = os.environ[_VARIABLE]
        os.environ[_VARIABLE] = "disable"
        import mujoco  # noqa: F401 - here, or it would read what was asked for

        os.environ[_VARIABLE] = asked  # for processes that this one starts


def why_no_picture() -> str | None:
    """Return the sentence that says why MuJoCo cannot draw with the variables as they are; None if it may."""
    asked = os.environ.get(_VARIABLE, "")
    kind, said = asked.lower().strip(), f"MUJOCO_GL={asked}"
    libraries = _LIBRARIES if sys.platform == "linux" else {}
    remedy = "set MUJOCO_GL=egl" if libraries else quoted("unset", "MUJOCO_GL")
    if libraries and not any(map(_is_there, libraries)) and kind in (*_OFF, *libraries):
        return f"no picture can be drawn ({said}, and neither EGL nor OSMesa is installed): type {INSTALL}."
    if kind in _OFF:
        return f"no picture can be drawn, for {said} switches that off: {remedy}."
    if kind in libraries:
        return _why_not_by(kind, said) or _chosen_too_early()
    if kind not in (*_SCREEN, _OWN):
        return f"no picture can be drawn, for {said} names nothing that MuJoCo knows on {sys.platform}: {remedy}."
    if libraries and not _has_screen():
        return f"no picture can be drawn, for {said} wants a screen, and there is none: {remedy}."
    return None


def _chosen_too_early() -> str | None:
    if "mujoco.glfw" in sys.modules and not os.environ.get("DISPLAY"):
        return (
            "MuJoCo was imported before armchair_sim and chose to draw on a screen that is not there: "
            "set MUJOCO_GL=egl, or import armchair_sim first."
        )
    return None


def take_display_of_its_own() -> bool:
    """Let this process, a fork of one that has drawn, draw by a display of its own; return whether it can.

    MuJoCo would go on with the parent's, and wait for ever for threads that are not there. Mesa gives another one to
    who asks for its surfaceless platform (EGL_MESA_platform_surfaceless); a fork of a fork finds that one used, too.
    """
    if "mujoco.egl" not in sys.modules:
        return False
    from mujoco import egl

    display = egl.EGL.eglGetPlatformDisplayEXT(_SURFACELESS, None, None)
    inherited = egl.EGL_DISPLAY
    if not display or (inherited is not None and display.address == inherited.address):
        return False
    try:
        if not egl.EGL.eglInitialize(display, None, None):
            return False
    except egl.error.GLError:
        return False
    egl.EGL_DISPLAY = display
    atexit.unregister(egl.EGL.eglTerminate)  # of the parent's, whose threads it would wait for
    return True


def _why_not_by(kind: str, said: str) -> str | None:
    library, install = _LIBRARIES[kind]
    if not _is_there(kind):
        other = next(filter(_is_there, _LIBRARIES), kind)
        return f"{said} is set and {library} is missing: type `{install}`, or set MUJOCO_GL={other}."
    platform = os.environ.get("PYOPENGL_PLATFORM", "").lower()
    if platform not in ("", kind):
        return f"{said} and PYOPENGL_PLATFORM={platform} contradict each other: {quoted('unset', 'PYOPENGL_PLATFORM')}."
    return None


def _is_there(kind: str) -> bool:
    try:
        ctypes.CDLL(_LIBRARIES[kind][0])
    except OSError:
        return False
    return True


def _has_screen() -> bool:
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return bool(os.environ.get("DISPLAY"))
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = x11.XOpenDisplay(None)
    if display:
        x11.XCloseDisplay(ctypes.c_void_p(display))
    return bool(display)
