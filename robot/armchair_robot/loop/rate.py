"""The rate of a loop, kept on the beat; and whether it cannot be kept."""

import time

_AWAKE_S = 0.001  # a sleeping process is woken up to this late, so the last of the wait is spent awake
_WORST_SHARE = 0.95  # of the rate: less than this over _WINDOW_S is worth saying
_WINDOW_S = 2.0


class LoopRate:
    """Periods of 1/fps on `time.perf_counter`. One that was missed is not caught up: the next begins then."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._due_s, self.late_s = time.perf_counter(), 0.0
        self._window_s, self._periods, self._said = self._due_s, 0, False

    def wait(self) -> None:
        """Sleep until the next period is due, precisely: 0.1 ms where the machine is not busy."""
        now_s, due_s = time.perf_counter(), self._due_s + 1 / self._fps
        self._due_s = max(due_s, now_s)
        if self._due_s - now_s > _AWAKE_S:
            time.sleep(self._due_s - now_s - _AWAKE_S)
        while time.perf_counter() < self._due_s:
            pass  # not `sleep(0)`: another Python thread would then take its turn, which lasts 5 ms
        self.late_s = time.perf_counter() - due_s

    @property
    def spare_s(self) -> float:
        """What is left of this period."""
        return self._due_s + 1 / self._fps - time.perf_counter()

    def complaint(self) -> str | None:
        """Return once, in words, that the rate is not held; else None. To be asked once a period."""
        now_s = time.perf_counter()
        if self._said:
            return None
        self._periods += 1
        if now_s - self._window_s < _WINDOW_S:
            return None
        rate = self._periods / (now_s - self._window_s)
        self._window_s, self._periods = now_s, 0
        if rate >= _WORST_SHARE * self._fps:
            return None
        self._said = True
        return (
            f"this computer holds {rate:.0f} of {self._fps:g} periods a second: close other programs, or use fewer or "
            "smaller pictures."
        )
