"""The state of an upload job in words and as JSON, and sizes for people."""

import time
from dataclasses import asdict
from datetime import datetime
from typing import Any

from armchair_core.command_line import log_in, named, typed
from armchair_datasets.push.queue.queue import UploadJob


def job_as_json(job: UploadJob, working: bool) -> dict[str, Any]:
    """A job as `--status --json` prints it; `working` says whether a worker is there."""
    fields = {name: value for name, value in asdict(job).items() if name != "payload"}
    payload = {"repo_id": job.payload.repo_id, "kind": job.payload.kind, "folder": str(job.payload.folder)}
    return {**payload, **fields, "working": working, "in_words": in_words(job, working)}


def in_words(job: UploadJob, working: bool) -> str:
    """What becomes of a job, or what it needs; `working` says whether a worker is there."""
    match job.state:
        case "sent":
            return f"arrived at {job.payload.repo_id}@{(job.commit or '')[:7]}. {job.words}".strip()
        case "needs login":
            return f"needs a new token: {log_in()}, then {typed('push', '--resume')}"
        case "needs you":
            return f"needs you: {job.words}"
        case "paused":
            out = job.payload.folder
            return (
                f"its recording was interrupted: {job.words or 'nothing is there yet'}; go on with "
                f"the `{named('record')}` that began it and --resume, or type {typed('repair', out)} "
                f"and {typed('push', '--resume')}"
            )
    if not working:
        return "waits; nobody is sending"
    later = job.next_at > time.time()
    if job.state == "recording":
        return f"{job.words or 'waits for the first episodes'}; goes on while it is recorded"
    when = f"tries again at {datetime.fromtimestamp(job.next_at):%H:%M:%S}: {job.words}" if later else ""
    return when or ("is being sent" if job.state == "sending" else "waits for its turn")


def in_bytes(count: int) -> str:
    """Sizes for people: ``12 kB``, ``3.4 MB``."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit in ("B", "kB") or size >= 100 else f"{size:.1f} {unit}"
