"""The upload of a recording while it goes on: one snapshot after another, until its recorder asks for the whole of it.

What goes wrong here is a matter of this process alone. The recorder knows nothing of it, and whatever happened, the
finished dataset is sent as a whole in the end.
"""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from armchair_core.dataset_format.info import is_dataset
from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.privacy_scan import UnsafeError
from armchair_datasets.push.content.snapshot import episodes_in, is_due, mark_sent
from armchair_datasets.push.queue.queue import UploadJob
from armchair_datasets.push.transfer.child_process import run_child
from armchair_datasets.push.transfer.progress import Tell
from armchair_datasets.push.transfer.retry import RetryPolicy, deliver
from armchair_datasets.recording.workspace import Workspace

PATIENCE = RetryPolicy(deadline_s=600)  # then there may be a newer one
_LOOK_S = 3.0
_SHORTEST_REST_S, _SHARE = 20.0, 2  # most of the time nothing is sent, so that a small machine can record


def is_over(job: UploadJob) -> bool:
    """Return whether the recording has ended: its dataset is there, or nothing is."""
    return not Workspace(job.payload.folder).root.exists()


def came_to_nothing(job: UploadJob) -> bool:
    """Return whether a recording that has ended has left no dataset."""
    return not is_dataset(job.payload.folder)


def idle(job: UploadJob, place: Path) -> dict[str, Any] | None:
    """Return what is to be noted of the job if nothing new is to be sent; None if something is."""
    work = Workspace(job.payload.folder)
    if is_due(work.out, place):
        return None
    state = "recording" if work.is_held() else "paused"
    return {"state": state, "next_at": time.time() + _LOOK_S}


def send_snapshot(job: UploadJob, place: Path, tell: Tell, patience: RetryPolicy | None = None) -> dict[str, Any]:
    """Make a snapshot, send it and return what is to be noted of the job.

    Raises:
        TransientError, ArmchairError: as `make_snapshot` and `deliver`.
    """
    began_s, out, patience = time.monotonic(), job.payload.folder, patience or PATIENCE
    request = {"out": str(out), "place": str(place)}
    made = Path(run_child("snapshot", request, patience.deadline_s, patience.silence_s))
    try:
        receipt = deliver(replace(job.payload, folder=made), patience, tell)
    except UnsafeError as error:
        raise ArmchairError(str(error).replace(str(made), str(out))) from None
    mark_sent(made)
    count = episodes_in(made)
    rest_s = max(_SHORTEST_REST_S, _SHARE * (time.monotonic() - began_s)) if Workspace(out).is_held() else 0.0
    return {
        "state": "recording",
        "words": f"{count} episode{'s are' if count > 1 else ' is'} there",
        "next_at": time.time() + rest_s,
        "commit": receipt.commit,
        "done": receipt.total,
        "total": receipt.total,
    }
