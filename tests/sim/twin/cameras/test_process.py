"""The cameras' own process: it shows what the physics shows, fails on demand, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task
from armchair_sim.twin.cameras.process import CameraProcess

PARENT = (
    "import sys, time; from pathlib import Path\n"
    "from armchair_sim.tasks import get_task; from armchair_sim.scene.world import World\n"
    "from armchair_sim.twin.cameras.process import CameraProcess\n"
    "if __name__ == '__main__':\n"
    "    world = World(get_task('lift')); cameras = CameraProcess('lift', world.model, Path(sys.argv[1]))\n"
    "    cameras.show(world.data, world.scene); cameras.wait()\n"
    "    print(cameras._process.pid, flush=True); time.sleep(60)\n"
)


@pytest.fixture(scope="module")
def world():
    return World(get_task("place"))  # with a fixture, which is a mocap body


@pytest.fixture(scope="module")
def running(world, tmp_path_factory):
    with CameraProcess("place", world.model, tmp_path_factory.mktemp("run")) as cameras:
        cameras.show(world.data, world.scene)
        cameras.wait()
        yield cameras


def until(true: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s:
        if true():
            return True
        time.sleep(0.01)
    return False


def next_frame(slot):
    """A picture whose exposure began after this call."""
    now_s = time.monotonic()
    assert until(lambda: slot.read().captured_s > now_s)
    return slot.read()


@pytest.mark.parametrize("seed", [3, 4])
def test_pictures_are_those_of_the_fast_door(world, running, seed):
    """Bit for bit what a camera in the physics' own process would see."""
    world.reset(seed)
    running.show(world.data, world.scene)
    here = Cameras(world.model, 480, 640)
    for name in CAMERAS:
        pixels = next_frame(running.slots[name]).pixels
        assert pixels.std() > 10
        np.testing.assert_array_equal(pixels, here.look(world.data, name))
    here.close()


def test_pictures_keep_coming(running):
    slot = running.slots["wrist"]
    first = slot.counter
    assert until(lambda: slot.counter >= first + 10)


def test_black(running):
    slot = running.slots["front"]
    slot.set_fault("black")
    assert until(lambda: not slot.read().pixels.any())
    assert next_frame(running.slots["wrist"]).pixels.any()
    slot.set_fault("none")
    assert until(lambda: slot.read().pixels.any())


@pytest.mark.parametrize("fault", ["frozen", "gone"])
def test_no_more_pictures(running, fault):
    slot, other = running.slots["front"], running.slots["wrist"]
    slot.set_fault(fault)
    next_frame(other)
    stood, went = slot.counter, other.counter
    assert until(lambda: other.counter >= went + 5)
    assert slot.counter == stood
    slot.set_fault("none")
    assert until(lambda: slot.counter > stood)


def test_close_ends_the_process_and_removes_its_files(world, tmp_path):
    cameras = CameraProcess("place", world.model, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    cameras.close()
    cameras.close()
    assert not cameras.alive and not list(tmp_path.iterdir())


def test_without_opengl_the_package_is_named(world, tmp_path, monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "disable")
    with CameraProcess("place", world.model, tmp_path) as cameras:
        cameras.show(world.data, world.scene)
        with pytest.raises(ArmchairError, match="MUJOCO_GL=disable switches that off"):
            cameras.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_it_ends_when_its_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert until(lambda: gone(pid))


def gone(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return True
    return False
