"""A terminal of its own for a command, typed at by a test."""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

with suppress(ImportError):  # Windows
    import pty

BIN = Path(sys.executable).parent


class Window:
    """A command on a terminal of its own. What it says is read all the time, or it would wait for a reader."""

    def __init__(self, folder: Path, env: dict[str, str], *words: object) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(BIN / str(words[0]), list(map(str, words)), env)
        self.said, self._has_ended = "", False

    def listen(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            if select.select([self.terminal], [], [], left_s)[0]:
                try:
                    self.said += os.read(self.terminal, 65536).decode(errors="replace")
                except OSError:
                    self._has_ended = True
                    return

    def until(self, words: str, within_s: float = 240.0) -> None:
        end_s = time.monotonic() + within_s
        while words not in self.said:
            assert time.monotonic() < end_s and not self._has_ended, f"no {words!r} in {self.said[-2000:]!r}"
            self.listen(0.1)

    def type(self, keys: bytes) -> None:
        os.write(self.terminal, keys)

    def hold(self, key: bytes, seconds: float) -> None:
        """As a keyboard that repeats 30 times a second."""
        for _ in range(round(seconds * 30)):
            self.type(key)
            self.listen(1 / 30)

    def echoes(self) -> bool:
        import termios

        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def end(self, within_s: float = 120.0) -> int:
        """Its exit code; minus the signal that ended it."""
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            self.listen(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        pytest.fail(f"it did not end: {self.said[-2000:]}")

    def close(self) -> None:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)


@pytest.fixture
def open_terminal() -> Iterator[Callable[..., Window]]:
    """Call it with a folder, an environment and the words of a command."""
    windows = []

    def open_terminal(folder: Path, env: dict[str, str], *words: object) -> Window:
        windows.append(Window(folder, env, *words))
        return windows[-1]

    yield open_terminal
    for window in windows:
        window.close()
