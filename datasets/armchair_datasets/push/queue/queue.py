"""The queue of uploads that wait on the disk, one JSON file each, until the worker has sent them.

    <state>/uploads/<hub>/dataset--marta--lift.json        one upload
                          dataset--marta--lift.snapshot/   of a dataset that is being recorded
                          worker.lock, worker.log          held while a worker sends; what it had to complain about

One folder for each Hub: what was meant for the classroom's must not be sent to another, nor the login for one to the
other. No token is kept here: huggingface_hub keeps it. A job is written as a whole or not at all.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from filelock import FileLock

from armchair_core.files import write_atomically
from armchair_core.user_state import user_state
from armchair_datasets.push.content.payload import Payload, endpoint

State = Literal["waiting", "sending", "recording", "paused", "sent", "needs login", "needs you"]
OPEN: tuple[State, ...] = ("waiting", "sending", "recording")  # what a worker does without anybody's help
_LOCK_S = 10


@dataclass(frozen=True)
class UploadJob:
    """An upload. Moments are in seconds since 1970; `done` and `total` in bytes.

    `attempts` counts passes over the network, `words` says why it waits or what it needs, `asked_at` tells one
    request for the same repo from the next. While `recording`, the payload's folder is where the dataset will be.
    """

    payload: Payload  # "parcel" in its file
    endpoint: str
    asked_at: float
    recording: bool = False
    state: State = "waiting"
    attempts: int = 0
    next_at: float = 0.0
    done: int = 0
    total: int = 0
    words: str = ""
    commit: str | None = None

    @property
    def name(self) -> str:
        """The name of its file, without the ending. No repo's name contains two dashes."""
        return f"{self.payload.kind}--{self.payload.repo_id.replace('/', '--')}"

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        others = {name: value for name, value in asdict(self).items() if name != "payload"}
        return {"parcel": self.payload.to_json(), **others}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "UploadJob":
        """Return the job that `to_json` wrote."""
        others = {name: value for name, value in fields.items() if name != "parcel"}
        return cls(Payload.from_json(fields["parcel"]), **others)


@dataclass(frozen=True)
class UploadQueue:
    """The uploads to one Hub."""

    folder: Path

    def jobs(self) -> list[UploadJob]:
        """Return all of them, the oldest request first."""
        files = self.folder.glob("*.json")
        return sorted((_read(file) for file in files), key=lambda job: job.asked_at)

    def put(self, job: UploadJob) -> None:
        """Add a job, in place of an earlier one for the same repo."""
        with self._changing():
            self._write(job)

    def update(self, job: UploadJob, **changes: Any) -> bool:
        """Change a job; False if it has been asked for anew since `job` was read, and nothing was changed."""
        with self._changing():
            if (now := _read(self._file(job))).asked_at != job.asked_at:
                return False
            self._write(replace(now, **changes))
            return True

    def drop(self, job: UploadJob) -> None:
        """Forget a job, unless it has been asked for anew since `job` was read."""
        with self._changing():
            if _read(self._file(job)).asked_at == job.asked_at:
                self._file(job).unlink()

    def snapshots(self, job: UploadJob) -> Path:
        """Return the folder in which the worker keeps what it has copied of a recording."""
        return self.folder / f"{job.name}.snapshot"

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "jobs.lock", timeout=_LOCK_S):
            yield

    def _write(self, job: UploadJob) -> None:
        write_atomically(self._file(job), json.dumps(job.to_json(), indent=2))

    def _file(self, job: UploadJob) -> Path:
        return self.folder / f"{job.name}.json"


def enqueue(payload: Payload) -> UploadJob:
    """Let a payload wait for the worker (see `worker.start_worker`). Milliseconds; no network, no scan."""
    return _put(UploadJob(payload, endpoint(), asked_at=time.time()))


def enqueue_recording(out: Path, repo_id: str) -> UploadJob:
    """Let the worker send what is finished of the dataset that is being recorded to become `out`."""
    return _put(UploadJob(Payload(out.resolve(), repo_id, "dataset"), endpoint(), asked_at=time.time(), recording=True))


def _put(job: UploadJob) -> UploadJob:
    here().put(job)
    return job


def here() -> UploadQueue:
    """Return the queue of the Hub that HF_ENDPOINT names."""
    return UploadQueue(_uploads() / quote(endpoint(), safe=""))


def everywhere() -> list[UploadQueue]:
    """Return the queues of all Hubs."""
    return [UploadQueue(folder) for folder in sorted(_uploads().glob("*")) if folder.is_dir()]


def _uploads() -> Path:
    return user_state() / "uploads"


def _read(file: Path) -> UploadJob:
    return UploadJob.from_json(json.loads(file.read_text(encoding="utf-8")))
