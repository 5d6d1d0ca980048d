"""The twin that a console starts for itself, in a process of its own; and whether one runs already."""

import json
import subprocess
import sys
import threading
from collections import deque
from typing import IO, Any

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.processes.failure import died_of, reason_in
from armchair_sim.twin import runtime
from armchair_sim.twin.control import ask

_END_WITHIN_S = 20.0
_LINES = 200  # of what it complains of


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
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   start_new_session=True)  # fmt: skip
        self._process = process
        assert process.stdout is not None and process.stderr is not None  # pipes were asked for
        complaints: deque[str] = deque(maxlen=_LINES)
        passing_on = threading.Thread(target=_pass_on, args=(process.stderr, complaints), daemon=True)
        passing_on.start()
        line = process.stdout.readline()
        if not line:
            passing_on.join(_END_WITHIN_S)
            why = died_of(process.wait()) or reason_in("".join(complaints)) or "it said nothing"
            raise ArmchairError(f"the twin did not start ({why}): see whether `{typed('twin')}` does by itself.")
        note: dict[str, Any] = json.loads(line)
        return note

    def stop(self) -> None:
        """End it. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _pass_on(lines: IO[str], kept: deque[str]) -> None:
    """Show on this terminal what the twin complains of, and keep the last of it."""
    with lines:
        for line in lines:
            kept.append(line)
            print(line, end="", file=sys.stderr, flush=True)
