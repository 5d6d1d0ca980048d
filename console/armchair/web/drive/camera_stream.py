"""The newest picture of each camera, compressed once for all who watch, and only while somebody does.

A camera has one owner. To a recorder in another process the cameras are lent: what they send is also put into shared
memory. A twin's cameras can be read by everybody; they are lent as they are.
"""

import io
import math
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from armchair.web.arm.orders import LentCamera
from armchair.web.drive.cameras import Shot, Source, open_sources
from armchair_core.errors import ArmchairError
from armchair_sim.twin.cameras.frames import FrameSlot
from armchair_sim.twin.runtime import frames_path

SMALL_PX = 320  # the widest of a small picture
_LARGE_PX = 800  # a page shows no more of it
# Large pictures are for few, and as many as the camera sends: JPEG, which takes half a millisecond. Small ones are for
# many, and ten a second: WebP, which takes four, and has half the bytes.
_FORMAT: dict[bool, dict[str, Any]] = {
    True: {"format": "JPEG", "quality": 75},
    False: {"format": "WEBP", "quality": 45, "method": 2},
}
_SMALL_EVERY_S = 0.08  # they are for who only watches, ten times a second
_WATCHED_S = 5.0  # a slow line asks every few seconds
_LEND_WITHIN_S = 5.0
_AGAIN_S = 1.0  # a camera that is gone is looked for this often
_NEXT_WITHIN_S = 0.5


class Picture(NamedTuple):
    """`captured_s` is on `time.perf_counter`; `image` is a file's content, JPEG or WebP."""

    image: bytes
    captured_s: float


class CameraStream:
    """A thread a camera; `newest` never waits. `cameras` are as `open_sources` takes them."""

    def __init__(self, cameras: Mapping[str, Any]) -> None:
        self._lent, self._ended = threading.Event(), threading.Event()
        self._shown = {name: _Shown(name, source) for name, source in open_sources(cameras).items()}
        self._threads = [
            threading.Thread(target=self._shoot, args=(shown,), daemon=True) for shown in self._shown.values()
        ]
        for thread in self._threads:
            thread.start()

    @property
    def names(self) -> list[str]:
        """Of the cameras."""
        return list(self._shown)

    def newest(self, name: str, large: bool = True) -> Picture | None:
        """Return what the camera has sent last; None before the first. Whoever asks is watching.

        Small pictures are made ten times a second, large ones as often as the camera sends any.
        """
        return self._shown[name].newest(large)

    def lend(self, folder: Path) -> dict[str, LentCamera]:
        """Let another process see the pictures until `take_back`, in `folder`, and return where, by camera.

        Raises:
            ArmchairError: if a camera sends no picture.
        """
        self._lent.set()
        for shown in self._shown.values():
            shown.share(folder)
        until_s = time.perf_counter() + _LEND_WITHIN_S
        lent = {}
        for name, shown in self._shown.items():
            while (one := shown.lent()) is None:
                if time.perf_counter() > until_s:
                    self.take_back()
                    raise ArmchairError(f"the camera {name} sends no picture: look at its plug, then try again.")
                time.sleep(0.02)
            lent[name] = one
        return lent

    def take_back(self) -> None:
        """End the lending: nobody records any more."""
        self._lent.clear()
        for shown in self._shown.values():
            shown.unshare()

    def close(self) -> None:
        """Let go of the cameras."""
        self._ended.set()
        for shown in self._shown.values():
            shown.wanted.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _shoot(self, shown: "_Shown") -> None:
        while not self._ended.is_set():
            if not (self._lent.is_set() or shown.is_watched):
                shown.wanted.clear()
                shown.wanted.wait(1.0)
            elif not shown.shoot():
                self._ended.wait(_AGAIN_S)
        shown.close()


class _Shown:
    """One camera, its newest pictures, and where others find it."""

    def __init__(self, name: str, source: Source) -> None:
        self._name, self._source = name, source
        self.wanted = threading.Event()
        self._asked_s = {True: -math.inf, False: -math.inf}  # when, by whether a large picture was asked for
        self._pictures: dict[bool, Picture] = {}
        self._slot: FrameSlot | None = None
        self._folder: Path | None = None  # where its pictures are wanted

    @property
    def is_watched(self) -> bool:
        return any(map(self._is_asked_for, self._asked_s))

    def _is_asked_for(self, large: bool) -> bool:
        return time.perf_counter() - self._asked_s[large] < _WATCHED_S

    def newest(self, large: bool) -> Picture | None:
        if not self._is_asked_for(large):
            self._pictures.pop(large, None)  # of when somebody looked last
        self._asked_s[large] = time.perf_counter()
        self.wanted.set()
        return self._pictures.get(large)

    def share(self, folder: Path) -> None:
        self._folder = folder
        self.wanted.set()

    def unshare(self) -> None:
        self._folder = None
        if self._slot is not None:
            self._slot.close()
            self._slot = None

    def lent(self) -> LentCamera | None:
        """Where another process finds it; None before the first picture."""
        if self._source.shared_in is not None:
            return LentCamera(self._source.name, self._source.shared_in)
        return LentCamera(self._name, self._slot.path.parent) if self._slot is not None else None

    def shoot(self) -> bool:
        """Wait for the next picture; False if there is no camera to send one."""
        try:
            shot = self._source.next(_NEXT_WITHIN_S)
        except TimeoutError:
            return True  # it hangs: the picture's age shows it
        except Exception:  # LeRobot's cameras raise what their drivers happen to raise
            self.close()
            return False
        self._put(shot)  # first: whoever records has no time
        for large in (True, False):
            self._compress(shot, large)
        return True

    def close(self) -> None:
        with suppress(Exception):
            self._source.close()

    def _compress(self, shot: Shot, large: bool) -> None:
        """Make a picture of it if somebody asks for such, and it is time for one."""
        last = self._pictures.get(large)
        is_due = large or last is None or shot.captured_s - last.captured_s > _SMALL_EVERY_S
        if is_due and self._is_asked_for(large):
            self._pictures[large] = Picture(_compressed(shot.pixels, large), shot.captured_s)

    def _put(self, shot: Shot) -> None:
        if (folder := self._folder) is None or self._source.shared_in is not None:
            return
        slot = self._slot
        if slot is None:
            slot = self._slot = FrameSlot.create(frames_path(folder, self._name), *shot.pixels.shape[:2])
        slot.write(shot.pixels, time.monotonic_ns() - round((time.perf_counter() - shot.captured_s) * 1e9))


def _compressed(pixels: np.ndarray, large: bool) -> bytes:
    """Of uint8[height, width, 3]."""
    picture, widest, file = Image.fromarray(pixels), _LARGE_PX if large else SMALL_PX, io.BytesIO()
    picture.reduce(-(-picture.width // widest)).save(file, **_FORMAT[large])
    return file.getvalue()
