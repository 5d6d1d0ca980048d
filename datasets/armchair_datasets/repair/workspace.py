"""The working folder of a repair, beside the dataset, and the swap at its end.

    lift                   the broken dataset, never touched
    lift.repairing/        (while `armchair repair lift` runs)
        lock               held by the process that repairs
        building/          the new dataset while it is built and checked
        dataset/           the new dataset, complete
        report.json        what was recovered and lost, and where the broken dataset goes
    lift.broken            afterwards: the broken dataset, as it was

Invariant: the broken dataset stands whole under its own name or under its backup's at every moment. The swap is
two renames; a kill between them leaves `dataset/` and no `lift`, and the next run does the second one.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from armchair_core.durable import move_folder, sync_tree
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.workspace import is_taken


@dataclass(frozen=True)
class RepairWorkspace:
    """The working folder of a repair that will write `out`."""

    out: Path

    @property
    def root(self) -> Path:
        """The working folder itself."""
        return self.out.with_name(self.out.name + ".repairing")

    @property
    def building(self) -> Path:
        """The new dataset while it is built and checked."""
        return self.root / "building"

    @property
    def dataset(self) -> Path:
        """The new dataset, complete."""
        return self.root / "dataset"

    @property
    def cache(self) -> Path:
        """For LeRobot's reader."""
        return self.root / "cache"

    @property
    def _report(self) -> Path:
        return self.root / "report.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second repair out; whatever happens inside, nothing half-built stays behind.

        Raises:
            ArmchairError: if another process is repairing.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ArmchairError(f"another process is repairing in {self.root}: wait for it to end.") from None
        try:
            yield
        finally:
            if not self.is_half_swapped():  # then `dataset` is the only repaired one
                self._clear()
            lock.release()
            with suppress(OSError):
                self.root.rmdir()

    def is_half_swapped(self) -> bool:
        """Return whether a process died between the two renames."""
        return self.dataset.exists() and not self.out.exists()

    def sweep(self) -> None:
        """Remove what a repair left that was killed behind its last rename."""
        if self.root.exists():
            with self.locked():
                pass

    def start(self) -> None:
        """Remove what a killed repair left."""
        for folder in (self.building, self.dataset):
            shutil.rmtree(folder, ignore_errors=True)

    def complete(self, report: dict[str, Any]) -> None:
        """Write the report, and rename `building` to `dataset`."""
        self._report.write_text(json.dumps(report))
        sync_tree(self.root)
        self.building.rename(self.dataset)

    def report(self) -> dict[str, Any]:
        """Return what `complete` was told."""
        return json.loads(self._report.read_text())

    def publish(self) -> None:
        """Move the new dataset to its place."""
        move_folder(self.dataset, self.out)

    def _clear(self) -> None:
        for folder in (self.building, self.dataset, self.cache):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self._report, self.root / "lock"):
            with suppress(OSError):
                file.unlink()


def free_backup(dataset: Path) -> Path:
    """Return lift.broken, or lift.broken-2, … if that is there."""
    names = (f"{dataset.name}.broken{f'-{number}' if number > 1 else ''}" for number in count(1))
    return next(path for name in names if not (path := dataset.with_name(name)).exists())


def check_free(out: Path) -> None:
    """Raise ArmchairError if anything would be written over."""
    if is_taken(out):
        raise ArmchairError(f"{out} exists and is not empty: give --out a folder that does not exist yet.")


def check_idle(dataset: Path) -> None:
    """Raise ArmchairError if a process is still writing the dataset: it only looks broken, as its footers come last."""
    place = dataset.resolve()
    for process in psutil.process_iter():
        try:
            paths = [Path(file.path) for file in process.open_files() if getattr(file, "mode", "w") != "r"]
            name = process.name()
        except (psutil.Error, OSError):
            continue
        if any(path.is_relative_to(place) for path in paths):
            raise ArmchairError(
                f"{name} (process {process.pid}) is still writing to {dataset}: end it, then repair again."
            )
