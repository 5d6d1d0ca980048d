"""The slots that the twin's processes share: the cameras' frames, and the state of the physics.

A real camera fails in ways that a lesson wants to show, so a picture's slot also carries a fault, which anybody
may set and the camera process obeys.
"""

from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from armchair_core.errors import unknown_name
from armchair_core.processes.shared_slot import SharedSlot

CAMERA_FAULTS = {
    "none": "the camera works",
    "frozen": "the camera is there but sends no new picture, as when its driver hangs",
    "black": "the camera sends pictures, all of them black, as with the lens cap on",
    "gone": "the camera is unplugged",
}
_FAULTS = tuple(CAMERA_FAULTS)


class Frame(NamedTuple):
    """One picture. `captured_s` is on `time.monotonic`'s clock, which a machine's processes share."""

    pixels: np.ndarray  # uint8[height, width, 3], RGB
    captured_s: float
    counter: int
    wall_s: float  # the same moment on `time.time`'s clock


class State(NamedTuple):
    """The state of the physics: `MjData`'s qpos, mocap_pos and mocap_quat; and the scene's seed, which is its light."""

    qpos: np.ndarray  # float64[nq]
    mocap_pos: np.ndarray  # float64[nmocap, 3]
    mocap_quat: np.ndarray  # float64[nmocap, 4]
    scene: int
    captured_s: float
    counter: int


class FrameSlot(SharedSlot):
    """The newest picture of one camera; the file's stem is the camera's name."""

    magic = b"ARMFRAME"

    @classmethod
    def create(cls, path: Path, height: int, width: int) -> Self:
        """Make the slot, in place of an earlier one."""
        return cls._create(path, (height, width, 3))

    @staticmethod
    def payload(sizes: tuple[int, int, int]) -> np.dtype:
        """Return what one buffer holds: uint8[height, width, 3]."""
        return np.dtype(("u1", sizes))

    @property
    def name(self) -> str:
        """The camera's name."""
        return self.path.stem

    @property
    def height(self) -> int:
        """The pictures' height in pixels."""
        return int(self._head["sizes"][0])

    @property
    def width(self) -> int:
        """The pictures' width in pixels."""
        return int(self._head["sizes"][1])

    def write(self, pixels: np.ndarray, captured_ns: int | None = None) -> None:
        """Show uint8[height, width, 3], captured at `time.monotonic_ns()` (now, if not given)."""
        self._put(pixels, captured_ns)

    def read(self) -> Frame | None:
        """Return a copy of the newest picture; None before the first."""
        taken = self._take()
        if taken is None:
            return None
        pixels, captured_ns, wall_ns, counter = taken
        return Frame(pixels, captured_ns / 1e9, counter, wall_ns / 1e9)

    @property
    def fault(self) -> str:
        """What is wrong with the camera: a key of CAMERA_FAULTS."""
        return _FAULTS[int(self._head["flag"])]

    def set_fault(self, fault: str) -> None:
        """Break the camera, or mend it with "none".

        Raises:
            ArmchairError: if there is no such fault; it names the nearest.
        """
        if fault not in CAMERA_FAULTS:
            raise unknown_name("camera fault", fault, CAMERA_FAULTS)
        self._head["flag"] = _FAULTS.index(fault)


class StateSlot(SharedSlot):
    """The newest state of the physics."""

    magic = b"ARMSTATE"

    @classmethod
    def create(cls, path: Path, nq: int, nmocap: int) -> Self:
        """Make the slot, in place of an earlier one."""
        return cls._create(path, (nq, nmocap, 0))

    @staticmethod
    def payload(sizes: tuple[int, int, int]) -> np.dtype:
        """Return what one buffer holds: float64[nq + 7 nmocap + 1]."""
        return np.dtype(("<f8", (sizes[0] + 7 * sizes[1] + 1,)))

    @property
    def nq(self) -> int:
        """How many numbers `qpos` has."""
        return int(self._head["sizes"][0])

    @property
    def nmocap(self) -> int:
        """How many mocap bodies there are."""
        return int(self._head["sizes"][1])

    def write(self, qpos: np.ndarray, mocap_pos: np.ndarray, mocap_quat: np.ndarray, scene: int) -> None:
        """Show float64[nq], float64[nmocap, 3] and float64[nmocap, 4] as they are now, in the light of `scene`."""
        self._put(np.concatenate((qpos, mocap_pos.ravel(), mocap_quat.ravel(), [scene])), None)

    def read(self) -> State | None:
        """Return a copy of the newest state; None before the first."""
        taken = self._take()
        if taken is None:
            return None
        numbers, captured_ns, _, counter = taken
        qpos, pos, quat, scene = np.split(numbers, np.cumsum([self.nq, 3 * self.nmocap, 4 * self.nmocap]))
        return State(qpos, pos.reshape(-1, 3), quat.reshape(-1, 4), int(scene[0]), captured_ns / 1e9, counter)
