"""What the pages that watch a console draw from it, and how old the pictures of whoever drives are beside them.

    uv run python benchmarks/console_traffic.py --watchers 30 --seconds 20

A console with a twin of its own; watchers and a driver that are WebSocket clients on this machine. Watchers show all
cameras as wide as a phone does, and say at once what they have seen, in a process of their own that runs last, for in a
classroom they would be other computers. Whoever drives shows them 640 wide. Bytes are those of the messages, without
the few per cent that TCP and Wi-Fi add; a picture's age is counted from when it was taken to when it is sent, and half
a ping is added for its way.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import struct
import time

import numpy as np
from console_jitter import console, go_last, take, wait_for_arm
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import ClientConnection, connect

PHONE_PX, LARGE_PX = 400, 640
HOLD_EVERY_S = 0.05
CAMERAS = ("front", "wrist")


def look(width: int) -> str:
    return json.dumps({"type": "look", "pictures": dict.fromkeys(CAMERAS, width)})


async def watch(address: str, seconds: float) -> tuple[int, int, int]:
    """Look as a page does; bytes, states and pictures that came."""
    drawn = states = pictures = 0
    async with connect_async(address, proxy=None, max_size=None) as line:
        await line.send(look(PHONE_PX))
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            data = await line.recv()
            drawn += len(data)
            if isinstance(data, str):
                continue
            (size,) = struct.unpack_from("<I", data)
            head = json.loads(data[4 : 4 + size])
            await line.send(json.dumps({"type": "seen", "number": head["number"]}))
            states, pictures = states + 1, pictures + len(head["pictures"])
    return drawn, states, pictures


def watch_together(address: str, watchers: int, seconds: float) -> np.ndarray:
    """Bytes, states and pictures a second of each of `watchers`."""

    async def all_of_them() -> list[tuple[int, int, int]]:
        return await asyncio.gather(*(watch(address, seconds) for _ in range(watchers)))

    return np.array(asyncio.run(all_of_them())) / seconds


def drive(line: ClientConnection, seconds: float) -> tuple[list[float], list[float], float]:
    """Hold the wheel; the pictures' ages and the pings (s), and bytes a second."""
    ages_s, pings_s, drawn, held_s, pinged_s = [], [], 0, 0.0, 0.0
    line.send(json.dumps({"type": "seize"}))
    line.send(look(LARGE_PX))
    began_s = time.monotonic()
    while (now_s := time.monotonic()) < began_s + seconds:
        if now_s - held_s > HOLD_EVERY_S:
            held_s = now_s
            line.send(json.dumps({"type": "hold"}))
        if now_s - pinged_s > 1:
            pinged_s = now_s
            line.ping().wait(1)
            pings_s.append(time.monotonic() - now_s)
        head, _ = take(line)
        drawn += sum(each["bytes"] for each in head["pictures"])
        line.send(json.dumps({"type": "seen", "number": head["number"]}))
        ages_s += [each["age_s"] for each in head["pictures"]]
    return ages_s, pings_s, drawn / seconds


def tell_driver(watchers: int, seconds: float, ages_s: list[float], pings_s: list[float], drawn: float) -> None:
    way_ms = 500 * float(np.median(pings_s))
    ages_ms = 1000 * np.array(ages_s) + way_ms
    print(
        f"{watchers} watch: the driver gets {len(ages_s) / seconds:.1f} pictures a second, {np.median(ages_ms):.0f} "
        f"ms old at the median, {np.percentile(ages_ms, 95):.0f} at the 95th percentile ({way_ms:.1f} ms of it on "
        f"the way), {8e-6 * drawn:.2f} Mbit/s of pictures"
    )


def tell_watchers(found: np.ndarray) -> None:
    drawn, states, pictures = np.median(found, axis=0)
    print(f"all who watch draw {8e-6 * found[:, 0].sum():.1f} Mbit/s: each {states:.1f} states and {pictures:.1f} "
          f"pictures a second, {drawn / 1000:.0f} kB/s at the median")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with console() as link, multiprocessing.get_context("spawn").Pool(1, go_last) as pool:
        address = link.replace("http", "ws") + "live"
        wait_for_arm(address)
        with connect(address, proxy=None, max_size=None) as line:
            drive(line, 3.0)
            tell_driver(0, asked.seconds, *drive(line, asked.seconds))
            watching = pool.apply_async(watch_together, (address, asked.watchers, asked.seconds + 2))
            tell_driver(asked.watchers, asked.seconds, *drive(line, asked.seconds))
            tell_watchers(watching.get())
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
