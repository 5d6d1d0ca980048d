"""The camera process of the twin: 30 pictures a second of whatever the physics last showed.

Drawing two 480 x 640 pictures on a CPU takes several milliseconds, in which a servo bus must not be kept
waiting. So the physics only leaves its state in shared memory, and this process draws from its own copy of the
model, on one thread: the other core is the bus's.
"""

import multiprocessing
import os
import signal
import time
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Self

import mujoco
import numpy as np

from armchair_core.errors import ArmchairError
from armchair_core.processes.priority import go_last, own_session
from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.world import FPS, build_model, dress
from armchair_sim.tasks import get_task
from armchair_sim.twin.cameras.frames import FrameSlot, StateSlot
from armchair_sim.twin.runtime import frames_path

HEIGHT, WIDTH = 480, 640
_STATE = "state"
_STOP_WITHIN_S = 5.0


class CameraProcess:
    """Draws the cameras of `task` into `folder` until `close()`, or until the process that made it is gone.

    `slots` holds each camera's slot by name, for faults. Raises ArmchairError, from `wait`, if nothing can be
    drawn here.
    """

    def __init__(self, task: str, model: mujoco.MjModel, folder: Path) -> None:
        self._state = StateSlot.create(folder / _STATE, model.nq, model.nmocap)
        self.slots = {name: FrameSlot.create(frames_path(folder, name), HEIGHT, WIDTH) for name in CAMERAS}
        # Spawned, because an OpenGL context does not survive a fork.
        context = multiprocessing.get_context("spawn")
        self._ready, its_end = context.Pipe(duplex=False)
        self._stop = context.Event()
        self._process = context.Process(
            target=_draw, args=(task, folder, its_end, self._stop), name="armchair cameras", daemon=True
        )
        self._process.start()
        its_end.close()

    def show(self, data: mujoco.MjData, scene: int) -> None:
        """Show the cameras where everything is now, in the light of `scene`. Takes some microseconds."""
        self._state.write(data.qpos, data.mocap_pos, data.mocap_quat, scene)

    def wait(self, timeout_s: float = 30.0) -> None:
        """Return when every camera has sent its first picture. Needs one `show` before.

        Raises:
            ArmchairError: if the cameras cannot draw, or not in time.
        """
        if not self._ready.poll(timeout_s):
            raise ArmchairError(
                f"the cameras sent no picture within {timeout_s:.0f} s: close other programs and try again."
            )
        try:
            problem = self._ready.recv()
        except EOFError:
            problem = "the cameras' process ended at its start: look above for what it said, and try again."
        if problem:
            raise ArmchairError(problem)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def close(self) -> None:
        """End the process and remove its files. Safe to call twice."""
        self._stop.set()
        self._process.join(_STOP_WITHIN_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        for slot in (self._state, *self.slots.values()):
            slot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _draw(task: str, folder: Path, ready: Connection, stop: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    own_session()
    go_last()
    os.environ.setdefault("LP_NUM_THREADS", "0")  # Mesa's software renderer: draw on this thread
    try:
        shooter = _Shooter(task, folder)
    except ArmchairError as error:
        ready.send(str(error))
        return
    parent = multiprocessing.parent_process()
    next_s = time.monotonic()
    was_ready = False
    while parent is not None and parent.is_alive() and not stop.is_set():
        if shooter.shoot() and not was_ready:
            was_ready = True
            ready.send("")
        # Late is late: the next picture is due one period from now, not as many as were missed.
        next_s = max(next_s + 1 / FPS, time.monotonic())
        time.sleep(max(0.0, next_s - time.monotonic()))


class _Shooter:
    """A copy of the physics' model, posed by its state and drawn into the cameras' slots."""

    def __init__(self, task: str, folder: Path) -> None:
        self._model = build_model(get_task(task))
        self._dress = partial(dress, self._model, get_task(task))
        self._scene: int | None = None  # the one that the model is dressed for
        self._data = mujoco.MjData(self._model)
        self._state = StateSlot.open(folder / _STATE)
        self._slots = [FrameSlot.open(frames_path(folder, name)) for name in CAMERAS]
        self._cameras = Cameras(self._model, HEIGHT, WIDTH)

    def shoot(self) -> bool:
        """Send one picture a camera, unless there is nothing to see yet."""
        captured_ns = time.monotonic_ns()
        state = self._state.read()
        if state is None:
            return False
        self._data.qpos[:] = state.qpos
        self._data.mocap_pos[:], self._data.mocap_quat[:] = state.mocap_pos, state.mocap_quat
        if state.scene != self._scene:
            self._scene = state.scene
            self._dress(state.scene)
        self._pose()
        for slot in self._slots:
            self._expose(slot, captured_ns)
        return True

    def _pose(self) -> None:
        """What a picture needs of `mj_forward`, without the dynamics."""
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)

    def _expose(self, slot: FrameSlot, captured_ns: int) -> None:
        fault = slot.fault
        if fault in ("frozen", "gone"):
            return
        if fault == "black":
            slot.write(np.zeros((HEIGHT, WIDTH, 3), np.uint8), captured_ns)
        else:
            slot.write(self._cameras.look(self._data, slot.name), captured_ns)
