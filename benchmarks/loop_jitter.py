"""The jitter of the real-time loop: follower, leader and two cameras of a twin of its own, at three rates.

    uv run python benchmarks/loop_jitter.py --seconds 20 --runs 3

Jitter is how far each interval between two readings of the arm lies from the period. Beside it, in turns, the plain
loop: the same readings and writings, then `time.sleep` for what is left of the period. Medians over the runs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from armchair_robot.bus.registers import flush
from armchair_robot.devices.arms import open_follower, open_leader
from armchair_robot.loop.real_time import run_loop
from armchair_robot.safety.torque_off import held

RATES_HZ = (30, 60, 100)
_SETTLE_S = 1.0  # not counted


@contextmanager
def twin() -> Iterator[None]:
    """A twin whose expert moves the leader."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        command = [Path(sys.executable).parent / "armchair", "twin", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert json.loads(process.stdout.readline())["ports"]
            yield
        finally:
            process.terminate()
            process.wait()


def our_loop(robot, leader, fps: int, until_s: float) -> list[float]:
    times_s = []

    def listen(moment) -> bool:
        times_s.append(moment.observed_s)
        return moment.observed_s < until_s

    run_loop(robot, leader, fps, listen)
    return times_s


def plain_loop(robot, leader, fps: int, until_s: float) -> list[float]:
    times_s = [time.perf_counter()]
    while times_s[-1] < until_s:
        flush(robot)
        flush(leader)
        robot.get_observation()
        robot.send_action(leader.get_action())
        time.sleep(max(0.0, times_s[-1] + 1 / fps - time.perf_counter()))
        times_s.append(time.perf_counter())
    return times_s


def jitter_ms(loop: Callable, robot, leader, fps: int, seconds: float) -> np.ndarray:
    """Milliseconds off the period, one for each interval."""
    began_s = time.perf_counter()
    times_s = np.array(loop(robot, leader, fps, began_s + _SETTLE_S + seconds))
    return np.abs(np.diff(times_s[times_s > began_s + _SETTLE_S]) * 1000 - 1000 / fps)


def main() -> None:
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=3)
    add_keep(parser)
    wanted = parser.parse_args()
    ours_ms = {}
    loops = {"run_loop": our_loop, "plain sleep": plain_loop}
    with twin(), held() as hold:
        robot, leader = hold(open_follower("twin")), hold(open_leader("twin"))
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for fps in RATES_HZ:
            found = {name: [] for name in loops}
            for _ in range(wanted.runs):
                for name, loop in loops.items():
                    found[name].append(jitter_ms(loop, robot, leader, fps, wanted.seconds))
            for name, runs in found.items():
                p50, p95, p99 = np.median([np.percentile(run, (50, 95, 99)) for run in runs], axis=0)
                worst, count = max(run.max() for run in runs), sum(map(len, runs))
                if name == "run_loop":
                    ours_ms[fps] = p99
                print(
                    f"{fps:>3} Hz  {name:<12} p50 {p50:.3f}  p95 {p95:.3f}  p99 {p99:.3f}  "
                    f"worst {worst:.1f} ms  (n = {count})"
                )
    if wanted.keep:
        rates, found_ms = (", ".join(each) for each in (map(str, ours_ms), (f"{p99:.2f}" for p99 in ours_ms.values())))
        what = f"how far a control period is off, 99th percentile, with two cameras; at {rates} Hz"
        keep(Row(what, f"{found_ms} ms", {f"p99_ms_at_{fps}_hz": p99 for fps, p99 in ours_ms.items()}))


if __name__ == "__main__":
    main()
