"""The episodes that can still be loaded after a recorder, ours or stock LeRobot's, was killed at a random moment.

uv run python benchmarks/kill_matrix.py --rounds 200

Each round forks a process that records a handful of short takes from a scripted arm (or adds them to a dataset, or
pushes or repairs one), ends it by a signal after a random time, does what a user would do next, and opens what is
there with stock LeRobot. A saved episode is one that the recorder had reported, or that was there before. Earlier
files, the sources of pushes and broken datasets are compared byte for byte.
"""

import argparse
import json
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np

from armchair_core.dataset_format.columns import ACTION, STATE, image_key
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.recording.build import finish
from armchair_datasets.recording.real_time.record import RecordingRequest, record_takes
from armchair_datasets.recording.real_time.scenes import OwnTable
from armchair_datasets.recording.real_time.session import Rules, SessionOperator
from armchair_datasets.recording.real_time.station import Station
from armchair_datasets.recording.workspace import Workspace
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator

HEIGHT, WIDTH, FPS, TAKES, TAKE_S = 32, 48, 200, 4, 0.1
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)


class ScriptedArm(LoopTeleoperator):
    """Follower and leader in one: every number and every picture tells which frame it is."""

    def __init__(self) -> None:
        nothing = SimpleNamespace(reset_input_buffer=lambda: None)
        self.bus = SimpleNamespace(
            is_connected=False, motors={}, calibration={}, port_handler=SimpleNamespace(ser=nothing)
        )
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
    operator = SessionOperator()
    operator.saved = lambda *_: saved()
    record_takes(station, RecordingRequest(Rules(TAKES, TAKE_S, 0.0), root, append=append), operator)


def record_stock(root: Path, saved: Callable[[], None], append: bool) -> None:
    from lerobot.datasets import LeRobotDataset

    vector = {"dtype": "float32", "shape": (6,), "names": list(FEATURE_NAMES)}
    image = {"dtype": "video", "shape": (HEIGHT, WIDTH, 3), "names": ["height", "width", "channels"]}
    features = {STATE: vector, ACTION: dict(vector), image_key("front"): image}
    if append:
        data = LeRobotDataset.resume("me/stock", root=root)
    else:
        data = LeRobotDataset.create("me/stock", FPS, features, root=root)
    arm = ScriptedArm()
    for _ in range(TAKES):
        for _ in range(round(TAKE_S * FPS)):
            seen = arm.get_observation()
            row = np.full(6, arm.count / 100, np.float32)
            data.add_frame({STATE: row, ACTION: row, image_key("front"): seen["front"], "task": "Push."})
        data.save_episode(parallel_encoding=False)
        saved()
    data.finalize()


RECORDERS = {"ours": record_ours, "stock": record_stock}
Report = Callable[[], object]
Work = Callable[[Report], object]


@dataclass
class Tally:
    """Over the rounds of one kind: episodes that were safe before, of these not loadable any more, harmed datasets."""

    rounds: int = 0
    saved: int = 0
    lost: int = 0
    harmed: int = 0

    def count(self, saved: int, now: int, harmed: bool) -> None:
        self.rounds += 1
        self.saved += saved
        self.lost += max(0, saved - now)
        self.harmed += harmed


def run_child(work: Work, kill_after_s: float | None = None, number: int = 0) -> tuple[int, float]:
    """Do `work` in a forked process and end it after a while; (what it reported, seconds that it ran).

    It reports by calling what it is given, once for an episode.
    """
    reading, writing = os.pipe()
    began_s = time.monotonic()
    child = os.fork()
    if child == 0:
        signal.alarm(120)  # a forked process that hangs must not hang the benchmark
        silence = os.open(os.devnull, os.O_RDWR)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        try:
            work(lambda: os.write(writing, b"."))
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


class Recording:
    """Kills while a dataset is recorded, or added to."""

    def __init__(self, name: str, append: bool, folder: Path) -> None:
        self._name, self._append, self._base = name, append, folder / f"{name}-{append}-base"
        lasts_s = self._record(self._base, False)[1]
        if append:
            copy = Path(shutil.copytree(self._base, folder / f"{name}-copy"))
            lasts_s = self._record(copy, True)[1]
            assert loadable(copy) == 2 * TAKES, "the benchmark itself does not work"
        self.lasts_s = lasts_s

    def _record(self, root: Path, append: bool, *kill: float) -> tuple[int, float]:
        return run_child(lambda saved: RECORDERS[self._name](root, saved, append), *kill)

    def round(self, folder: Path, kill_after_s: float, number: int, tally: Tally) -> None:
        root, before, earlier = folder / "data", {}, 0
        if self._append:
            shutil.copytree(self._base, root)
            before, earlier = contents(root), TAKES
        saved, _ = self._record(root, self._append, kill_after_s, number)
        if self._name == "ours":
            recover(root)
        after = contents(root)
        tally.count(
            saved + earlier, loadable(root), any(after.get(file) != content for file, content in before.items())
        )


def recover(root: Path) -> None:
    """What a user does next: `armchair repair`, which finishes what was begun. Stock has nothing like it."""
    work = Workspace(root)
    work.recover()
    if work.root.exists() and work.finished():
        finish(root)


class Pushing:
    """Kills while a dataset, to which episodes were added, is pushed to a hub that has it without them.

    Safe are the older episodes, whose commit the repo must keep, and after the next push all of them.
    """

    def __init__(self, folder: Path) -> None:
        self._old, self._new = folder / "pushed-old", folder / "pushed-new"
        run_child(lambda saved: record_ours(self._old, saved, False))
        shutil.copytree(self._old, self._new)
        run_child(lambda saved: record_ours(self._new, saved, True))
        self._repos = (f"me/kill-{number}" for number in count())
        self.untagged = 0
        repo_id = next(self._repos)
        push(self._old, repo_id)
        self.lasts_s = push(self._new, repo_id)
        assert on_the_hub(repo_id) == 2 * TAKES, "the benchmark itself does not work"

    def round(self, folder: Path, kill_after_s: float, number: int, tally: Tally) -> None:
        repo_id, before = next(self._repos), contents(self._new)
        push(self._old, repo_id)
        push(self._new, repo_id, kill_after_s, number)
        there = on_the_hub(repo_id)
        self.untagged += there == 0
        is_torn = there not in (0, TAKES, 2 * TAKES)
        push(self._new, repo_id)
        tally.count(2 * TAKES, on_the_hub(repo_id), is_torn or contents(self._new) != before)


def push(root: Path, repo_id: str, *kill: float) -> float:
    """What the process of `armchair push` does; returns how many seconds it took."""
    from armchair_datasets.push.content.payload import make_payload
    from armchair_datasets.push.transfer.child import TASKS
    from armchair_datasets.push.transfer.retry import RetryPolicy, persist

    request = {"parcel": make_payload(root, repo_id).to_json(), "answer_s": 60}
    patience = RetryPolicy(deadline_s=60, first_pause_s=0.05, longest_pause_s=0.2)

    def send(reported: Report) -> None:
        persist(lambda left_s: TASKS["upload"](request, lambda **news: None), repo_id, patience, lambda news: None)

    return run_child(send, *kill)[1]


def on_the_hub(repo_id: str) -> int:
    """How many episodes stock LeRobot loads from the hub by this name; 0 if it refuses."""
    with tempfile.TemporaryDirectory() as folder:

        def load(reported: Report) -> None:
            for _ in range(loadable(Path(folder) / "data", repo_id)):
                reported()

        return run_child(load)[0]


class Repairing:
    """Kills while a dataset that stock LeRobot left broken is repaired. Safe is what an undisturbed repair recovers."""

    def __init__(self, folder: Path) -> None:
        self._broken = folder / "broken"
        taken = count(1)

        def die_at_the_last() -> None:
            if next(taken) == TAKES - 1:
                os.kill(os.getpid(), signal.SIGKILL)

        run_child(lambda saved: record_stock(self._broken, die_at_the_last, False))
        self._damage = contents(self._broken)
        mended = Path(shutil.copytree(self._broken, folder / "mended"))
        self.lasts_s = self._repair(mended)
        self._result, self._episodes = contents(mended), loadable(mended)
        assert self._episodes == TAKES - 1, "the benchmark itself does not work"

    def _repair(self, root: Path, *kill: float) -> float:
        from armchair_datasets.repair.repair import repair

        return run_child(lambda reported: repair(root), *kill)[1]

    def round(self, folder: Path, kill_after_s: float, number: int, tally: Tally) -> None:
        root, backup = folder / "data", folder / "data.broken"
        shutil.copytree(self._broken, root)
        self._repair(root, kill_after_s, number)
        kept = contents(backup if backup.exists() else root) == self._damage
        self._repair(root)
        kept &= contents(backup) == self._damage and contents(root) == self._result
        tally.count(self._episodes, loadable(root), not kept)


def loadable(root: Path, repo_id: str = "me/any") -> int:
    """How many episodes stock LeRobot opens, each of which must hold consecutive frames; 0 if it refuses.

    What is not there is fetched from the hub.
    """
    from lerobot.datasets import LeRobotDataset

    try:
        data = LeRobotDataset(repo_id, root=root, video_backend="pyav", return_uint8=True)
        rows = data.hf_dataset.with_format("numpy")
        state, episode = rows[STATE][:][:, 0], rows["episode_index"][:]
        steps = np.diff(state)[np.diff(episode) == 0]
        data[len(data) - 1]
        return data.num_episodes if np.allclose(steps, 0.01, atol=1e-4) else 0
    except Exception:  # whatever it says, it does not load
        return 0


def contents(root: Path) -> dict[str, bytes]:
    """What must never change again: rows and videos."""
    paths = [path for part in ("data", "videos") for path in (root / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


KINDS = {
    "ours": {
        "recording": lambda folder: Recording("ours", False, folder),
        "appending": lambda folder: Recording("ours", True, folder),
        "pushing": Pushing,
        "repairing": Repairing,
    },
    "stock": {
        "recording": lambda folder: Recording("stock", False, folder),
        "appending": lambda folder: Recording("stock", True, folder),
    },
}


_HAS_HUB = "KILL_MATRIX_HAS_HUB"  # in the environment of the process that does the work


@contextmanager
def classroom_hub(folder: Path) -> Iterator[dict[str, str]]:
    """A hub, and the environment of a process that is to use it: huggingface_hub looks once, when it is imported."""
    command = [sys.executable, "-m", "armchair", "hub", "--folder", folder, "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as hub:
        try:
            yield os.environ | {
                "HF_ENDPOINT": json.loads(hub.stdout.readline())["url"], "HF_TOKEN": "any", "HF_HUB_DISABLE_XET": "1",
                "HF_HOME": str(folder.with_name("home")), "HF_HUB_OFFLINE": "0", _HAS_HUB: "1",
            }  # fmt: skip
        finally:
            hub.terminate()


def run_matrix(rounds: int, names: list[str], jobs: list[str], seed: int = 0) -> tuple[dict[tuple, Tally], int]:
    """`rounds` kills for each recorder, over all signals and its kinds in `jobs`; (recorder, kind, signal) -> Tally.

    And how many killed pushes left their repo without its tag.
    """
    rng, tallies, untagged = random.Random(seed), defaultdict(Tally), 0
    with tempfile.TemporaryDirectory() as place:
        import lerobot.datasets  # noqa: F401 - before forking, so that no child has to

        logging.disable(logging.CRITICAL)
        warnings.simplefilter("ignore")
        av.logging.set_level(av.logging.PANIC)
        for name in names:
            kinds = {kind: make(Path(place)) for kind, make in KINDS[name].items() if kind in jobs}
            for turn in range(rounds if kinds else 0):
                number, kind = SIGNALS[turn % len(SIGNALS)], list(kinds)[turn // len(SIGNALS) % len(kinds)]
                with tempfile.TemporaryDirectory() as folder:
                    kill_after_s = rng.uniform(0, kinds[kind].lasts_s)
                    kinds[kind].round(Path(folder), kill_after_s, number, tallies[name, kind, number.name])
                print(f"\r{name}: {turn + 1} of {rounds} ", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
            untagged += sum(getattr(kind, "untagged", 0) for kind in kinds.values())
    return dict(tallies), untagged


def main() -> None:
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--only", choices=RECORDERS)
    parser.add_argument("--while", dest="jobs", nargs="+", choices=KINDS["ours"], default=list(KINDS["ours"]))
    parser.add_argument("--seed", type=int, default=0)
    add_keep(parser)
    wanted = parser.parse_args()
    if "pushing" in wanted.jobs and _HAS_HUB not in os.environ:
        with tempfile.TemporaryDirectory() as place, classroom_hub(Path(place) / "hub") as env:
            sys.exit(subprocess.run([sys.executable, *sys.argv], env=env).returncode)
    names = [wanted.only] if wanted.only else list(RECORDERS)
    tallies, untagged = run_matrix(wanted.rounds, names, wanted.jobs, wanted.seed)
    print(f"{'recorder':<9}{'while':<11}{'by':<9}{'kills':>6}{'saved':>7}{'lost':>6}{'earlier files harmed':>22}")
    for (name, job, number), tally in tallies.items():
        print(f"{name:<9}{job:<11}{number:<9}{tally.rounds:>6}{tally.saved:>7}{tally.lost:>6}{tally.harmed:>22}")
    if untagged:
        print(
            f"{untagged} killed pushes left the repo without its tag until the next: a Hub cannot move one in one step"
        )
    if wanted.keep:
        sums = {name: [sum(getattr(tally, what) for (recorder, *_), tally in tallies.items() if recorder == name)
                       for what in ("lost", "saved")] for name in names}  # fmt: skip
        what = f"episodes lost in {wanted.rounds} kills at random moments, of those that had been saved"
        how_well = "; ".join(f"{name}: {lost} of {saved:,}" for name, (lost, saved) in sums.items())
        keep(Row(what, how_well, {f"{name}_lost": lost for name, (lost, _) in sums.items()}))


if __name__ == "__main__":
    main()
