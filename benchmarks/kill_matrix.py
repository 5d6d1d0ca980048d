"""Kill a recorder at random moments, ours and stock LeRobot's, and count what can still be loaded.

uv run python benchmarks/kill_matrix.py --rounds 200

Each round forks a process that records (or adds to a dataset) a handful of short takes from a scripted arm, ends
it by a signal after a random time, does what a user would do next, and opens what is there with stock LeRobot.
A saved episode is one that the recorder had reported. Earlier episodes are compared byte for byte.
"""

import argparse
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np

from armchair_datasets.build import finish
from armchair_datasets.live.recorder import record_takes
from armchair_datasets.live.scenes import OwnTable
from armchair_datasets.live.session import Rules
from armchair_datasets.live.station import Station
from armchair_datasets.workspace import Workspace
from armchair_sim.so101 import FEATURE_NAMES

HEIGHT, WIDTH, FPS, TAKES, TAKE_S = 32, 48, 200, 4, 0.1
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)


class ScriptedArm:
    """Follower and leader in one: every number and every picture tells which frame it is."""

    def __init__(self) -> None:
        nothing = SimpleNamespace(reset_input_buffer=lambda: None)
        self.bus = SimpleNamespace(is_connected=False, port_handler=SimpleNamespace(ser=nothing))
        self.cameras = {"front": SimpleNamespace(height=HEIGHT, width=WIDTH, latest_timestamp=0.0)}
        self.count = 0

    def get_observation(self) -> dict:
        self.count += 1
        return {**dict.fromkeys(FEATURE_NAMES, self.count / 100), "front": picture(self.count)}

    def get_action(self) -> dict:
        return dict.fromkeys(FEATURE_NAMES, self.count / 100)

    def send_action(self, action: dict) -> None:
        pass


def picture(count: int) -> np.ndarray:
    """uint8[H,W,3]: a bar that walks."""
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    image[:, count % WIDTH] = 200
    return image


def record_ours(root: Path, saved: Callable[[], None], append: bool) -> None:
    arm = ScriptedArm()
    station = Station(arm, arm, OwnTable(), "Push the bar.", {"hand": "leader"}, FPS)
    record_takes(station, Rules(TAKES, TAKE_S, 0.0), root, append=append, on_saved=lambda *_: saved())


def record_stock(root: Path, saved: Callable[[], None], append: bool) -> None:
    from lerobot.datasets import LeRobotDataset

    vector = {"dtype": "float32", "shape": (6,), "names": list(FEATURE_NAMES)}
    image = {"dtype": "video", "shape": (HEIGHT, WIDTH, 3), "names": ["height", "width", "channels"]}
    features = {"observation.state": vector, "action": dict(vector), "observation.images.front": image}
    if append:
        data = LeRobotDataset.resume("me/stock", root=root)
    else:
        data = LeRobotDataset.create("me/stock", FPS, features, root=root)
    arm = ScriptedArm()
    for _ in range(TAKES):
        for _ in range(round(TAKE_S * FPS)):
            seen = arm.get_observation()
            row = np.full(6, arm.count / 100, np.float32)
            data.add_frame(
                {"observation.state": row, "action": row, "observation.images.front": seen["front"], "task": "Push."}
            )
        data.save_episode(parallel_encoding=False)
        saved()
    data.finalize()


RECORDERS = {"ours": record_ours, "stock": record_stock}


@dataclass
class Tally:
    """Over the rounds of one kind: episodes reported saved, of these loadable, and datasets harmed."""

    rounds: int = 0
    saved: int = 0
    lost: int = 0
    harmed: int = 0


def run_child(name: str, root: Path, append: bool, kill_after_s: float | None, number: int) -> tuple[int, float]:
    """Record in a forked process and end it after a while; (episodes reported saved, seconds that it ran)."""
    reading, writing = os.pipe()
    began_s = time.monotonic()
    child = os.fork()
    if child == 0:
        signal.alarm(120)  # a forked process that hangs must not hang the benchmark
        silence = os.open(os.devnull, os.O_RDWR)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        try:
            RECORDERS[name](root, lambda: os.write(writing, b"."), append)
        finally:
            os._exit(0)
    os.close(writing)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, number)
    os.waitpid(child, 0)
    lived_s = time.monotonic() - began_s
    with os.fdopen(reading, "rb") as pipe:
        return len(pipe.read()), lived_s


def recover(name: str, root: Path) -> None:
    """What a user does next: with ours `armchair repair`, which finishes what was begun; stock has nothing."""
    if name == "ours":
        work = Workspace(root)
        work.recover()
        if work.root.exists() and work.finished():
            finish(root)


def loadable(root: Path) -> int:
    """How many episodes stock LeRobot opens, each of which must hold consecutive frames; 0 if it refuses."""
    from lerobot.datasets import LeRobotDataset

    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        data = LeRobotDataset("me/any", root=root, video_backend="pyav", return_uint8=True)
        rows = data.hf_dataset.with_format("numpy")
        state, episode = rows["observation.state"][:][:, 0], rows["episode_index"][:]
        steps = np.diff(state)[np.diff(episode) == 0]
        data[len(data) - 1]
        return data.num_episodes if np.allclose(steps, 0.01, atol=1e-4) else 0
    except Exception:  # whatever it says, it does not load
        return 0


def contents(root: Path) -> dict[str, bytes]:
    """What must never change again: rows and videos."""
    paths = [path for part in ("data", "videos") for path in (root / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def one_round(name: str, base: Path | None, lasts_s: float, number: int, rng: random.Random, tally: Tally) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        before = {}
        if base is not None:
            shutil.copytree(base, root)
            before = contents(root)
        earlier = TAKES if base is not None else 0
        saved, _ = run_child(name, root, base is not None, rng.uniform(0, lasts_s), number)
        recover(name, root)
        now = loadable(root)
        after = contents(root)
        tally.rounds += 1
        tally.saved += saved + earlier
        tally.lost += max(0, saved + earlier - now)
        tally.harmed += any(after.get(file) != content for file, content in before.items())


def prepare(name: str, folder: Path) -> tuple[Path, float, float]:
    """A finished dataset to add to, and how long recording and adding take when nobody interferes."""
    base = folder / f"{name}-base"
    _, recording_s = run_child(name, base, False, None, 0)
    shutil.copytree(base, folder / f"{name}-copy")
    _, appending_s = run_child(name, folder / f"{name}-copy", True, None, 0)
    assert loadable(folder / f"{name}-copy") == 2 * TAKES, "the benchmark itself does not work"
    return base, recording_s, appending_s


def run_matrix(rounds: int, names: tuple[str, ...] = tuple(RECORDERS), seed: int = 0) -> dict[tuple, Tally]:
    """`rounds` kills for each recorder, over all signals and both jobs; (recorder, job, signal) -> Tally."""
    import lerobot.datasets  # noqa: F401 - before forking, so that no child has to

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    av.logging.set_level(av.logging.PANIC)
    rng, tallies = random.Random(seed), defaultdict(Tally)
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            base, recording_s, appending_s = prepare(name, Path(folder))
            for turn in range(rounds):
                number, append = SIGNALS[turn % len(SIGNALS)], turn // len(SIGNALS) % 2 == 1
                tally = tallies[name, "appending" if append else "recording", number.name]
                lasts_s = appending_s if append else recording_s
                one_round(name, base if append else None, lasts_s, number, rng, tally)
                print(f"\r{name}: {turn + 1} of {rounds} ", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
    return dict(tallies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--only", choices=RECORDERS)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    tallies = run_matrix(wanted.rounds, (wanted.only,) if wanted.only else tuple(RECORDERS), wanted.seed)
    print(f"{'recorder':<9}{'while':<11}{'by':<9}{'kills':>6}{'saved':>7}{'lost':>6}{'earlier files harmed':>22}")
    for (name, job, number), tally in tallies.items():
        print(f"{name:<9}{job:<11}{number:<9}{tally.rounds:>6}{tally.saved:>7}{tally.lost:>6}{tally.harmed:>22}")


if __name__ == "__main__":
    main()
