"""The upload of a dataset in the background, while it is recorded."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_datasets.push.content.payload import make_payload, seen_by
from armchair_datasets.push.queue.queue import enqueue, enqueue_recording
from armchair_datasets.push.queue.worker import start_worker
from armchair_datasets.push.transfer.permissions import check_rights


@dataclass(frozen=True)
class Upload:
    """The dataset in `folder` goes to `repo_id` on the Hub; with None nothing of this does anything."""

    folder: Path
    repo_id: str | None

    def check(self) -> None:
        """Find out before the recording whether its upload will be let in.

        Raises:
            ArmchairError: if it will not.
        """
        if self.repo_id is not None:
            check_rights(self.repo_id)

    def begin(self) -> None:
        """Let the worker send what is finished while the rest is recorded. The recording goes on if it cannot."""
        if self.repo_id is None:
            return
        with suppress(OSError):  # no room for notes, say: `finish` will tell
            enqueue_recording(self.folder, self.repo_id)
            start_worker()

    def finish(self) -> None:
        """Leave the rest to the worker, and say so."""
        if self.repo_id is None:
            return
        enqueue(make_payload(self.folder, self.repo_id))
        start_worker()
        status = typed("push", "--status")
        say(f"The upload to {self.repo_id} goes on in the background, to be seen by {seen_by(False)}: {status}")
