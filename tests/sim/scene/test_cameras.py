"""What the cameras show."""

import os
import subprocess
import sys

import mujoco
import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import CAMERAS
from armchair_sim import opengl
from armchair_sim.opengl import why_no_picture
from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task


@pytest.fixture(scope="module")
def world():
    return World(get_task("lift"))


def redness(picture: np.ndarray) -> np.ndarray:
    red, green, blue = picture.astype(int).transpose(2, 0, 1)
    return (red > 90) & (red > 2.5 * green) & (red > 2.5 * blue)


def test_front_camera_sees_the_cube_wherever_it_lands(world):
    cameras = Cameras(world.model, 96, 96)
    for seed in range(60):
        world.reset(seed)
        assert redness(cameras.look(world.data, "front")).sum() >= 5, f"no cube to be seen in scene {seed}"


def test_pictures_are_the_same_view_at_any_size(world):
    """A small square picture is the 4:3 sensor's, squeezed."""
    world.reset(5)
    large = Cameras(world.model, 480, 640)
    small = Cameras(world.model, 96, 96)
    for camera in CAMERAS:
        squeezed = large.look(world.data, camera).astype(float).reshape(96, 5, 640, 3).mean(1)
        columns = ((np.arange(96) + 0.5) * 640 / 96).astype(int)
        difference = np.abs(squeezed[:, columns] - small.look(world.data, camera))
        assert np.median(difference) < 2
        assert difference.mean() < 8


def test_missing_opengl_names_the_package(world, monkeypatch):
    def broken(*args):
        raise RuntimeError("no EGL here")

    monkeypatch.setattr(mujoco, "Renderer", broken)
    with pytest.raises(ArmchairError, match="apt-get install libegl1"):
        Cameras(world.model, 96, 96)


def open_env_after(code: str) -> subprocess.CompletedProcess:
    """Run `code`, then open the environment, in a process of its own without a screen; it prints the error."""
    code += (
        "from armchair_sim.env import ArmchairEnv\n"
        "from armchair_core.errors import ArmchairError\n"
        "try: env = ArmchairEnv('lift'); env.reset(seed=0)\n"
        "except ArmchairError as error: print(error)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("MUJOCO_GL", "DISPLAY")}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def test_without_opengl_the_package_is_named_and_nothing_crashes():
    """In a process of its own, as if neither EGL nor OSMesa were installed."""
    code = (
        "import ctypes; whole = ctypes.CDLL\n"
        "def none(name, *args, **kw):\n"
        "    if name and ('EGL' in str(name) or 'OSMesa' in str(name)): raise OSError(name)\n"
        "    return whole(name, *args, **kw)\n"
        "ctypes.CDLL = none\n"
    )
    done = open_env_after(code)
    assert "apt-get install libegl1" in done.stdout, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux draws on a screen by default")
def test_mujoco_imported_first_is_explained():
    done = open_env_after("import mujoco\n")
    assert "set MUJOCO_GL=egl" in done.stdout, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux draws on a screen by default")
def test_the_console_s_scene_imports_mujoco_after_the_simulation():
    """Imports are sorted: MuJoCo's own would come first."""
    code = "import sys, armchair.web.drive.scene_3d; print('mujoco' in sys.modules, 'mujoco.glfw' in sys.modules)"
    env = {name: value for name, value in os.environ.items() if name != "MUJOCO_GL"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_what_nobody_closed_is_closed_without_a_word():
    """Also where a finalizer was there before MuJoCo, as PyTorch has some."""
    done = open_env_after("import weakref\nweakref.finalize(kept := frozenset(), int)\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="what MuJoCo knows differs")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("off", "set MUJOCO_GL=egl"),
        ("cgl", "MUJOCO_GL=cgl names nothing"),
        ("rubbish", "MUJOCO_GL=rubbish names nothing"),
        ("glfw", "MUJOCO_GL=glfw wants a screen"),
        ("on", "MUJOCO_GL=on wants a screen"),
    ],
)
def test_what_cannot_draw_names_the_variable(monkeypatch, asked, said):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MUJOCO_GL", asked)
    assert said in str(why_no_picture())


@pytest.mark.skipif(sys.platform != "linux", reason="OSMesa is Linux's")
def test_a_library_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(opengl, "_is_there", lambda kind: kind == "egl")
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert str(why_no_picture()) == (
        "MUJOCO_GL=osmesa is set and libOSMesa.so.8 is missing: type `apt-get install libosmesa6`, "
        "or set MUJOCO_GL=egl."
    )
    monkeypatch.setenv("MUJOCO_GL", "egl")
    assert why_no_picture() is None
    monkeypatch.setenv("PYOPENGL_PLATFORM", "osmesa")
    assert "unset PYOPENGL_PLATFORM" in str(why_no_picture())


def test_what_ends_mujoco_s_import_in_a_traceback_is_a_sentence():
    """Whatever is installed: no system knows this one. All that draws nothing goes on."""
    code = (
        "import armchair_sim.env as env, mujoco, os\n"
        "from armchair_core.errors import ArmchairError\n"
        "try: env.ArmchairEnv('lift')\n"
        "except ArmchairError as error: print(os.environ['MUJOCO_GL'], error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "MUJOCO_GL": "vulkan"}, capture_output=True, text=True
    )
    assert done.stdout.startswith("vulkan no picture can be drawn, for MUJOCO_GL=vulkan"), done.stderr
