"""The cameras that the page shows: a twin's, read out of shared memory, or LeRobot's."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from armchair_sim.twin.cameras.frames import FrameSlot
from armchair_sim.twin.runtime import frames_path

if TYPE_CHECKING:
    from lerobot.cameras import Camera

_POLL_S = 0.002


class TwinCamera(NamedTuple):
    """Which camera of the twin in `folder`."""

    name: str
    folder: Path


class Shot(NamedTuple):
    """uint8[height, width, 3], and when it was taken on `time.perf_counter`."""

    pixels: np.ndarray
    captured_s: float


class Source(Protocol):
    """Where pictures come from."""

    name: str
    shared_in: Path | None  # the folder where every process finds them already, by this name

    def next(self, within_s: float) -> Shot:
        """Return the next picture; connects if need be.

        Raises:
            TimeoutError: if none comes in time.
            Exception: whatever the driver raises if the camera is gone.
        """

    def close(self) -> None:
        """Let go of it. Raises what its driver raises."""


def open_sources(cameras: Mapping[str, Any]) -> dict[str, Source]:
    """Return a source for each: a `TwinCamera`, or LeRobot's configuration of a camera. Connects none."""
    theirs = {name: each for name, each in cameras.items() if not isinstance(each, TwinCamera)}
    found = _lerobot_cameras(theirs) if theirs else {}
    return {
        name: TwinSource(each) if isinstance(each, TwinCamera) else LeRobotSource(name, found[name])
        for name, each in cameras.items()
    }


def _lerobot_cameras(configs: dict[str, Any]) -> "dict[str, Camera]":
    from lerobot.cameras.utils import make_cameras_from_configs  # PyTorch comes with it, and a twin needs neither

    return make_cameras_from_configs(configs)


class TwinSource:
    """A twin's camera. One that hangs sends nothing; one that is gone, or whose twin has ended, raises OSError."""

    def __init__(self, camera: TwinCamera) -> None:
        self.name = camera.name
        self.shared_in: Path | None = camera.folder
        self._path = frames_path(camera.folder, camera.name)
        self._slot: FrameSlot | None = None
        self._seen = 0

    def next(self, within_s: float) -> Shot:
        """As `Source.next`."""
        slot = self._slot = self._slot or self._open()
        end_s = time.monotonic() + within_s
        while slot.counter == self._seen:
            if slot.closed:
                raise ConnectionError(f"{self.name} went dark because its twin ended.")
            if time.monotonic() >= end_s:
                raise TimeoutError
            time.sleep(_POLL_S)
        frame = slot.read()
        if frame is None:
            raise TimeoutError
        self._seen = frame.counter
        return Shot(frame.pixels, time.perf_counter() - (time.monotonic() - frame.captured_s))

    def close(self) -> None:
        """Look for the slot anew, next time."""
        self._slot = None

    def _open(self) -> FrameSlot:
        slot = FrameSlot.open(self._path)
        if slot.fault == "gone":
            raise ConnectionError(f"{self.name} is not there.")
        self._seen = slot.counter
        return slot


class LeRobotSource:
    """A camera of LeRobot's, which has one owner."""

    def __init__(self, name: str, camera: "Camera") -> None:
        self.name, self._camera = name, camera
        self.shared_in: Path | None = None

    def next(self, within_s: float) -> Shot:
        """As `Source.next`."""
        if not self._camera.is_connected:
            self._camera.connect()
        pixels = self._camera.async_read(timeout_ms=1000 * within_s)
        return Shot(pixels, getattr(self._camera, "latest_timestamp", None) or time.perf_counter())

    def close(self) -> None:
        """Disconnect it."""
        self._camera.disconnect()
