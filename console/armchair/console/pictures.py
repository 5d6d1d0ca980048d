"""The newest picture of each camera as JPEG: compressed once for all who watch, and only while somebody does."""

import io
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from lerobot.cameras import Camera

_QUALITY = 75
_WIDEST = 800  # a page shows no more of it
_WATCHED_S = 1.0
_AGAIN_S = 1.0  # a camera that is gone is looked for this often


class Picture(NamedTuple):
    """`captured_s` is on `time.perf_counter`; `number` counts what this camera has sent."""

    number: int
    jpeg: bytes
    captured_s: float


class Pictures:
    """A thread a camera; `newest` never waits. `cameras` are LeRobot's configurations by name."""

    def __init__(self, cameras: dict[str, Any]) -> None:
        from lerobot.cameras.utils import make_cameras_from_configs

        self._watched_s = 0.0
        self._watch, self._ended = threading.Event(), threading.Event()
        self._films = {name: _Film(camera) for name, camera in make_cameras_from_configs(cameras).items()}
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

    def close(self) -> None:
        """Let go of the cameras."""
        self._ended.set()
        self._watch.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _shoot(self, film: "_Film") -> None:
        while not self._ended.is_set():
            if time.perf_counter() - self._watched_s > _WATCHED_S:
                self._watch.clear()
                self._watch.wait(1.0)
            elif not film.shoot():
                self._ended.wait(_AGAIN_S)
        film.close()


class _Film:
    def __init__(self, camera: "Camera") -> None:
        self._camera = camera
        self.picture: Picture | None = None

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
        self.picture = Picture(self.picture.number + 1 if self.picture else 1, _jpeg(pixels), captured_s)
        return True

    def close(self) -> None:
        with suppress(Exception):
            self._camera.disconnect()


def _jpeg(pixels: np.ndarray) -> bytes:
    """Of uint8[height, width, 3]."""
    step = -(-pixels.shape[1] // _WIDEST)
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[::step, ::step])).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
