"""The status line at the bottom of a terminal, with lines above it that stay, and keys."""

import contextlib
import os
import select
import shutil
import sys
import threading
from collections.abc import Callable, Iterator

_REDRAW_S = 0.2
_AT_ONCE = 64


class StatusLine:
    """Drawn by a thread of its own: a terminal may be slow, an arm not. Nothing of it where there is no terminal."""

    def __init__(self) -> None:
        self._text, self._shown = "", sys.stdout.isatty()
        self._lock, self._end = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def __enter__(self) -> "StatusLine":
        if self._shown:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._shown:
            self._thread.join()
            print("\r\x1b[K", end="", flush=True)

    def update(self, text: str) -> None:
        """What to show from now on. Returns at once."""
        self._text = text

    def say(self, text: str) -> None:
        """A line that stays."""
        with self._lock:
            print("\r\x1b[K" * self._shown + text, flush=True)

    def _draw(self) -> None:
        while not self._end.wait(_REDRAW_S):
            if not self._text:
                continue
            columns = shutil.get_terminal_size().columns  # 80 where the terminal does not know
            with self._lock:
                print(f"\r\x1b[K{self._text[: columns - 1]}", end="", flush=True)


@contextlib.contextmanager
def keys_typed() -> Iterator[Callable[[], bytes]]:
    """What was typed since the last call, without ENTER; nothing where there is no terminal of Unix."""
    if os.name != "posix" or not sys.stdin.isatty():
        yield bytes
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield _typed
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _typed() -> bytes:
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return os.read(sys.stdin.fileno(), _AT_ONCE) if ready else b""
