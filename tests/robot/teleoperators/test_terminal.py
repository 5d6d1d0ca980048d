"""One terminal, two readers: the hand and whoever reads stdin. On pseudo-terminals, as a terminal window is one."""

import inspect
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from armchair_core.errors import ArmchairError
from armchair_robot.teleoperators.terminal import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no Unix terminals")

ARROW_RIGHT = b"\x1b[C"


def read(file: int, within_s: float = 2.0, quiet_s: float = 0.15) -> bytes:
    """What comes, until nothing has come for a while."""
    found, wait_s = b"", within_s
    while select.select([file], [], [], wait_s)[0]:
        found += os.read(file, 1024)
        wait_s = quiet_s
    return found


def modes(file: int) -> tuple[bool, bool]:
    """(whether it waits for ENTER, whether it echoes)"""
    import termios

    flags = termios.tcgetattr(file)[3]
    return bool(flags & termios.ICANON), bool(flags & termios.ECHO)


@pytest.fixture
def window():
    """The other side of a terminal that is this process's stdin meanwhile."""
    outer, inner = pty.openpty()
    before = os.dup(0)
    os.dup2(inner, 0)
    yield outer
    os.dup2(before, 0)
    for file in (outer, inner, before):
        os.close(file)


@pytest.fixture
def taken(window):
    """What a terminal gave to a hand that takes the letters w and o."""
    import tty

    taken = []
    tty.setcbreak(0)  # as whoever listens to keys on stdin does
    terminal = Terminal(lambda key: key in "wo" and not taken.append(key))
    yield taken
    terminal.close()


def test_each_key_goes_to_whom_it_is_meant_for(window, taken):
    os.write(window, b"w q" + ARROW_RIGHT + b"\x1bOw" + b"r")
    assert read(0) == b" q" + ARROW_RIGHT + b"\x1bOw" + b"r"
    assert taken == ["w"]


def test_a_key_that_comes_in_pieces_stays_whole(window, taken):
    os.write(window, b"\x1b")
    time.sleep(0.01)
    os.write(window, b"[")
    time.sleep(0.01)
    os.write(window, b"w")
    assert read(0) == b"\x1b[w"
    assert taken == []


def test_escape_alone_arrives(window, taken):
    os.write(window, b"\x1b")
    assert read(0) == b"\x1b"


def test_stdin_stays_a_terminal_and_everything_is_put_back(window):
    before = os.fstat(0).st_rdev
    terminal = Terminal(lambda key: False)
    assert os.isatty(0)
    assert os.fstat(0).st_rdev != before
    assert modes(0) == (True, True), "whoever reads stdin finds what was there"
    assert modes(window) == (False, False)
    os.write(window, b"yes\n")
    assert os.read(0, 100) == b"yes\n", "a question is answered as ever"
    assert read(window).replace(b"\r", b"") == b"yes\n", "and its answer is shown"
    terminal.say("two\nlines")
    assert read(window).endswith(b"two\r\nlines\r\n")
    terminal.close()
    terminal.close()
    assert os.fstat(0).st_rdev == before
    assert modes(window) == (True, True)


SCRIPT = """
import runpy, time
Terminal = runpy.run_path({module!r})["Terminal"]  # not through its package: that takes seconds
terminal = Terminal(lambda key: False)
print("ready", flush=True)
{end}
"""


@pytest.mark.parametrize("end", ["raise RuntimeError", "time.sleep(60)"])
def test_the_terminal_is_put_back_by_an_exception_and_by_sigterm(end):
    outer, inner = pty.openpty()
    script = SCRIPT.format(end=end, module=inspect.getsourcefile(Terminal))
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=inner, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n", process.stderr.read()
    if "sleep" in end:
        assert modes(outer) == (False, False)
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == (-signal.SIGTERM if "sleep" in end else 1)
    assert modes(outer) == (True, True)
    os.close(outer)
    os.close(inner)


def test_without_a_terminal_it_says_so(monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda file: False)
    monkeypatch.setattr(os, "open", lambda *_: (_ for _ in ()).throw(OSError(6, "No such device or address")))
    with pytest.raises(ArmchairError, match="needs a terminal to listen to"):
        Terminal(lambda key: False)
