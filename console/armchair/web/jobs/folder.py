"""The folder of one job: all that is known of it, in small files.

job.json        which command, into which folder, whose                         written once, by the console
process.json    the process and when it began, so that a reused number is not taken for it
progress.json   how far it is                                                   by the command, `terminal.progress`
stop            somebody wants it to end
end.json        how it ended                                                    by the process itself
log, errors     what it printed
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from armchair.terminal.next_command import typed
from armchair_core.files import write_atomically

State = Literal["waiting", "running", "stopping", "done", "failed", "stopped"]
OVER: tuple[State, ...] = ("done", "failed", "stopped")
LIGHT = ("push", "build", "remove")  # kinds that wait for a network and not for a core, or are soon over
_VANISHED = "it ended without a word, as a process does that is killed or finds no memory."
_SAME_S = 0.02  # a start is read back as a fraction of clock ticks


@dataclass(frozen=True)
class JobRequest:
    """What was asked of a job. `words` follow `armchair`; `out` is the folder that they write.

    It is relative to the console's. `owner` stands for the visitor who asked.
    """

    kind: str
    title: str
    words: tuple[str, ...]
    out: str
    owner: str
    made_s: float


class JobFolder:
    """One job's folder. Reads and writes files; starts and ends nothing."""

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, int(path.name)
        self._last: dict[str, Any] | None = None  # how it stood when it was over: that does not change

    @property
    def request(self) -> JobRequest:
        """What was asked for."""
        found = _read(self.path / "job.json")
        return JobRequest(**{**found, "words": tuple(found["words"])})

    @request.setter
    def request(self, request: JobRequest) -> None:
        write_atomically(self.path / "job.json", json.dumps(asdict(request)))

    @property
    def wants_stop(self) -> bool:
        """Whether somebody wants it to end."""
        return (self.path / "stop").exists()

    @property
    def process(self) -> psutil.Process | None:
        """Its process; None if there is none (any more). An older console's names another module, and is found too."""
        if not (began := _read(self.path / "process.json")):
            return None
        try:
            process = psutil.Process(began["pid"])
            is_it = abs(process.create_time() - began["began_s"]) < _SAME_S
            return process if is_it and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None

    def began(self, pid: int) -> None:
        """Write down which process it is."""
        try:
            began_s = psutil.Process(pid).create_time()
        except psutil.Error:  # it is over already
            began_s = 0.0
        write_atomically(self.path / "process.json", json.dumps({"pid": pid, "began_s": began_s}))

    def ended(self, code: int, said: str) -> None:
        """Write down how it ended: an exit code, and a sentence if that is not 0."""
        write_atomically(self.path / "end.json", json.dumps({"code": code, "said": said, "ended_s": time.time()}))

    def again(self, request: JobRequest) -> None:
        """Let it wait for another start, with `request`."""
        self.request, self._last = request, None
        for name in ("stop", "progress.json", "process.json", "end.json"):  # the end last: until then it is over
            (self.path / name).unlink(missing_ok=True)

    @property
    def state(self) -> State:
        """How it stands, in a word."""
        state: State = self.status()["state"]
        return state

    def status(self) -> dict[str, Any]:
        """Return how it stands, for a page. `began_s` and `ended_s` are on `time.time`, None before."""
        if self._last:
            return self._last
        end, request = _read(self.path / "end.json"), self.request
        state = self._over(end) if end else self._under_way()
        status = {
            "number": self.number, "kind": request.kind, "title": request.title, "line": typed(*request.words),
            "out": request.out, "owner": request.owner, "state": state, "words": self._words(state, end),
            **{"stage": "", "fraction": 0.0, "note": "", "left_s": None, **_read(self.path / "progress.json")},
            "began_s": _read(self.path / "process.json").get("began_s"), "ended_s": end.get("ended_s"),
        }  # fmt: skip
        if state in OVER:
            self._last = status
        return status

    def _over(self, end: dict[str, Any]) -> State:
        return "done" if end["code"] == 0 else "stopped" if self.wants_stop else "failed"

    def _under_way(self) -> State:
        if not (self.path / "process.json").exists():
            return "stopped" if self.wants_stop else "waiting"
        if self.process is None:
            # It may have written its end and gone since that was looked for.
            end = _read(self.path / "end.json")
            return self._over(end) if end else "stopped" if self.wants_stop else "failed"
        return "stopping" if self.wants_stop else "running"

    def _words(self, state: State, end: dict[str, Any]) -> str:
        """One sentence on an end that is not as asked for."""
        if state not in ("failed", "stopped"):
            return ""
        if not (self.path / "process.json").exists():
            return "it was stopped before it began."
        said = (end or _read(self.path / "end.json")).get("said")
        return said or (_VANISHED if state == "failed" else "it was stopped.")


def _read(file: Path) -> dict[str, Any]:
    """{} if it is not there."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
