"""STOP, over HTTP and over a line that is opened for it, while somebody attacks the page; at small size."""

import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest
from websockets.sync.client import connect

MANY = 420  # more than the server lets in


def half_open(page, said: bytes) -> Callable[[ExitStack], None]:
    def attack(lines: ExitStack) -> None:
        opened = [lines.enter_context(socket.socket()) for _ in range(MANY)]
        for line in opened:
            line.setblocking(False)  # the system may keep some waiting for a second
            line.connect_ex(("127.0.0.1", page.port))
        time.sleep(0.2)
        for line in opened:
            with suppress(OSError):
                line.sendall(said)

    return attack


def many_pages(page) -> Callable[[ExitStack], None]:
    """60 lines of one link of the lowest role, on which nothing is said."""
    cookie = enter(page, "view")

    def attack(lines: ExitStack) -> None:
        for _ in range(70):
            with suppress(Exception):
                lines.enter_context(live(page, cookie))

    return attack


def many_requests(page) -> Callable[[ExitStack], None]:
    """As fast as four threads can ask, by one link of the lowest role, for what takes a thread's time."""
    cookie, over = enter(page, "view"), threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=page.url, trust_env=False, cookies={page.cookie: cookie}) as client:
            while not over.is_set():
                with suppress(httpx.HTTPError):
                    client.get("/api/judge")

    def attack(lines: ExitStack) -> None:
        lines.callback(over.set)
        for _ in range(4):
            threading.Thread(target=ask, daemon=True).start()

    return attack


ATTACKS = {
    "nothing is said": lambda page: half_open(page, b""),
    "headers do not end": lambda page: half_open(page, b"GET / HTTP/1.1\r\nHost: a\r\nX-a: "),
    "bodies do not come": lambda page: half_open(
        page, b"POST /api/stop HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
        b"Content-Length: 4000\r\n\r\n{" % page.port),
    "many pages": many_pages,
    "many requests": many_requests,
}  # fmt: skip


def enter(page, role: str) -> str:
    answer = httpx.post(f"{page.url}/api/enter", json={"token": page.visitors.invite(role)}, trust_env=False)
    return answer.cookies[page.cookie]


@contextmanager
def live(page, cookie: str) -> Iterator:
    headers = {"Cookie": f"{page.cookie}={cookie}"}
    address = f"ws://127.0.0.1:{page.port}/live"
    with connect(address, proxy=None, max_size=None, additional_headers=headers, close_timeout=0.2) as line:
        yield line


def stop_by_http(page, cookie: str) -> float:
    began_s = time.perf_counter()
    answer = httpx.post(f"{page.url}/api/stop", json={}, cookies={page.cookie: cookie}, trust_env=False, timeout=20)
    assert answer.json() == {"stopped": True}
    return time.perf_counter() - began_s


def stop_by_line(page, cookie: str) -> float:
    page.arm.orders.clear()
    began_s = time.perf_counter()
    with live(page, cookie) as line:
        assert "you" in json.loads(line.recv(timeout=20))
        line.send(json.dumps({"type": "stop"}))
        while "stop" not in page.arm.orders:
            assert time.perf_counter() - began_s < 20
            time.sleep(0.002)
        return time.perf_counter() - began_s


@pytest.mark.real_time
@pytest.mark.parametrize("attack", ATTACKS)
def test_stop_is_heard_at_once(lan_page, attack):
    teacher = enter(lan_page, "teacher")
    with ExitStack() as lines:
        ATTACKS[attack](lan_page)(lines)
        for stop in (stop_by_http, stop_by_line):
            assert statistics.median(stop(lan_page, teacher) for _ in range(5)) < 0.5, stop.__name__


def test_all_are_told_who_has_pressed_it(lan_page, visit):
    student, teacher = visit(lan_page, enter(lan_page, "student")), visit(lan_page, enter(lan_page, "teacher"))
    teacher.say("go")
    student.say("stop")
    teacher.until(lambda news: news["stop"] == {"by": student.me["name"], "times": 1})
    student.say("stop")
    teacher.until(lambda news: news["stop"]["times"] == 2)
    teacher.say("go")
    student.until(lambda news: news["stop"] is None)
