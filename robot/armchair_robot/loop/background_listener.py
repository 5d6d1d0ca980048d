"""The background listener: it may take its time in a thread of its own, and the loop goes on without it."""

import queue
import threading
from collections.abc import Callable

from armchair_robot.loop.moment import Moment


class BackgroundListener:
    """A listener of `run_loop` in a thread. What comes while `room` moments wait is skipped, and counted in `skipped`.

    A context manager: at its end the moments that wait are still delivered.
    """

    def __init__(self, listener: Callable[[Moment], bool], room: int = 8) -> None:
        self._listener = listener
        self._queue: queue.Queue[Moment | None] = queue.Queue(room)
        self._thread = threading.Thread(target=self._deliver, daemon=True)
        self._error: BaseException | None = None
        self._over = False
        self.skipped = 0

    def __enter__(self) -> "BackgroundListener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()
        self._raise()

    def __call__(self, moment: Moment) -> bool:
        """Hand a moment over, at once; False once the listener has answered False. What it raised is raised here."""
        self._raise()
        try:
            self._queue.put_nowait(moment)
        except queue.Full:
            self.skipped += 1
        return not self._over

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _deliver(self) -> None:
        while (moment := self._queue.get()) is not None:
            if not self._over:
                try:
                    self._over = not self._listener(moment)
                except BaseException as error:
                    self._error, self._over = error, True
