"""The working folder of a recording until it is finished, beside the place where its dataset will be.

    lift.recording/            (for --out lift)
        recording.json         what was asked for
        lock, holder           held while a process records; which one
        episodes/000000 …      finished episodes (see `episode_folder`)
        dataset/               the dataset while it is built
        published              there once `dataset` is complete: what it can be recognised by

Invariant: the dataset's own folder changes in one step, from what it was (nothing, or the dataset that is added to)
to a complete and checked one, so that a half-built dataset is never mistaken for a finished one.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from armchair_core.command_line import quoted
from armchair_core.dataset_format.about import ABOUT
from armchair_core.dataset_format.info import INFO, STATS, is_dataset
from armchair_core.durable import exchange_folders, move_folder, undo_exchange, write_folder
from armchair_core.errors import ArmchairError
from armchair_core.files import not_a_link, write_atomically
from armchair_core.words import number_of


@dataclass(frozen=True)
class Workspace:
    """The working folder of the recording that will become `out`, or be added to it."""

    out: Path

    @property
    def root(self) -> Path:
        """The working folder itself."""
        return self.out.with_name(self.out.name + ".recording")

    @property
    def note(self) -> Path:
        """The file that says what was asked for when the recording began; written once."""
        return self.root / "recording.json"

    @property
    def episodes(self) -> Path:
        """The folder of the finished episodes."""
        return self.root / "episodes"

    @property
    def dataset(self) -> Path:
        """The dataset while it is built."""
        return self.root / "dataset"

    @property
    def begun(self) -> dict[str, Any]:
        """What was asked for when the recording began."""
        return json.loads(self.note.read_text())

    @property
    def base(self) -> Path | None:
        """The dataset that this recording is added to, if it is."""
        return self.out if self.begun["append"] else None

    def finished(self) -> int:
        """Return how many successful episodes are safe on the disk."""
        return sum(1 for _ in self.episodes.glob("[0-9]" * 6 + "/frames.npz"))

    def start(self, asked: Mapping[str, Any], append: bool = False) -> None:
        """Claim the folder for a new recording; `asked` is what JSON can hold.

        Raises:
            ArmchairError: if an interrupted recording waits here, or the dataset exists (to `append`: does not).
        """
        self.recover()
        if append and not is_dataset(self.out):
            raise ArmchairError(f"{self.out} is no dataset that could be added to: leave --append away to make one.")
        if not append:
            self._check_free()
        if self.root.exists():
            raise ArmchairError(
                f"an unfinished recording of {number_of(self.finished(), 'episode')} waits in {self.root}: "
                f"add --resume to finish it, or use {quoted('--out', free_name(self.out))}."
            )
        write_folder(self.root, {self.note.name: json.dumps({**asked, "append": append}).encode()})
        self.episodes.mkdir()

    def resume(self, asked: Mapping[str, Any]) -> None:
        """Take up the interrupted recording, if what is asked for now is what was asked for then.

        Raises:
            ArmchairError: if there is none, or it was started with something else.
        """
        self.recover()
        if not self.note.exists():
            self._check_free()
            raise ArmchairError(f"nothing waits in {self.root} to be resumed: leave --resume away to start anew.")
        if self.base is None:
            self._check_free()
        begun, asked = self.begun, json.loads(json.dumps(asked))
        differing = [name for name in asked if begun.get(name) != asked[name]]
        if differing:
            changes = "; ".join(f"{name} {begun.get(name)}, not {asked[name]}" for name in differing)
            raise ArmchairError(
                f"the recording in {self.root} was started with {changes}: resume it with what it was "
                f"started with, or use {quoted('--out', free_name(self.out))}."
            )

    def _check_free(self) -> None:
        if is_taken(self.out):
            if self.out.is_file():
                raise ArmchairError(f"{self.out} is a file: use {quoted('--out', free_name(self.out))}.")
            add = "add --append to record more into it, or " if is_dataset(self.out) else ""
            raise ArmchairError(f"{self.out} exists and is not empty: {add}use {quoted('--out', free_name(self.out))}.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out; the lock dies with its holder, however that dies.

        Raises:
            ArmchairError: if another process records here.
        """
        lock, holder = FileLock(self.root / "lock", timeout=0), self.root / "holder"
        try:
            lock.acquire()
        except Timeout:
            raise ArmchairError(
                f"process {holder.read_text() if holder.exists() else '(unknown)'} is recording into {self.root}: "
                "wait for it to end, or stop it."
            ) from None
        try:
            not_a_link(holder).write_text(str(os.getpid()))
            yield
        finally:
            lock.release()

    def is_held(self) -> bool:
        """Return whether a process records here now. Looks only: whoever wants the lock still gets it."""
        holder = self.root / "holder"
        try:
            began_s = psutil.Process(int(holder.read_text())).create_time()
            return began_s <= holder.stat().st_mtime + 1  # or its number has gone to another process since
        except (OSError, ValueError, psutil.Error):
            return False

    def publish(self) -> None:
        """Move the finished dataset to its place, in one step, and drop the working folder."""
        write_atomically(self.root / "published", _digest(self.dataset))
        if self.base is None:
            move_folder(self.dataset, self.out)
        else:
            exchange_folders(self.out, self.dataset)
        self.drop()

    def recover(self) -> None:
        """Finish what a crash in the middle of `publish` has left undone. Does nothing otherwise."""
        undo_exchange(self.out)
        shutil.rmtree(self._gone, ignore_errors=True)
        mark = self.root / "published"
        if mark.exists() and is_dataset(self.out) and mark.read_text() == _digest(self.out):
            self.drop()

    def drop(self) -> None:
        """Delete the working folder, its name first: half of one must not be taken for a recording."""
        if self.root.exists():
            self.root.rename(self._gone)
            shutil.rmtree(self._gone, ignore_errors=True)

    @property
    def _gone(self) -> Path:
        return self.out.with_name(self.out.name + ".gone")


def is_taken(path: Path) -> bool:
    """Return whether something is there that a dataset would overwrite; an empty folder is not."""
    return path.exists() and not (path.is_dir() and not any(path.iterdir()))


def free_name(path: Path) -> Path:
    """Return the nearest name at which neither a dataset nor an unfinished one stands: lift-2, lift-3, …"""
    candidates = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(free for free in candidates if not (is_taken(free) or Workspace(free).root.exists()))


def nearest_free(path: Path) -> Path:
    """Return `path` if nothing would be overwritten there, else the nearest name that is free."""
    return free_name(path) if is_taken(path) or Workspace(path).root.exists() else path


def refuse_used_folder(out: Path) -> None:
    """Raise ArmchairError if `out` is a file or a folder with something in it."""
    if out.is_file():
        raise ArmchairError(f"{out} is a file: use {quoted('--out', free_name(out))}.")
    if is_taken(out):
        raise ArmchairError(f"{out} exists and is not empty: use {quoted('--out', free_name(out))}.")


def _digest(dataset: Path) -> str:
    """Return what a dataset can be recognised by: a hash over its description and its statistics."""
    contents = [(dataset / name).read_bytes() for name in (INFO, STATS, ABOUT)]
    return hashlib.sha256(b"".join(contents)).hexdigest()
