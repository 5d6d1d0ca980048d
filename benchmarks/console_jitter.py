"""The jitter of a console's control loop while ten pages watch the arm, and while none does.

    uv run python benchmarks/console_jitter.py --viewers 10 --rounds 6

Jitter is how far each interval between two readings of the arm lies from the period, as the console itself measures it
over its last 10 seconds: the 99th percentile. Windows with and without viewers take turns, so that whatever else the
machine does falls on both. The viewers take every picture and say that they have, in a process of their own that runs
last, for in a classroom they would be other computers.
"""

import argparse
import json
import multiprocessing
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from websockets.sync.client import ClientConnection, connect

WINDOW_S = 10.0
_SETTLE_S = 1.5  # until viewers have come or gone, and until the console has measured again


@contextmanager
def console() -> Iterator[str]:
    """The address of a console with a twin of its own."""
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        words = [Path(sys.executable).parent / "armchair", "console", "--no-browser", "--port", "0"]
        process = subprocess.Popen(words, env=env, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            yield next(line.split()[-1] for line in process.stdout if "The page is at" in line)
        finally:
            process.terminate()
            process.wait()


def take(line: ClientConnection, within_s: float | None = None) -> tuple[dict, dict]:
    """What the next parcel says for this page, and for all; what is said in text, before it, is passed over."""
    while isinstance(data := line.recv(within_s), str):
        pass
    said, at = [], 0
    for _ in range(2):
        (size,) = struct.unpack_from("<I", data, at)
        said.append(json.loads(data[at + 4 : at + 4 + size]))
        at += 4 + size
    return said[0], said[1]


def watch(address: str, seconds: float) -> tuple[int, int]:
    """Look as a page does; how many parcels and pictures came."""
    parcels = pictures = 0
    end_s = time.monotonic() + seconds
    with connect(address, proxy=None, max_size=None) as line:
        while time.monotonic() < end_s:
            head, _ = take(line)
            line.send(json.dumps({"type": "seen", "number": head["number"]}))
            parcels, pictures = parcels + 1, pictures + len(head["pictures"])
    return parcels, pictures


def go_last() -> None:
    os.nice(15)
    os.setsid()
    Path("/proc/self/autogroup").write_text("15")


def watch_together(address: str, viewers: int, seconds: float) -> tuple[float, float]:
    """Parcels and pictures a second for each of `viewers`, in threads of this process."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(viewers) as pool:
        found = list(pool.map(lambda _: watch(address, seconds), range(viewers)))
    return tuple(np.mean(found, axis=0) / seconds)


def look(address: str) -> dict:
    """The arm's news, by a page that comes and goes."""
    with connect(address, proxy=None, max_size=None) as line:
        return take(line)[1]["arm"]


def wait_for_arm(address: str) -> None:
    for _ in range(300):
        if look(address)["phase"] == "driving":
            return
        time.sleep(1)
    raise SystemExit("the arm was not opened")


def main() -> None:
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=6)
    add_keep(parser)
    wanted = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    found: dict[str, list[float]] = {"nobody": [], f"{wanted.viewers} viewers": []}
    rates = []
    with console() as link, multiprocessing.get_context("spawn").Pool(1, go_last) as pool:
        address = link.replace("http", "ws") + "live"
        wait_for_arm(address)
        for _ in range(wanted.rounds):
            time.sleep(WINDOW_S + _SETTLE_S)
            found["nobody"].append(look(address)["jitter_ms"])
            watching = pool.apply_async(watch_together, (address, wanted.viewers, WINDOW_S + 2 * _SETTLE_S))
            time.sleep(WINDOW_S + _SETTLE_S)
            found[f"{wanted.viewers} viewers"].append(look(address)["jitter_ms"])
            rates.append(watching.get())
    for name, p99_ms in found.items():
        print(f"{name:<12} p99 {np.median(p99_ms):.3f} ms at the median of {len(p99_ms)} windows of {WINDOW_S:g} s, "
              f"{min(p99_ms):.3f} to {max(p99_ms):.3f}")  # fmt: skip
    parcels, pictures = np.median(rates, axis=0)
    print(f"each viewer got {parcels:.1f} states and {pictures:.1f} pictures a second, at the median")
    watched, alone = (float(np.median(found[name])) for name in reversed(found))
    print(f"difference of the medians: {watched - alone:+.3f} ms")
    if wanted.keep:
        what = ("the console's control loop, how far a period is off at the 99th percentile, watched by nobody and by "
                f"{wanted.viewers} pages")  # fmt: skip
        how_well = (f"{alone:.2f} and {watched:.2f} ms at the median of {wanted.rounds} windows of {WINDOW_S:g} s; "
                    f"each page got {parcels:.1f} states a second")  # fmt: skip
        keep(Row(what, how_well, {"alone_ms": alone, "watched_ms": watched, "states_a_second": float(parcels)}))


if __name__ == "__main__":
    main()
