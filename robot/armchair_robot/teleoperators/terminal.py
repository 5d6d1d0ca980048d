"""The terminal's keys, for a teleoperator, and the rest of them for whoever reads stdin.

The problem: a terminal has one stream of keys, and of two readers each gets some of them. `lerobot-record` listens to
the arrows and ESC (lerobot 0.6.1, utils/keyboard_input.py), `armchair record` to space, and both read stdin. So this
one reads the terminal, and puts a pseudo-terminal into stdin's place: keys that the teleoperator does not take go
there, as they came, and what stdin's reader echoes goes back.

Invariant: the terminal is put back as it was by `close`, at the latest when the interpreter exits or SIGTERM comes
(not after SIGKILL: type `reset`). Ctrl-C stays Ctrl-C.
"""

import atexit
import os
import re
import select
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from armchair_core.errors import ArmchairError

_KEY = re.compile(rb"\x1b\[[0-9;?<]*[@-~]|\x1bO.|\x1b.|.", re.DOTALL)
_CUT = re.compile(rb"\x1b(\[[0-9;?<]*|O)?$")  # the beginning of a key that sends several bytes
_REST_S = 0.05  # within which the others come, or it was ESC alone
_STDIN = 0


class Terminal:
    """The terminal of this process, one key at a time, without ENTER and without echo."""

    def __init__(self, take: Callable[[str], bool]) -> None:
        """`take(key)` is called in a thread for every plain character; True if it was meant for the teleoperator.

        Raises:
            ArmchairError: if there is no terminal, or none of Unix.
        """
        self._take = take
        self._tty, self._on_stdin = _open_terminal()
        self._inner: int | None = None
        self._stdin: int | None = None
        self._wake: int | None = None
        self._before = _attributes(self._tty)
        if self._on_stdin:
            self._replace_stdin()
        self._listen_quietly()
        self._wake_reader, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        atexit.register(self.close)
        self._sigterm = _on_sigterm(self.close)

    def say(self, text: str) -> None:
        """Show a line, wherever stdout goes."""
        with suppress(OSError):
            os.write(self._tty, f"\r\x1b[K{text}\n".encode())

    def close(self) -> None:
        """Put everything back. Safe to call twice."""
        import termios

        if self._wake is None:
            return
        os.close(self._wake)
        self._wake = None
        self._thread.join()
        if self._stdin is not None and self._inner is not None:
            os.dup2(self._stdin, _STDIN)
            os.close(self._stdin)
            os.close(self._inner)
        with suppress(OSError, termios.error):  # the window may be gone
            termios.tcsetattr(self._tty, termios.TCSADRAIN, self._before)
        os.close(self._wake_reader)
        os.close(self._tty)
        atexit.unregister(self.close)
        _restore_sigterm(self._sigterm)

    def _replace_stdin(self) -> None:
        import termios

        self._inner, outer = os.openpty()
        termios.tcsetattr(outer, termios.TCSANOW, self._before)  # its reader finds what it would have found
        self._stdin = os.dup(_STDIN)
        os.dup2(outer, _STDIN)
        os.close(outer)

    def _listen_quietly(self) -> None:
        import termios
        import tty

        tty.setcbreak(self._tty, termios.TCSADRAIN)

    def _run(self) -> None:
        sources = [self._tty, self._wake_reader] + ([self._inner] if self._inner is not None else [])
        while True:
            ready, _, _ = select.select(sources, [], [])
            if self._wake_reader in ready:
                return
            with suppress(OSError):
                if self._inner is not None and self._inner in ready:
                    os.write(self._tty, os.read(self._inner, 1024))
            if self._tty in ready and not self._deal_out():
                sources.remove(self._tty)  # the window was closed

    def _deal_out(self) -> bool:
        """Give each key to whom it belongs; False if no more will come."""
        try:
            typed = os.read(self._tty, 1024)
            while _CUT.search(typed) and select.select([self._tty], [], [], _REST_S)[0]:
                typed += os.read(self._tty, 1024)
        except OSError:
            return False
        for key in _KEY.findall(typed):
            if not (len(key) == 1 and key.isascii() and self._take(key.decode())) and self._inner is not None:
                os.write(self._inner, key)
        return bool(typed)


def _open_terminal() -> tuple[int, bool]:
    """Return (file number, whether it is what stdin reads)."""
    if os.name != "posix":
        raise ArmchairError("the keyboard hand needs a terminal of Linux or macOS: on Windows run this inside WSL.")
    if os.isatty(_STDIN):
        return os.dup(_STDIN), True
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY), False
    except OSError:
        raise ArmchairError(
            "the keyboard hand needs a terminal to listen to: run this in one (over ssh with its option -t), or drive "
            "with another hand."
        ) from None


def _attributes(terminal: int) -> list:
    import termios

    return termios.tcgetattr(terminal)


def _on_sigterm(close: Callable[[], None]) -> Callable | None:
    """Where SIGTERM would end the process at once, let it close first; return the handler that was set, or None."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return None

    def end(number: int, frame: object) -> None:
        close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    return end


def _restore_sigterm(ours: Callable | None) -> None:
    main = threading.current_thread() is threading.main_thread()
    if main and ours is not None and signal.getsignal(signal.SIGTERM) is ours:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
