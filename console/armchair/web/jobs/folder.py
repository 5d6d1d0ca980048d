"""The folder of one job: all that is known of it, in small files.

job.json        which command, into which folder, whose                         written once, by the console
process.json    the process and when it began, so that a reused number is not taken for it
progress.json   how far it is                                                   by the command, `terminal.progress`
stop            somebody wants it to end
end.json        how it ended                                                    by the process itself
log, errors     what it printed

Whatever else stands in one of these files counts as nothing: damage to one job harms no page and no other job.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import psutil
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from armchair_core.command_line import quoted
from armchair_core.files import write_atomically

State = Literal["waiting", "running", "stopping", "done", "failed", "stopped"]
OVER: tuple[State, ...] = ("done", "failed", "stopped")
LIGHT = ("push", "build", "remove")  # kinds that wait for a network and not for a core, or are soon over
_VANISHED = "it ended without a word, as a process does that is killed or finds no memory."
_SAME_S = 0.02  # a start is read back as a fraction of clock ticks
_MOST_BYTES = 2**16  # of a file
_MOST_TEXT, _MOST_SHOWN = 4000, 1000
_Text = Annotated[str, Field(max_length=_MOST_TEXT)]
_Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class JobRequest:
    """What was asked of a job. `words` follow `armchair`; `out` is the folder that they write.

    It is relative to the console's. `owner` stands for the visitor who asked.
    """

    kind: _Text
    title: _Text
    words: tuple[_Text, ...]
    out: _Text
    owner: _Text
    made_s: _Number


class _Progress(BaseModel):
    stage: _Text = ""
    fraction: _Number = 0.0
    note: _Text = ""
    left_s: _Number | None = None


class _Began(BaseModel):
    pid: Annotated[int, Field(gt=0, lt=2**31)]
    began_s: _Number


class _End(BaseModel):
    code: int
    said: _Text = ""
    ended_s: _Number


_REQUEST: TypeAdapter[JobRequest] = TypeAdapter(JobRequest)
_PROGRESS, _BEGAN, _END = TypeAdapter(_Progress), TypeAdapter(_Began), TypeAdapter(_End)


class JobFolder:
    """One job's folder. Reads and writes files; starts and ends nothing."""

    is_found = False  # see `home.FoundJob`

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, int(path.name)
        self._request: JobRequest | None = None
        self._last: dict[str, Any] | None = None  # how it stood when it was over: that does not change

    def read(self) -> bool:
        """Read what was asked for; return whether it says so."""
        if self._last is None:
            self._request = _read(self.path / "job.json", _REQUEST)
        return self._request is not None

    @property
    def request(self) -> JobRequest:
        """What was asked for, when that was read last."""
        assert self._request is not None  # or it is on no list
        return self._request

    @request.setter
    def request(self, request: JobRequest) -> None:
        self._request = request
        write_atomically(self.path / "job.json", json.dumps(asdict(request)))

    @property
    def wants_stop(self) -> bool:
        """Whether somebody wants it to end."""
        return (self.path / "stop").exists()

    @property
    def process(self) -> psutil.Process | None:
        """Its process; None if there is none (any more). An older console's names another module, and is found too."""
        if not (began := _read(self.path / "process.json", _BEGAN)):
            return None
        try:
            process = psutil.Process(began.pid)
            is_it = abs(process.create_time() - began.began_s) < _SAME_S
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
        write_atomically(
            self.path / "end.json", json.dumps({"code": code, "said": said[:_MOST_TEXT], "ended_s": time.time()})
        )

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
        end, request = self._end, self.request
        state = self._over(end) if end else self._under_way()
        began = _read(self.path / "process.json", _BEGAN)
        status = {
            "number": self.number, "kind": request.kind, "title": request.title[:_MOST_SHOWN],
            "line": quoted("armchair", *request.words)[:_MOST_SHOWN],
            "out": request.out, "owner": "" if self.is_found else request.owner, "state": state,
            "words": self._words(state, end.said if end else ""),
            **(_read(self.path / "progress.json", _PROGRESS) or _Progress()).model_dump(),
            "began_s": began and began.began_s, "ended_s": end and end.ended_s,
        }  # fmt: skip
        if state in OVER:
            self._last = status
        return status

    @property
    def _end(self) -> _End | None:
        return _read(self.path / "end.json", _END)

    def _over(self, end: _End) -> State:
        return "done" if end.code == 0 else "stopped" if self.wants_stop else "failed"

    def _under_way(self) -> State:
        if not (self.path / "process.json").exists():
            return "stopped" if self.wants_stop else "waiting"
        if self.process is None:
            # It may have written its end and gone since that was looked for.
            end = self._end
            return self._over(end) if end else "stopped" if self.wants_stop else "failed"
        return "stopping" if self.wants_stop else "running"

    def _words(self, state: State, said: str) -> str:
        """One sentence on an end that is not as asked for; `said` is the command's own."""
        if state not in ("failed", "stopped"):
            return ""
        if not said and not (self.path / "process.json").exists():
            return "it was stopped before it began."
        end = self._end
        return said or (end.said if end else "") or (_VANISHED if state == "failed" else "it was stopped.")


def _read[T](file: Path, kind: TypeAdapter[T]) -> T | None:
    """What a file says; None if it is not there, or says nothing of the kind."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return None
        return kind.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
