"""The speed of the twin's answers: stock driver against `armchair twin` on a pty, with and without cameras and pace.

    uv run python benchmarks/twin_wire.py

A real bus at 1 Mbaud needs 0.62 ms for a sync-read of six servos, and USB adds one or two.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from lerobot.robots.so_follower import SO101Follower, SO101FollowerConfig

SECONDS = 10.0
HZ = 60


def measure(*options: str, hz: float | None) -> np.ndarray:
    """Milliseconds of each observe-and-act cycle, [cycles, 2]: the read alone, and both."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        words = [Path(sys.executable).parent / "armchair", "twin", "--json", "--hand", "still", *options]
        twin = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            note = json.loads(twin.stdout.readline())
            Path(folder, "twin.json").write_text(json.dumps(note["calibration"]["follower"]))
            port = note["ports"]["follower"]
            return cycles(SO101Follower(SO101FollowerConfig(port=port, id="twin", calibration_dir=Path(folder))), hz)
        finally:
            twin.terminate()
            twin.wait()


def cycles(arm: SO101Follower, hz: float | None) -> np.ndarray:
    arm.connect()
    taken, end_s = [], time.monotonic() + SECONDS
    while time.monotonic() < end_s:
        started_s = time.perf_counter()
        observation = arm.get_observation()
        read_s = time.perf_counter() - started_s
        arm.send_action(observation)
        both_s = time.perf_counter() - started_s
        taken.append((1000 * read_s, 1000 * both_s))
        if hz:
            time.sleep(max(0.0, 1 / hz - both_s))
    arm.disconnect()
    return np.array(taken)


def show(name: str, taken: np.ndarray) -> None:
    read, both = taken.T
    print(
        f"{name:<38} read p50 {np.median(read):.2f} p99 {np.percentile(read, 99):.2f} ms, "
        f"observe and act p50 {np.median(both):.2f} ms, {len(taken) / SECONDS:.0f} cycles a second"
    )


def main() -> None:
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_keep(parser)
    wanted = parser.parse_args()
    beside_cameras = measure(hz=HZ)
    show("paced, two cameras, 60 Hz", beside_cameras)
    show("paced, no cameras, 60 Hz", measure("--no-cameras", hz=HZ))
    show("unpaced, no cameras, as fast as it goes", measure("--no-cameras", "--unpaced", hz=None))
    if wanted.keep:
        p50_ms, p99_ms = (float(each) for each in np.percentile(beside_cameras[:, 0], (50, 99)))
        how_well = f"{p50_ms:.1f} ms at the median, p99 {p99_ms:.1f} ms"
        what = "twin: sync-read of six servos with two cameras running"
        keep(Row(what, how_well, {"p50_ms": p50_ms, "p99_ms": p99_ms}))


if __name__ == "__main__":
    main()
