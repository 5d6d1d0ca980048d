"""The start of a console with a twin of its own, in seconds, and its memory at rest.

    uv run python benchmarks/console_rest.py --rounds 3

Measured from the moment that `armchair console` is typed: until its page comes, until a WebSocket is told of an arm
that is held and of a camera's picture that is new, which is a moving twin. The page is looked for at a port that was
free before. At rest nobody looks; each of the console's processes is then asked for its unshared memory (USS, psutil),
and whether PyTorch's library is mapped in it (`libtorch` in /proc/PID/maps, so Linux alone).
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from console_jitter import take  # stands beside this file
from websockets.sync.client import connect

WITHIN_S = 180.0
SETTLE_S = 5.0  # at rest after the last page was closed
ARMCHAIR = Path(sys.executable).parent / "armchair"


class Weight(NamedTuple):
    """One process at rest: which one, its memory, whether it maps PyTorch.

    The proportional share (PSS) is beside the unshared memory (USS), for the code of a library that two processes map
    is unshared in neither of them.
    """

    name: str
    uss_mb: float
    pss_mb: float
    has_torch: bool


@contextmanager
def console(port: int) -> Iterator[psutil.Process]:
    """A console with a twin of its own, just typed."""
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        words = [ARMCHAIR, "console", "--no-browser", "--port", str(port)]
        process = subprocess.Popen(words, env=env, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def until(so: Any) -> Any:
    """Return what `so` answers, as soon as that is something; asked 50 times a second."""
    end_s = time.monotonic() + WITHIN_S
    while time.monotonic() < end_s:
        with suppress(OSError):
            if found := so():
                return found
        time.sleep(0.02)
    raise SystemExit("the console did not come")


def page_answers(port: int) -> bool:
    """Whether the page comes."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1) as answer:
        return b"<html" in answer.read()


def watch_until_moving(port: int) -> None:
    """Look as a page does, until the arm is held and a camera's second picture has come."""
    pictures: set[str] = set()
    arm: dict[str, Any] = {}  # what has been said of it: later parcels hold changes only
    with connect(f"ws://127.0.0.1:{port}/live", proxy=None, max_size=None) as line:
        while True:
            head, news = take(line, WITHIN_S)
            arm |= news["arm"]
            line.send(json.dumps({"type": "seen", "number": head["number"]}))
            seen_before = pictures & {one["camera"] for one in head["pictures"]}
            pictures |= {one["camera"] for one in head["pictures"]}
            if arm["phase"] == "driving" and "state" in arm and seen_before:
                return


def weigh(process: psutil.Process) -> list[Weight]:
    """Return what each process of the console weighs, its own first."""
    weights = []
    for each in [process, *process.children(recursive=True)]:
        memory, maps = each.memory_full_info(), Path(f"/proc/{each.pid}/maps").read_text()
        weights.append(Weight(_name(each), memory.uss / 1e6, memory.pss / 1e6, "libtorch" in maps))
    return weights


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    if "console" in words:
        return "server"
    if "twin" in words:
        return "twin"
    return "resource tracker" if "resource_tracker" in " ".join(words) else "spawned by " + _name(process.parent())


def measure() -> tuple[float, float, list[Weight]]:
    """Return seconds until the page, seconds until a moving twin, and the weights at rest."""
    port, began_s = free_port(), time.perf_counter()
    with console(port) as process:
        until(lambda: page_answers(port))
        page_s = time.perf_counter() - began_s
        watch_until_moving(port)
        moving_s = time.perf_counter() - began_s
        time.sleep(SETTLE_S)
        return page_s, moving_s, weigh(process)


def help_s() -> float:
    """Return how long `armchair --help` takes."""
    began_s = time.perf_counter()
    subprocess.run([ARMCHAIR, "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began_s


def main() -> None:
    """Measure so many times, and print each round and the medians."""
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    add_keep(parser)
    wanted = parser.parse_args()
    rounds = wanted.rounds
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    helps = sorted(help_s() for _ in range(5))
    print(f"armchair --help: {helps[2]:.2f} s at the median of 5, {helps[0]:.2f} to {helps[-1]:.2f}")
    found = []
    for _ in range(rounds):
        found.append(measure())
        page_s, moving_s, weights = found[-1]
        total = sum(weight.uss_mb for weight in weights)
        print(
            f"page after {page_s:.1f} s, a moving twin after {moving_s:.1f} s, {total:.0f} MB unshared at rest",
            flush=True,
        )
    for name, uss_mb, pss_mb, has_torch in found[-1][2]:
        print(f"  {name:<24} {uss_mb:6.0f} MB, PSS {pss_mb:6.0f} MB  {'PyTorch' if has_torch else 'no PyTorch'}")
    page_s, moving_s = (statistics.median(times) for times in list(zip(*found, strict=True))[:2])
    uss_mb = statistics.median(sum(weight.uss_mb for weight in weights) for _, _, weights in found)
    pss_mb = statistics.median(sum(weight.pss_mb for weight in weights) for _, _, weights in found)
    how_well = (f"page {page_s:.1f} s, moving twin {moving_s:.1f} s; at rest {uss_mb:.0f} MB unshared, "
                f"{pss_mb:.0f} MB with its share of the rest")  # fmt: skip
    print(f"medians of {rounds}: {how_well}")
    if wanted.keep:
        numbers = {"page_s": page_s, "moving_s": moving_s, "unshared_mb": uss_mb, "pss_mb": pss_mb}
        keep(Row(f"the console from its start; medians of {rounds}", how_well, numbers))


if __name__ == "__main__":
    main()
