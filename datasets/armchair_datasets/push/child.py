"""The process that speaks to the Hub: see `process`. Run as `python -m armchair_datasets.push.child TASK`."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from threading import Thread
from typing import IO, Any

from armchair_datasets.push.faults import LoginNeededError, TransientError
from armchair_datasets.push.modesty import keep_behind
from armchair_datasets.push.parcel import Parcel
from armchair_sim.errors import ArmchairError

Say = Callable[..., None]


def _rights(request: Mapping[str, Any], say: Say) -> str:
    """Who may write to request["repo_id"]."""
    from armchair_datasets.push.rights import examine
    from armchair_datasets.push.wire import explained

    with explained(request["repo_id"]):
        return examine(request["repo_id"])


def _upload(request: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Send request["parcel"], and see whether it loads."""
    from armchair_datasets.push.progress import Progress
    from armchair_datasets.push.upload import upload
    from armchair_datasets.push.verify import check_loads
    from armchair_datasets.push.wire import explained, install_client, open_api

    parcel = Parcel.from_json(request["parcel"])
    progress = Progress(lambda news: say(news=asdict(news)))
    install_client(progress.on_sent, request["answer_s"])
    with explained(parcel.repo_id):
        receipt = upload(parcel, open_api(), progress)
        if parcel.kind == "dataset":
            check_loads(parcel, receipt.total)
    return asdict(receipt)


def _snapshot(request: Mapping[str, Any], say: Say) -> str:
    """Make a dataset of what is recorded of request["out"], in a folder in request["place"]."""
    from pathlib import Path

    from armchair_datasets.push.snapshot import make_snapshot

    return str(make_snapshot(Path(request["out"]), Path(request["place"])))


TASKS = {"rights": _rights, "snapshot": _snapshot, "upload": _upload}


def main() -> None:
    """Do one task and say how it ended; a bug ends the process with its traceback."""
    # Whatever libraries print goes to stderr: stdout carries messages only.
    messages = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    keep_behind()
    request = json.loads(sys.stdin.readline())
    Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()

    def say(**message: Any) -> None:
        messages.write(json.dumps(message) + "\n")

    try:
        say(done=TASKS[sys.argv[1]](request, say))
    except ArmchairError as error:
        say(refused=str(error), login=isinstance(error, LoginNeededError))
    except TransientError as error:
        say(passing=str(error), wait_s=error.wait_s)


def _end_with(parent: IO[str]) -> None:
    parent.read()
    os._exit(1)


if __name__ == "__main__":
    main()
