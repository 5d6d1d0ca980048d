"""The upload worker: the process that sends what waits in the queue, and outlives whoever started it. One a Hub."""

import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from filelock import FileLock, Timeout

from armchair_core.errors import ArmchairError, reason_of
from armchair_core.processes.failure import reason_in
from armchair_core.processes.priority import go_behind
from armchair_datasets.push.errors import LoginNeededError, TooLateError, TransientError
from armchair_datasets.push.queue import while_recording
from armchair_datasets.push.queue.queue import OPEN, UploadJob, UploadQueue, here
from armchair_datasets.push.transfer.progress import UploadNews
from armchair_datasets.push.transfer.retry import RetryPolicy, deliver

_TAKE_OVER_S = 10  # in which a worker that has found nothing more to do gives up its lock
_LOOK_S = 1.0  # between looks for new jobs, and between notes of how far one is
_REST_S, _LONGEST_REST_S = 60, 1800  # after a job whose time was up


def start_worker() -> None:
    """Start a worker that sends what waits for the Hub that HF_ENDPOINT names, unless one does already."""
    folder = here().folder
    folder.mkdir(parents=True, exist_ok=True)
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.DETACHED_PROCESS}
    with (folder / "worker.log").open("a") as log:
        subprocess.Popen(
            [sys.executable, "-m", "armchair_datasets.push.queue.worker"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **apart,
        )  # fmt: skip


def is_working(queue: UploadQueue) -> bool:
    """Return whether a worker is there for this queue."""
    try:
        with FileLock(queue.folder / "worker.lock", timeout=0):
            return False
    except Timeout:
        return True


def work(queue: UploadQueue, patience: RetryPolicy | None = None) -> None:
    """Send until nothing is left that could be sent without somebody's help.

    First of all it tries everything again: what another worker was sending when it died, and what needed somebody.
    """
    for job in queue.jobs():
        if job.state != "sent":
            queue.update(job, state="waiting", next_at=0.0)
    while waiting := [job for job in queue.jobs() if job.state in OPEN]:
        job = min(waiting, key=lambda job: job.next_at)
        if job.next_at > time.time():
            time.sleep(min(_LOOK_S, job.next_at - time.time()))
        elif job.recording and while_recording.is_over(job):
            _end_recording(queue, job)
        elif job.recording and (noted := while_recording.idle(job, queue.snapshots(job))):
            queue.update(job, **noted)
        else:
            queue.update(job, state="sending")
            with suppress(_OvertakenError):
                queue.update(job, **_send(queue, job, patience))


class _OvertakenError(Exception):
    """The same repo was asked for anew: what is being sent to it is out of date."""


def _end_recording(queue: UploadQueue, job: UploadJob) -> None:
    """Go on with the dataset that a recording has left; forget the job if it was given up."""
    if while_recording.came_to_nothing(job):
        shutil.rmtree(queue.snapshots(job), ignore_errors=True)
        queue.drop(job)
    else:
        queue.update(job, recording=False)


def _send(queue: UploadQueue, job: UploadJob, patience: RetryPolicy | None) -> dict[str, Any]:
    """Send one job and return what is to be noted of it."""
    place, tell = queue.snapshots(job), _note_taker(queue, job)
    try:
        if job.recording:
            return while_recording.send_snapshot(job, place, tell, patience)
        shutil.rmtree(place, ignore_errors=True)
        receipt = deliver(job.payload, patience, tell)
    except (TooLateError, TransientError) as error:
        rest_s = _REST_S if job.recording else min(_REST_S * 2 ** min(job.attempts, 10), _LONGEST_REST_S)
        return {"state": "waiting", "words": str(error), "next_at": time.time() + rest_s}
    except LoginNeededError as error:
        return {"state": "needs login", "words": str(error)}
    except ArmchairError as error:
        return {"state": "needs you", "words": str(error)}
    except _OvertakenError:
        raise
    except Exception as error:  # a bug: it must not keep the other jobs from being sent
        traceback.print_exc()
        return {
            "state": "needs you",
            "words": f"a bug in Armchair, told in worker.log: {reason_in(str(error)) or reason_of(error)}",
        }
    words = " ".join(receipt.notes)
    return {"state": "sent", "words": words, "commit": receipt.commit, "done": receipt.total, "total": receipt.total}


def _bug(error: Exception) -> str:
    """Return what to tell of a bug: of one in the uploading process the last line of its traceback."""
    return ": ".join(filter(None, (type(error).__name__, reason_in(str(error)))))


def _note_taker(queue: UploadQueue, job: UploadJob) -> Callable[[UploadNews], None]:
    """Return what writes how far the job is into its file, now and then, and raises _OvertakenError if it is old."""
    attempts, next_s = job.attempts, 0.0

    def note(news: UploadNews) -> None:
        nonlocal attempts, next_s
        if news.stage == "waiting":
            changes: dict[str, Any] = {"words": news.note, "next_at": time.time() + news.wait_s}
        elif news.stage == "starting":
            attempts += 1
            changes = {"attempts": attempts, "words": ""}
        elif time.monotonic() >= next_s or news.stage == "checking":
            next_s = time.monotonic() + _LOOK_S
            changes = {"done": news.done, "total": news.total}
        else:
            return
        if not queue.update(job, **changes):
            raise _OvertakenError

    return note


def main() -> None:
    """Work, if nobody else does."""
    go_behind()
    queue = here()
    try:
        with FileLock(queue.folder / "worker.lock", timeout=_TAKE_OVER_S):
            work(queue)
    except Timeout:
        pass


if __name__ == "__main__":
    main()
