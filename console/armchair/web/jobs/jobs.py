"""The jobs of a project folder: those that wait are started, a few at a time; the others are looked after."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from armchair.web.jobs.folder import LIGHT, OVER, JobFolder, JobRequest
from armchair.web.jobs.home import FoundJob, found_folders, jobs_home
from armchair.web.jobs.words import check_words
from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError
from armchair_core.processes.parallel import default_workers
from armchair_core.user_state import private_folder
from armchair_datasets.recording.workspace import Workspace

_LOOK_EVERY_S = 0.5
_PATIENCE_S = 20.0  # to save what was learnt; then whoever asks again ends it at once
_MOST = 200  # on the list
_MOST_OF_VISITORS, _MOST_OF_ONE = 150, 20  # of these, visitors': what is left is a teacher's
_MOST_WAITING = 2  # a visitor
_LIGHT_AT_ONCE = 3
_RESUMES = {"train": "checkpoints/last", "eval": "exam.json"}  # what --resume goes on from


def most_at_once() -> int:
    """Return how many heavy jobs may run side by side: a training fills two cores."""
    return max(1, default_workers() // 2)


class Jobs:
    """The job runner. Safe to use from several threads. `close` ends the looking after them, and not the jobs."""

    def __init__(self, root: Path) -> None:
        """`root` is where their commands run, and what their paths are relative to."""
        self.root = root.resolve()
        self._home = jobs_home(self.root)
        self._lock, self._ended = threading.RLock(), threading.Event()
        self._folders: dict[int, JobFolder] = {}
        self._children: list[subprocess.Popen] = []
        self._status: list[dict[str, Any]] = []
        self.version = 0  # counts what has changed
        self._look()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    # --- what there is ----------------------------------------------------------------------------------------
    def status(self) -> list[dict[str, Any]]:
        """Return how all of them stand, the newest first; see `JobFolder.status`."""
        return self._status

    def find(self, number: int) -> dict[str, Any]:
        """Return how one of them stands.

        Raises:
            ArmchairError: if there is none of this number.
        """
        return self._folder(number).status()

    def log(self, number: int) -> str:
        """Return what it has printed, the last 16 kB of it."""
        folder = self._folder(number).path
        return "".join(_tail(folder / name, 8192) for name in ("log", "errors"))

    # --- what is asked for ------------------------------------------------------------------------------------
    def start(
        self, kind: str, title: str, words: list[object], out: str, owner: str = "", *, is_limited: bool = False
    ) -> dict[str, Any]:
        """Begin `armchair WORDS`, now or when others have ended. `kind` tells pages where it belongs.

        `is_limited`: its owner may have a few, so that there is room for the others'.

        Raises:
            ArmchairError: if a job writes to `out` already, there are very many, or the words are no job's.
        """
        request = JobRequest(kind, title, tuple(map(str, words)), out, owner, time.time())
        check_words(request.words, out, self.root)
        with self._lock:
            for other in self._status:
                if other["out"] == out and other["state"] not in OVER:
                    raise ArmchairError(f"job {other['number']} writes to {out} already: choose another name.")
            self._check_room(owner, is_limited)
            folder = self._make()
            folder.request = request
            self._folders[folder.number] = folder
            self._look()
            return folder.status()

    def stop(self, number: int) -> dict[str, Any]:
        """Let it save what it has and end, as Ctrl-C does; asked again after 20 s, end it at once."""
        folder = self._folder(number)
        with self._lock:
            mark = folder.path / "stop"
            if folder.state in OVER:
                return folder.status()
            if not mark.exists():
                mark.touch()
                if process := folder.process:
                    process.send_signal(signal.SIGINT)
            elif time.time() - mark.stat().st_mtime > _PATIENCE_S and (process := folder.process):
                for each in [*process.children(recursive=True), process]:
                    each.kill()
            self._look()
            return folder.status()

    def again(self, number: int, *, is_limited: bool = False) -> dict[str, Any]:
        """Go on with one that was stopped or has failed, from what it has kept. `is_limited` is as for `start`.

        Raises:
            ArmchairError: if it is under way, or done; or it was found in the project folder.
        """
        folder = self._folder(number)
        with self._lock:
            if folder.state not in ("stopped", "failed"):
                raise ArmchairError(f"job {number} is {folder.state}: only what was stopped or has failed goes on.")
            request = folder.request
            words = [word for word in request.words if word != "--resume"]
            words += ["--resume"] if self._has_kept(request) else []
            if folder.is_found:
                raise ArmchairError(
                    f"job {number} was found in this folder: if you trust it, type {quoted('armchair', *words)}"
                )
            check_words(words, request.out, self.root)
            if is_limited:
                self._check_waiting(request.owner)
            folder.again(replace(request, words=tuple(words), made_s=time.time()))
            self._look()
            return folder.status()

    def forget(self, number: int) -> None:
        """Take one that is over off the list. What it wrote stays.

        Raises:
            ArmchairError: if it is under way.
        """
        folder = self._folder(number)
        with self._lock:
            if folder.state not in OVER:
                raise ArmchairError(f"job {number} is {folder.state}: stop it first.")
            del self._folders[number]
            shutil.rmtree(folder.path)
            self._look()

    def clear(self) -> None:
        """Stop all of them, and take off the list what is over. One that is still saving stays until the next time."""
        for job in self._status:
            if job["state"] not in OVER:
                self.stop(job["number"])
        with self._lock:
            for number in [job["number"] for job in self._status if job["state"] in OVER]:
                self.forget(number)

    def close(self) -> None:
        """Look after them no longer. They go on."""
        self._ended.set()
        self._thread.join()

    # --- looking after them -----------------------------------------------------------------------------------
    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        with self._lock:
            self._children = [child for child in self._children if child.poll() is None]  # and no zombie is left
            self._read_home()
            status = self._all()
            if self._begin_next(status):
                status = self._all()
            if status != self._status:
                self._status, self.version = status, self.version + 1

    def _all(self) -> list[dict[str, Any]]:
        return [self._folders[number].status() for number in sorted(self._folders, reverse=True)]

    def _read_home(self) -> None:
        """Those of another console, of earlier or at the same time; and those that were found."""
        own = [path.parent for path in self._home.glob("[0-9]*/job.json") if re.fullmatch("[0-9]+", path.parent.name)]
        found = [self._known(path, FoundJob) for path in found_folders(self.root)]
        listed = [*found, *(self._known(path, JobFolder) for path in own)]
        self._folders = {folder.number: folder for folder in listed if folder.read()}

    def _known(self, path: Path, kind: type[JobFolder]) -> JobFolder:
        known = self._folders.get(int(path.name))
        return known if known and known.path == path else kind(path)

    def _begin_next(self, status: list[dict[str, Any]]) -> bool:
        """Start what may start, the oldest first; whether anything was."""
        busy = [job["kind"] in LIGHT for job in status if job["state"] in ("running", "stopping")]
        room = {True: _LIGHT_AT_ONCE - sum(busy), False: most_at_once() - (len(busy) - sum(busy))}
        begun = False
        for job in reversed(status):
            is_light = job["kind"] in LIGHT
            if job["state"] == "waiting" and room[is_light] > 0:
                begun |= self._begin(self._folders[job["number"]])
                room[is_light] -= 1
        return begun

    def _check_room(self, owner: str, is_limited: bool) -> None:
        """Raise ArmchairError if no more jobs are taken."""
        own = [folder for folder in self._folders.values() if not folder.is_found]
        if len(own) >= (_MOST_OF_VISITORS if is_limited else _MOST):
            raise ArmchairError(f"there are {len(own)} jobs: a teacher has to take some off the list first.")
        if is_limited:
            self._check_waiting(owner)
            if sum(folder.request.owner == owner for folder in own) >= _MOST_OF_ONE:
                raise ArmchairError(f"{_MOST_OF_ONE} jobs of yours are on the list: take some off it first.")

    def _check_waiting(self, owner: str) -> None:
        if sum(job["owner"] == owner and job["state"] == "waiting" for job in self._status) >= _MOST_WAITING:
            raise ArmchairError(f"{_MOST_WAITING} jobs of yours wait already: stop one of them, or wait for its turn.")

    def _begin(self, folder: JobFolder) -> bool:
        with FileLock(self._home / "lock"):  # two consoles may look after the same folder
            if (folder.path / "process.json").exists() or (folder.path / "end.json").exists():
                return False
            try:
                check_words(folder.request.words, folder.request.out, self.root)
            except ArmchairError as error:
                folder.ended(1, str(error))
                return True
            # -P: Python would import what lies in the project folder before what is installed.
            words = [sys.executable, "-P", "-m", "armchair.web.jobs.child", str(folder.path)]
            with (folder.path / "log").open("ab") as log, (folder.path / "errors").open("wb") as errors:
                # A session of its own: neither Ctrl-C nor the end of the console's terminal ends it.
                child = subprocess.Popen(
                    words, cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=errors, start_new_session=True,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )  # fmt: skip
            folder.began(child.pid)
        self._children.append(child)
        return True

    # --- folders ----------------------------------------------------------------------------------------------
    def _make(self) -> JobFolder:
        """The next number's."""
        private_folder(self._home)
        number = max(self._folders, default=0)
        while True:
            number += 1
            try:
                (self._home / f"{number:04d}").mkdir()
            except FileExistsError:  # of a console beside this one
                continue
            return JobFolder(self._home / f"{number:04d}")

    def _folder(self, number: int) -> JobFolder:
        with self._lock:
            if number not in self._folders:
                raise ArmchairError(f"there is no job {number}: it was taken off the list.")
            return self._folders[number]

    def _has_kept(self, request: JobRequest) -> bool:
        out = self.root / request.out
        if request.kind == "record":
            return Workspace(out).root.exists()
        return request.kind in _RESUMES and (out / _RESUMES[request.kind]).exists()


def _tail(file: Path, most: int) -> str:
    if file.is_symlink() or not file.is_file():
        return ""
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - most))
        return log.read().decode("utf-8", errors="replace")
