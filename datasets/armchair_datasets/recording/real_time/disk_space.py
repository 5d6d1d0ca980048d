"""The disk space of a recording: how much is left, looked at once a second, and how much must stay."""

import shutil
from pathlib import Path

RESERVE_BYTES = 500_000_000  # for saving the take in progress and building the dataset, and for the system
_LOOK_EVERY_S = 1.0
_BYTES_PER_PIXEL = 0.15  # a real camera's noise needs five times as much as the simulated table


class DiskSpace:
    """The disk under a folder. A take of `take_s` seconds of these pictures must fit beside the reserve."""

    def __init__(self, folder: Path, cameras: dict[str, tuple[int, int]], fps: int, take_s: float) -> None:
        self._folder = folder
        pixels = sum(height * width for height, width in cameras.values())
        self._take_bytes = pixels * fps * take_s * _BYTES_PER_PIXEL
        self._look_next_s = 0.0
        self.free_bytes = shutil.disk_usage(folder).free

    def has_room_for_a_take(self) -> bool:
        """Return whether a whole take can be started."""
        self.free_bytes = shutil.disk_usage(self._folder).free
        return self.free_bytes >= RESERVE_BYTES + self._take_bytes

    def has_reserve(self, now_s: float) -> bool:
        """Return whether the reserve is still there; cheap enough for every control period."""
        if now_s >= self._look_next_s:
            self._look_next_s = now_s + _LOOK_EVERY_S
            self.free_bytes = shutil.disk_usage(self._folder).free
        return self.free_bytes >= RESERVE_BYTES

    def words(self) -> str:
        """Return in words why the recording has stopped."""
        return (
            f"the disk of {self._folder} has {self.free_bytes / 1e6:.0f} MB left and {RESERVE_BYTES / 1e6:.0f} MB are "
            "kept free so that nothing recorded is lost: make room."
        )
