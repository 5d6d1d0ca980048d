"""Attacks on a server's connections, at small size: a child with few files, and whoever asks properly is answered."""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files are limited by setrlimit")
FILES = 96
SERVER = f"""
import resource, sys, time
from collections import Counter
resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))
from armchair_core import connections
from armchair_core.connections import Door
from armchair_core.local_server import Served, listen
Door.__init__.__defaults__ = (1.0, True, 1.0)
connections.is_loopback = lambda address: address == "127.0.0.1"

asked = Counter()

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if message["type"] == "http.disconnect":
            return
    asked[scope["path"]] += 1
    sizes = {{"/large": 5_000_000, "/page": 700_000}}
    body = b"x" * sizes[scope["path"]] if scope["path"] in sizes else b"stopped %d" % asked["/page"]
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": body}})

listener = listen(0, False)
served = Served(app, listener)
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a server whose loopback is 127.0.0.1 alone, so that 127.0.0.2 is an outsider; its patience is 1 s."""
    child = subprocess.Popen([sys.executable, "-P", "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin and child.stdout
    yield int(child.stdout.readline())
    child.stdin.close()
    child.wait(timeout=20)


def ask(port: int, path: str = "/stop", host: str = "127.0.0.1", source: str = "127.0.0.1") -> float:
    """Ask properly, and return after how long (s) there was an answer."""
    began_s = time.perf_counter()
    with socket.create_connection((host, port), 10, (source, 0)) as line:
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        assert b"200" in line.recv(64)
    return time.perf_counter() - began_s


HALVES: dict[str, bytes] = {
    "nothing is said": b"",
    "half a line": b"GET / HT",
    "headers without an end": b"GET / HTTP/1.1\r\nHost: a\r\nX-a: ",
    "a body that does not come": b"POST /stop HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n{",
    "an answer that nobody reads": b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
    "many requests, no answer read": b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n" * 3,
}


def open_many(lines: ExitStack, port: int, said: bytes, many: int, source: str) -> list[socket.socket]:
    """Connections on which this was said, and no more."""
    opened = [lines.enter_context(socket.socket()) for _ in range(many)]
    for line in opened:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setblocking(False)  # the system may keep some waiting for a second
        line.bind((source, 0))
        line.connect_ex(("127.0.0.1", port))
    time.sleep(0.1)
    for line in opened:
        with suppress(OSError):
            line.sendall(said)
    time.sleep(0.1)
    return opened


@pytest.mark.real_time
@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"])
@pytest.mark.parametrize("said", HALVES)
def test_who_asks_properly_is_answered_at_once(port, said, source):
    with ExitStack() as lines:
        open_many(lines, port, HALVES[said], FILES + 40, source)
        assert statistics.median(ask(port) for _ in range(5)) < 0.5
        assert source == "127.0.0.1" or ask(port, source="127.0.0.3") < 2, "other outsiders are answered, too"


def is_over(line: socket.socket, within_s: float) -> bool:
    line.settimeout(within_s)
    with suppress(ConnectionError):
        while line.recv(65536):
            pass
    return True


@pytest.mark.parametrize("said", list(HALVES)[:4])
def test_what_does_not_come_is_not_waited_for(port, said):
    with ExitStack() as lines:
        (line,) = open_many(lines, port, HALVES[said], 1, "127.0.0.1")
        assert is_over(line, 6)


def test_who_reads_no_answer_keeps_the_server_at_work_with_two_at_most(port):
    """The second waits for the first to be read, though the system would take them all."""
    asking = b"GET /page HTTP/1.1\r\nHost: a\r\n\r\n" * 4
    with ExitStack() as lines:
        open_many(lines, port, asking, 3, "127.0.0.1")
        time.sleep(0.4)
        with socket.create_connection(("127.0.0.1", port), 10) as line:
            line.sendall(b"GET /stop HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert b"stopped 6" in b"".join(iter(lambda: line.recv(4096), b""))


def test_a_body_that_drips_is_not_waited_for(port):
    with ExitStack() as lines:
        (line,) = open_many(lines, port, HALVES["a body that does not come"], 1, "127.0.0.1")
        until_s = time.monotonic() + 6
        with pytest.raises(OSError):
            while time.monotonic() < until_s:
                line.sendall(b" ")
                time.sleep(0.1)
            raise TimeoutError


def test_whoever_is_slow_within_reason_is_waited_for_and_a_line_can_be_used_again(port):
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        for _ in range(2):
            for part in (b"POST /stop HTTP/1.1\r\n", b"Host: a\r\nContent-Length: 2\r\n\r\n", b"{", b"}"):
                line.sendall(part)
                time.sleep(0.1)
            assert b"200" in line.recv(4096)


def test_an_address_has_its_share_and_what_is_at_work_is_not_ended(monkeypatch):
    from armchair_core.connections import AN_ADDRESS, Door

    class Line:
        def __init__(self, gives_way: bool) -> None:
            self.gives_way, self.ended = gives_way, False
            self.transport = self

        @property
        def is_gone(self) -> bool:
            return self.ended

        def abort(self) -> None:
            self.ended = True

    door = Door()
    busy = [Line(False) for _ in range(AN_ADDRESS)]
    assert all(door.let_in(line, "10.0.0.1") for line in busy)
    assert not door.let_in(Line(True), "10.0.0.1") and door.let_in(Line(True), "10.0.0.2")
    busy[7].gives_way = True
    assert door.let_in(Line(True), "10.0.0.1") and busy[7].ended and sum(line.ended for line in busy) == 1
    for number in range(3, 200):
        door.let_in(Line(False), f"10.0.0.{number}")
        door.let_in(Line(False), f"10.0.1.{number}")
    assert not door.let_in(Line(True), "10.0.9.9") and door.let_in(Line(True), "127.0.0.1"), "room is kept for here"
