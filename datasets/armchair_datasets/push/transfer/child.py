"""The child process that speaks to the Hub: `python -m armchair_datasets.push.transfer.child TASK`.

`child_process` says what goes in and out. Each task imports what it needs: asking for rights takes a second, and a
snapshot needs no Hub.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import IO, Any

from armchair_core.errors import ArmchairError
from armchair_core.processes.priority import keep_behind
from armchair_datasets.push.content.payload import Payload
from armchair_datasets.push.errors import LoginNeededError, TransientError
from armchair_datasets.push.transfer.progress import Progress

Say = Callable[..., None]


def _rights(request: Mapping[str, Any], say: Say) -> str:
    """Return who is logged in, and may write to request["repo_id"]."""
    from armchair_datasets.push.transfer.network_errors import explained
    from armchair_datasets.push.transfer.permissions import examine

    with explained(request["repo_id"]):
        return examine(request["repo_id"])


def _upload(request: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Send the payload in request["parcel"], and check that it loads."""
    from armchair_datasets.push.transfer.network_errors import explained, install_client, open_api
    from armchair_datasets.push.transfer.upload import upload
    from armchair_datasets.push.transfer.verify import check_loads

    payload = Payload.from_json(request["parcel"])
    progress = Progress(lambda news: say(news=asdict(news)))
    install_client(progress.on_sent, request["answer_s"])
    with explained(payload.repo_id):
        receipt = upload(payload, open_api(), progress)
        if payload.kind == "dataset":
            check_loads(payload, receipt.total)
    return asdict(receipt)


def _snapshot(request: Mapping[str, Any], say: Say) -> str:
    """Make a dataset of what is recorded of request["out"], in a folder in request["place"]."""
    from armchair_datasets.push.content.snapshot import make_snapshot

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
