"""A twin's camera as a LeRobot `Camera` (lerobot 0.6.1, cameras/camera.py).

It fails as a USB camera behind OpenCV does: one that is gone cannot be opened; one that stops sending stays
"connected", and reading it times out.
"""

import time
from pathlib import Path
from typing import Any, override

import numpy as np
from lerobot.cameras.camera import Camera
from lerobot.cameras.configs import ColorMode
from lerobot.utils.decorators import check_if_already_connected, check_if_not_connected
from lerobot.utils.errors import DeviceNotConnectedError

from armchair_core.command_line import typed
from armchair_core.errors import unknown_name
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig
from armchair_sim.twin.cameras.frames import Frame, FrameSlot
from armchair_sim.twin.runtime import cameras_in, frames_path, runtime_dir

_POLL_S = 0.002
_WARMUP_S = 1.0
_PATIENCE_MS = 500  # as LeRobot's `Camera.read_latest`
_READ_WITHIN_MS = 10_000  # as OpenCVCamera.read


class ArmchairCamera(Camera):
    """The newest picture that a twin's camera process wrote; no thread, one copy a read."""

    config_class = ArmchairCameraConfig

    def __init__(self, config: ArmchairCameraConfig) -> None:
        super().__init__(config)
        self.config = config
        self.name = config.name
        self._slot: FrameSlot | None = None
        self.patience_ms = _PATIENCE_MS  # how old a picture may be that `read_latest` returns, if nobody says
        self._seen = 0  # the counter of the last picture that async_read handed out

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    @property
    @override
    def is_connected(self) -> bool:
        return self._slot is not None

    @property
    def latest_timestamp(self) -> float | None:
        """When the newest picture was captured, on `time.perf_counter`'s clock, as LeRobot's own cameras tell it."""
        captured_s = self._slot.captured_s if self._slot is not None else None
        return None if captured_s is None else time.perf_counter() - (time.monotonic() - captured_s)

    @staticmethod
    def find_cameras() -> list[dict[str, Any]]:
        """Return the cameras of the running twin, each as LeRobot's own cameras describe themselves."""
        folder = runtime_dir()
        slots = [FrameSlot.open(frames_path(folder, name)) for name in cameras_in(folder)]
        return [_describe(slot) for slot in slots if slot.fault != "gone"]

    @check_if_already_connected
    def connect(self, warmup: bool = True) -> None:
        """Open the camera and, unless told otherwise, wait for its first picture.

        Raises:
            DeviceAlreadyConnectedError: if it is open.
            ConnectionError: if no twin runs, or it has no such camera.
            RuntimeError: if the twin's pictures have another size than asked for.
            TimeoutError: if the camera sends no picture.
        """
        slot = self._open()
        size = (slot.width, slot.height)
        if (self.width or slot.width, self.height or slot.height) != size:
            raise RuntimeError(
                f"{self} sends pictures of {slot.width} x {slot.height}, not {self.width} x {self.height}: "
                f"use width: {slot.width}, height: {slot.height}."
            )
        (self.width, self.height), self.fps = size, self.fps or 30
        self._slot, self._seen = slot, slot.counter
        if warmup:
            try:
                self.async_read(timeout_ms=1000 * _WARMUP_S)
            except TimeoutError:
                self._slot = None
                raise

    def _open(self) -> FrameSlot:
        folder = Path(self.config.folder).expanduser() if self.config.folder else runtime_dir()
        try:
            slot = FrameSlot.open(frames_path(folder, self.name))
        except FileNotFoundError:
            raise ConnectionError(self._missing(folder)) from None
        if slot.fault == "gone":
            raise ConnectionError(f"{self} is not there: plug it in (it has the fault 'gone') and try again.")
        return slot

    def _missing(self, folder: Path) -> str:
        if names := cameras_in(folder):
            return str(unknown_name("camera", self.name, names))
        return f"no twin shows its cameras in {folder}: start one with `{typed('twin')}` and try again."

    @check_if_not_connected
    def read(self) -> np.ndarray:
        """Wait for the next picture: uint8[height, width, 3].

        Raises:
            DeviceNotConnectedError: if the camera is not connected.
            TimeoutError: if none comes within 10 s.
            RuntimeError: if the twin has ended.
        """
        self._seen = self._open_slot().counter
        return self.async_read(timeout_ms=_READ_WITHIN_MS)

    @check_if_not_connected
    def async_read(self, timeout_ms: float = 200) -> np.ndarray:
        """Return the newest picture that this call has not returned before, waiting for it if need be.

        Raises:
            DeviceNotConnectedError: if the camera is not connected.
            TimeoutError: if none comes within `timeout_ms`.
            RuntimeError: if the twin has ended.
        """
        deadline_s = time.monotonic() + timeout_ms / 1000
        slot = self._open_slot()
        while slot.counter == self._seen:
            self._check_twin(slot)
            if time.monotonic() >= deadline_s:
                raise TimeoutError(f"{self} sent no new picture within {timeout_ms:.0f} ms: {self._advice(slot)}")
            time.sleep(_POLL_S)
        frame = slot.read()
        assert frame is not None, "the counter moves when a picture comes"
        return self._picture(frame)

    @check_if_not_connected
    def read_latest(self, max_age_ms: int | None = None) -> np.ndarray:
        """Return the newest picture, at once, whether or not it was returned before.

        Raises:
            DeviceNotConnectedError: if the camera is not connected.
            TimeoutError: if it was captured more than `max_age_ms`, by default `patience_ms`, ago.
            RuntimeError: if there is none yet, or the twin has ended.
        """
        max_age_ms = self.patience_ms if max_age_ms is None else max_age_ms
        slot = self._open_slot()
        self._check_twin(slot)
        frame = slot.read()
        if frame is None:
            raise RuntimeError(f"{self} has sent no picture yet: connect with warmup, or wait a moment.")
        age_ms = 1000 * (time.monotonic() - frame.captured_s)
        if age_ms > max_age_ms:
            raise TimeoutError(
                f"the newest picture of {self} is {age_ms:.0f} ms old, more than the {max_age_ms} ms allowed: "
                + self._advice(slot)
            )
        return self._picture(frame)

    def disconnect(self) -> None:
        """Let go of the camera.

        Raises:
            DeviceNotConnectedError: if it is not connected.
        """
        if self._slot is None:
            raise DeviceNotConnectedError(f"{self} is not connected.")
        self._slot = None

    def _open_slot(self) -> FrameSlot:
        if self._slot is None:  # another thread has let go of it meanwhile
            raise DeviceNotConnectedError(f"{self} is not connected.")
        return self._slot

    def _picture(self, frame: Frame) -> np.ndarray:
        self._seen = frame.counter
        if self.config.color_mode == ColorMode.BGR:
            return np.ascontiguousarray(frame.pixels[..., ::-1])
        return frame.pixels

    def _check_twin(self, slot: FrameSlot) -> None:
        if slot.closed:
            raise RuntimeError(f"{self} went dark because its twin ended: start `{typed('twin')}` and connect again.")

    def _advice(self, slot: FrameSlot) -> str:
        fault = slot.fault
        if fault == "none":
            return f"see whether `{typed('twin')}` still runs, then connect again."
        return f"it has the fault {fault!r}; mend it, then connect again."


def _describe(slot: FrameSlot) -> dict[str, Any]:
    return {
        "name": f"Armchair twin, {slot.name} camera",
        "type": "armchair",
        "id": slot.name,
        "default_stream_profile": {"format": "RGB8", "fps": 30, "width": slot.width, "height": slot.height},
    }
