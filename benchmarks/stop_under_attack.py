"""How long STOP takes, over HTTP and over a line that is opened for it, while somebody attacks a console.

    uv run python benchmarks/stop_under_attack.py --rounds 20

The console runs with `--lan`, 1,024 open files at most, as is usual, and a twin of its own. STOP is a teacher's; the
time is from before the connection is opened until, over HTTP, the answer is there, or over a line, a page is told that
the arm is stopped. Before each the arm is let go on, by a page that was open before. The attacks come from a process of
their own on this machine, which knows one link of the lowest role.
"""

import argparse
import json
import multiprocessing
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import httpx
from console_jitter import take
from websockets.sync.client import ClientConnection, connect

FILES, CONNECTIONS, PAGES = 1024, 1015, 60


@contextmanager
def console() -> Iterator[tuple[str, str]]:
    """The address of a console on the network, and the token of its teacher."""
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            name: f"{folder}/{name}" for name in ("ARMCHAIR_RUNTIME", "HF_LEROBOT_HOME", "ARMCHAIR_STATE")
        }
        words = [Path(sys.executable).parent / "armchair", "console", "--no-browser", "--port", "0", "--lan"]
        process = subprocess.Popen(
            words, env=env, cwd=folder, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES)),
        )  # fmt: skip
        try:
            link = next(line.split()[-1] for line in process.stdout if "The page is at" in line)
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield link.partition("#")[0].rstrip("/"), link.partition("#")[2]
        finally:
            process.terminate()
            process.wait()


def enter(url: str, token: str) -> dict[str, str]:
    """The cookie that a token is traded for."""
    return dict(httpx.post(f"{url}/api/enter", json={"token": token}, trust_env=False, timeout=30).cookies)


def live(url: str, cookies: dict[str, str]) -> Any:
    """A line such as a page opens."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    return connect(url.replace("http", "ws") + "/live", proxy=None, max_size=None, additional_headers=headers,
                   open_timeout=30, close_timeout=0.2)  # fmt: skip


_KNOWN: WeakKeyDictionary[ClientConnection, dict] = WeakKeyDictionary()  # what each line was told


def news(line: ClientConnection) -> dict:
    """What all pages are told, when it is told next; this one has seen it."""
    head, changed = take(line, 60)
    line.send(json.dumps({"type": "seen", "number": head["number"]}))
    known = _KNOWN.setdefault(line, {"arm": {}})
    known["arm"] |= changed["arm"]
    return known


# --- attacks: each goes on until `over` is set -----------------------------------------------------------------------
def half_open(url: str, cookies: dict[str, str], over: Any, said: str) -> None:
    """As many connections as there are files, opened anew when they are ended."""
    host, port = url.removeprefix("http://").split(":")
    page = httpx.get(url, trust_env=False, timeout=30).text
    data = said.format(host=f"{host}:{port}", bundle=page.partition(' src="')[2].partition('"')[0]).encode()
    lines: list[socket.socket] = []
    while not over.is_set():
        with suppress(OSError):
            lines.append(socket.create_connection((host, int(port)), 1))
            lines[-1].sendall(data)
        if len(lines) > CONNECTIONS:
            lines.pop(0).close()
            time.sleep(0.005)  # 200 a second


def many_pages(url: str, cookies: dict[str, str], over: Any) -> None:
    """Lines on which nothing is said, 60 at a time."""
    lines: list[ClientConnection] = []
    while not over.is_set():
        with suppress(Exception):
            lines.append(live(url, cookies))
        if len(lines) > PAGES:
            lines.pop(0).close()
        time.sleep(0.02)


def many_requests(url: str, cookies: dict[str, str], over: Any) -> None:
    """What takes a thread's time, from 16 threads."""

    def ask() -> None:
        with httpx.Client(base_url=url, cookies=cookies, trust_env=False, timeout=30) as client:
            while not over.is_set():
                with suppress(httpx.HTTPError):
                    client.get("/api/judge")

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


_HEAD = "POST /api/stop HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{{"
ATTACKS: dict[str, tuple[Callable[..., None], tuple[str, ...]] | None] = {
    "nobody": None,
    "nothing is said": (half_open, ("",)),
    "headers do not end": (half_open, ("GET / HTTP/1.1\r\nHost: {host}\r\nX-a: ",)),
    "bodies do not come": (half_open, (_HEAD,)),
    "answers are not read": (half_open, ("GET {bundle} HTTP/1.1\r\nHost: {host}\r\n\r\n" * 4,)),
    "60 silent pages": (many_pages, ()),
    "16 askers": (many_requests, ()),
}


def stop_by_http(url: str, cookies: dict[str, str]) -> float:
    """Press STOP as a program does, over a connection of its own, and return how long it took (s)."""
    with httpx.Client(cookies=cookies, trust_env=False, timeout=60) as client:  # making one takes longer than STOP
        began_s = time.perf_counter()
        client.post(f"{url}/api/stop", json={}).raise_for_status()
        return time.perf_counter() - began_s


def stop_by_line(url: str, cookies: dict[str, str]) -> float:
    """Open a page, press STOP, be told that the arm stands, and return how long that took (s)."""
    began_s = time.perf_counter()
    with live(url, cookies) as line:
        line.send(json.dumps({"type": "stop"}))
        while not news(line)["arm"].get("stopped"):
            pass
        return time.perf_counter() - began_s


def measure(url: str, cookies: dict[str, str], rounds: int, before: ClientConnection) -> float:
    """Press STOP in both ways, print how long it took, and return the worst (s). `before` was open before."""
    worst_s = 0.0
    for stop in (stop_by_http, stop_by_line):
        took_s = []
        for _ in range(rounds):
            before.send(json.dumps({"type": "go"}))
            while news(before)["arm"].get("stopped"):
                pass
            try:
                took_s.append(stop(url, cookies))
            except Exception as error:
                print(f"  {stop.__name__}: {type(error).__name__}: {error}")
                took_s.append(float("inf"))
            time.sleep(0.2)
        middle_s = statistics.median(took_s)
        print(f"  {stop.__name__:<13} {middle_s:6.3f} s at the median of {rounds}, {max(took_s):.3f} at most")
        worst_s = max(worst_s, *took_s)
    return worst_s


def wait_for_arm(url: str, cookies: dict[str, str]) -> None:
    """Until it is held."""
    with live(url, cookies) as line:
        until_s = time.monotonic() + 300
        while news(line)["arm"]["phase"] != "driving":
            if time.monotonic() > until_s:
                raise SystemExit("the arm was not opened")


def main() -> None:
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    add_keep(parser)
    wanted = parser.parse_args()
    rounds, worst_s = wanted.rounds, {}
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    spawn = multiprocessing.get_context("spawn")
    with console() as (url, token):
        teacher = enter(url, token)
        link = httpx.post(f"{url}/api/invite", json={"role": "view"}, cookies=teacher, trust_env=False).json()["link"]
        viewer = enter(url, link.partition("#")[2])
        wait_for_arm(url, teacher)
        for name, attack in ATTACKS.items():
            before, over = live(url, teacher), spawn.Event()
            attackers = [spawn.Process(target=attack[0], args=(url, viewer, over, *attack[1]))] if attack else []
            for attacker in attackers:
                attacker.start()
            time.sleep(4 if attack else 0)
            print(f"{name}:")
            with before as page:
                worst_s[name] = measure(url, teacher, rounds, page)
            over.set()
            for attacker in attackers:
                attacker.join()
            time.sleep(1)
    if wanted.keep:
        each = "; ".join(f"{name} {took_s:.2f} s" for name, took_s in worst_s.items())
        keep(Row(f"STOP while others try to shut the door, the slowest of {2 * rounds} times each", each, worst_s))


if __name__ == "__main__":
    main()
