"""The newest picture of each camera as JPEG: compressed once for all who watch, and only while somebody does.

A camera has one owner. To a recorder in another process the cameras are lent: what they send is also put into shared
memory. A twin's cameras can be read by everybody; they are lent as they are.
"""

import io
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from armchair_core.errors import ArmchairError
from armchair_robot.devices.camera_armchair import ArmchairCamera
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig
from armchair_sim.twin.cameras.frames import FrameSlot
from armchair_sim.twin.runtime import frames_path

if TYPE_CHECKING:
    from lerobot.cameras import Camera

_QUALITY = 75
_WIDEST = 800  # a page shows no more of it
_WATCHED_S = 1.0
_LEND_WITHIN_S = 5.0
_AGAIN_S = 1.0  # a camera that is gone is looked for this often


class Picture(NamedTuple):
    """`captured_s` is on `time.perf_counter`; `number` counts what this camera has sent."""

    number: int
    jpeg: bytes
    captured_s: float


class CameraStream:
    """A thread a camera; `newest` never waits. `cameras` are LeRobot's configurations by name."""

    def __init__(self, cameras: dict[str, Any]) -> None:
        from lerobot.cameras.utils import make_cameras_from_configs

        self._watched_s = 0.0
        self._watch, self._lent, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._films = {name: _Film(name, camera) for name, camera in make_cameras_from_configs(cameras).items()}
        self._threads = [
            threading.Thread(target=self._shoot, args=(film,), daemon=True) for film in self._films.values()
        ]
        for thread in self._threads:
            thread.start()

    @property
    def names(self) -> list[str]:
        """Of the cameras."""
        return list(self._films)

    def newest(self, name: str) -> Picture | None:
        """What the camera has sent last; None before the first. Whoever asks is watching."""
        self._watched_s = time.perf_counter()
        self._watch.set()
        return self._films[name].picture

    def lend(self, folder: Path) -> dict[str, Any]:
        """Until `take_back`: configurations of cameras that another process can open, by name. `folder` is one that it
        sees.

        Raises:
            ArmchairError: if a camera sends no picture.
        """
        self._lent.set()
        self._watch.set()
        for film in self._films.values():
            film.share(folder)
        until_s = time.perf_counter() + _LEND_WITHIN_S
        for name, film in self._films.items():
            while film.slot is None and not film.may_be_shared:
                if time.perf_counter() > until_s:
                    self.take_back()
                    raise ArmchairError(f"the camera {name} sends no picture: look at its plug, then try again.")
                time.sleep(0.02)
        return {name: film.lent() for name, film in self._films.items()}

    def take_back(self) -> None:
        """Nobody records any more."""
        self._lent.clear()
        for film in self._films.values():
            film.unshare()

    def close(self) -> None:
        """Let go of the cameras."""
        self._ended.set()
        self._watch.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _shoot(self, film: "_Film") -> None:
        while not self._ended.is_set():
            if time.perf_counter() - self._watched_s > _WATCHED_S and not self._lent.is_set():
                self._watch.clear()
                self._watch.wait(1.0)
            elif not film.shoot():
                self._ended.wait(_AGAIN_S)
        film.close()


class _Film:
    def __init__(self, name: str, camera: "Camera") -> None:
        self._name, self._camera = name, camera
        self.picture: Picture | None = None
        self.slot: FrameSlot | None = None
        self._folder: Path | None = None  # where its pictures are wanted

    @property
    def may_be_shared(self) -> bool:
        """Whether others may open this very camera."""
        return isinstance(self._camera, ArmchairCamera)

    def share(self, folder: Path) -> None:
        self._folder = folder

    def unshare(self) -> None:
        self._folder = None
        if self.slot is not None:
            self.slot.close()
            self.slot = None

    def lent(self) -> ArmchairCameraConfig:
        """What opens it in another process, once it has sent a picture."""
        if self.may_be_shared:
            return self._camera.config
        return ArmchairCameraConfig(
            name=self._name, folder=self._folder, fps=None, width=self.slot.width, height=self.slot.height
        )

    def shoot(self) -> bool:
        """Wait for the next picture; False if there is no camera to send one."""
        camera = self._camera
        try:
            if not camera.is_connected:
                camera.connect()
            pixels = camera.async_read(timeout_ms=500)
        except TimeoutError:
            return True  # it hangs: the picture's age shows it
        except Exception:  # LeRobot's cameras raise what their drivers happen to raise
            self.close()
            return False
        captured_s = camera.latest_timestamp or time.perf_counter()
        self._put(pixels, captured_s)  # first: whoever records has no time
        self.picture = Picture(self.picture.number + 1 if self.picture else 1, _jpeg(pixels), captured_s)
        return True

    def _put(self, pixels: np.ndarray, captured_s: float) -> None:
        if (folder := self._folder) is None or self.may_be_shared:
            return
        if self.slot is None:
            self.slot = FrameSlot.create(frames_path(folder, self._name), *pixels.shape[:2])
        self.slot.write(pixels, time.monotonic_ns() - round((time.perf_counter() - captured_s) * 1e9))

    def close(self) -> None:
        with suppress(Exception):
            self._camera.disconnect()


def _jpeg(pixels: np.ndarray) -> bytes:
    """Of uint8[height, width, 3]."""
    step = -(-pixels.shape[1] // _WIDEST)
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[::step, ::step])).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
