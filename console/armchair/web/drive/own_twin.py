"""The twin that a console starts for itself, in a process of its own; and whether one runs already."""

import json
import subprocess
import sys
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_sim.twin import runtime
from armchair_sim.twin.control import ask

_END_WITHIN_S = 20.0


def running_twin() -> dict[str, Any] | None:
    """Return the note of the twin that runs on this computer; None if none answers."""
    folder = runtime.runtime_dir()
    note = runtime.read_note(folder)
    if note is None:
        return None
    try:
        ask(folder / "control", do="status")
    except ArmchairError:
        return None
    return note


class OwnTwin:
    """The twin of this console, which ends with it. Nobody may drive the arm on it when it is stopped."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, task: str) -> dict[str, Any]:
        """Begin, and return the twin's note.

        Raises:
            ArmchairError: if it does not start.
        """
        words = [sys.executable, "-P", "-m", "armchair", "twin", "--json", "--hand", "expert", "--task", task]
        # A session of its own: Ctrl-C must not end it before the arm on it has been let go.
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self._process = process
        assert process.stdout is not None  # a pipe was asked for
        line = process.stdout.readline()
        if not line:
            raise ArmchairError("the twin did not start: look above for what it said, or type `armchair twin`.")
        note: dict[str, Any] = json.loads(line)
        return note

    def stop(self) -> None:
        """End it. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.communicate(timeout=_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
