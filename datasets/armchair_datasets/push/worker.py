"""The process that sends what waits in the queue. It outlives whoever started it, and there is one for each Hub."""

import subprocess
import sys
import time
import traceback
from collections.abc import Callable

from armchair_datasets.push.courier import Patience, deliver
from armchair_datasets.push.faults import LoginNeededError, TooLateError
from armchair_datasets.push.progress import News
from armchair_datasets.push.queue import OPEN, Job, Queue, here
from armchair_sim.errors import ArmchairError

_TAKE_OVER_S = 10  # in which a worker that has found nothing more to do gives up its lock
_LOOK_S = 1.0  # between looks for new jobs, and between notes of how far one is
_REST_S, _LONGEST_REST_S = 60, 1800  # after a job whose time was up


def start_worker() -> None:
    """Let a worker of its own send what waits for the Hub that HF_ENDPOINT names; nothing if one does already."""
    folder = here().folder
    folder.mkdir(parents=True, exist_ok=True)
    apart = {"creationflags": subprocess.DETACHED_PROCESS} if sys.platform == "win32" else {"start_new_session": True}
    with (folder / "worker.log").open("a") as log:
        subprocess.Popen(
            [sys.executable, "-m", "armchair_datasets.push.worker"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **apart,
        )  # fmt: skip


def is_working(queue: Queue) -> bool:
    """Whether a worker is there for this queue."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(queue.folder / "worker.lock", timeout=0):
            return False
    except Timeout:
        return True


def work(queue: Queue, patience: Patience | None = None) -> None:
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
            continue
        queue.update(job, state="sending")
        queue.update(job, **_send(job, _note_taker(queue, job), patience))


def _send(job: Job, tell: Callable[[News], None], patience: Patience | None) -> dict:
    """Send one job and return what is to be noted of it."""
    try:
        receipt = deliver(job.parcel, patience, tell)
    except TooLateError as error:
        rest_s = min(_REST_S * 2 ** min(job.attempts, 10), _LONGEST_REST_S)
        return {"state": "waiting", "words": str(error), "next_at": time.time() + rest_s}
    except LoginNeededError as error:
        return {"state": "needs login", "words": str(error)}
    except ArmchairError as error:
        return {"state": "needs you", "words": str(error)}
    except Exception as error:  # a bug: it must not keep the other jobs from being sent
        traceback.print_exc()
        return {"state": "needs you", "words": f"a bug in Armchair, told in worker.log: {type(error).__name__}"}
    words = " ".join(receipt.notes)
    return {"state": "sent", "words": words, "commit": receipt.commit, "done": receipt.total, "total": receipt.total}


def _note_taker(queue: Queue, job: Job) -> Callable[[News], None]:
    """Writes how far the job is into its file, now and then."""
    attempts, next_s = job.attempts, 0.0

    def note(news: News) -> None:
        nonlocal attempts, next_s
        if news.stage == "waiting":
            queue.update(job, words=news.note, next_at=time.time() + news.wait_s)
        elif news.stage == "starting":
            attempts += 1
            queue.update(job, attempts=attempts, words="")
        elif time.monotonic() >= next_s or news.stage == "checking":
            next_s = time.monotonic() + _LOOK_S
            queue.update(job, done=news.done, total=news.total)

    return note


def main() -> None:
    """Work, if nobody else does."""
    from filelock import FileLock, Timeout

    queue = here()
    try:
        with FileLock(queue.folder / "worker.lock", timeout=_TAKE_OVER_S):
            work(queue)
    except Timeout:
        pass


if __name__ == "__main__":
    main()
