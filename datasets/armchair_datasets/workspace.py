"""Where a recording lives until it is finished: a folder beside the place where the dataset will be.

    lift.recording/            (for --out lift)
        recording.json         what was asked for
        lock                   held while a process records
        episodes/000000 …      finished episodes (see `episode`)
        dataset/               the dataset while it is built

Invariant: the dataset's own folder appears in one rename, complete and checked, so that a half-built dataset
is never mistaken for a finished one.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from armchair_datasets.durable import move_folder, write_folder
from armchair_sim.errors import ArmchairError


@dataclass(frozen=True)
class Plan:
    """What was asked for. The same plan gives the same dataset, byte for byte, on any number of cores.

    `seed` is the first scene's, `height` and `width` the images' in pixels; `disturbed` says whether the arm
    was pushed off the expert's way.
    """

    task: str
    hand: str
    episodes: int
    seed: int
    height: int
    width: int
    disturbed: bool


@dataclass(frozen=True)
class Workspace:
    """The working folder of the recording that will become `out`."""

    out: Path

    @property
    def root(self) -> Path:
        return self.out.with_name(self.out.name + ".recording")

    @property
    def episodes(self) -> Path:
        return self.root / "episodes"

    @property
    def dataset(self) -> Path:
        return self.root / "dataset"

    def finished(self) -> int:
        """How many successful episodes are safe on the disk."""
        return sum(path.parent.suffix != ".partial" for path in self.episodes.glob("*/frames.npz"))

    def start(self, plan: Plan, versions: dict[str, str]) -> None:
        """Claim the folder for a new recording.

        Raises:
            ArmchairError: if the dataset or an interrupted recording of it exists.
        """
        self._check_free()
        if self.root.exists():
            raise ArmchairError(
                f"an unfinished recording of {self.finished()} episodes waits in {self.root}: "
                f"add --resume to finish it, or use --out {free_name(self.out)}."
            )
        write_folder(self.root, {"recording.json": json.dumps(_describe(plan, versions)).encode()})
        self.episodes.mkdir()

    def resume(self, plan: Plan, versions: dict[str, str]) -> None:
        """Take up the interrupted recording of this very plan.

        Raises:
            ArmchairError: if there is none, or it was started with other arguments or versions.
        """
        self._check_free()
        if not (self.root / "recording.json").exists():
            raise ArmchairError(f"nothing waits in {self.root} to be resumed: leave --resume away to start anew.")
        begun = json.loads((self.root / "recording.json").read_text())
        asked = _describe(plan, versions)
        differing = [name for name in asked if begun.get(name) != asked[name]]
        if differing:
            changes = "; ".join(f"{name} {begun.get(name)}, not {asked[name]}" for name in differing)
            raise ArmchairError(
                f"the recording in {self.root} was started with {changes}: resume it with what it was "
                f"started with, or use --out {free_name(self.out)}."
            )

    def _check_free(self) -> None:
        if is_taken(self.out):
            raise ArmchairError(f"{self.out} exists and is not empty: use --out {free_name(self.out)}.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out; the lock dies with its holder, however that dies."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.root / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ArmchairError(f"another process is recording into {self.root}: wait for it to end.") from None
        try:
            yield
        finally:
            lock.release()

    def publish(self) -> None:
        """Move the finished dataset to its place and drop the working folder."""
        move_folder(self.dataset, self.out)
        self.drop()

    def drop(self) -> None:
        """Delete the working folder."""
        shutil.rmtree(self.root, ignore_errors=True)


def _describe(plan: Plan, versions: dict[str, str]) -> dict[str, object]:
    return asdict(plan) | {"versions": versions}


def is_taken(path: Path) -> bool:
    """Whether something is there that a dataset would overwrite; an empty folder is not."""
    return path.exists() and not (path.is_dir() and not any(path.iterdir()))


def free_name(path: Path) -> Path:
    """The nearest name at which neither a dataset nor an unfinished one stands: lift-2, lift-3, …"""
    candidates = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(free for free in candidates if not (is_taken(free) or Workspace(free).root.exists()))
