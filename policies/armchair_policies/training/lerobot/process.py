"""The training process of `lerobot-train`, watched: its rows as they come, its log in a file, Ctrl-C passed on once."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_core.files import not_a_link
from armchair_core.processes.failure import died_of, reason_in

CHILD = "armchair_policies.training.lerobot.child"
STOPPED = 130  # how a process ends that Ctrl-C has stopped
ROW = "armchair-row "  # what a row begins with; a line without it is part of the log


class TrainingProcess:
    """A training process; `rows` ends when it ends."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process, self.log = process, log

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what `child` sends: step, loss, learning_rate and the seconds of work since the row before.

        Whatever else is printed goes into the log.
        """
        assert self.process.stdout is not None, "opened with a pipe"
        with self.log.open("a") as log:
            for line in self.process.stdout:
                if line.startswith(ROW):
                    yield json.loads(line.removeprefix(ROW))
                else:
                    log.write(line)

    def finish(self) -> None:
        """Wait for its end.

        Raises:
            KeyboardInterrupt: if it was stopped.
            ArmchairError: if it failed.
        """
        code = self.process.wait()
        if code in (STOPPED, -signal.SIGINT, -signal.SIGTERM):
            raise KeyboardInterrupt
        if code:
            raise ArmchairError(_failure(self.log, code))


@contextmanager
def training_process(command: Sequence[str], log: Path, downloads: bool) -> Iterator[TrainingProcess]:
    """Start a command. The first Ctrl-C is passed on to it, so that it saves and ends; a second leaves the block.

    It is ended if it still runs then.
    """
    environment = {**os.environ, "HF_HUB_OFFLINE": "0" if downloads else "1", "TQDM_MININTERVAL": "60"}
    with not_a_link(log).open("a") as errors:
        # A session of its own: Ctrl-C at the terminal would also end its loaders, and nothing could be saved.
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, start_new_session=True
        )
    try:
        with _ctrl_c_goes_to(process):
            yield TrainingProcess(process, log)
    finally:
        _end(process)
        if process.stdout:
            process.stdout.close()


@contextmanager
def _ctrl_c_goes_to(process: subprocess.Popen[str]) -> Iterator[None]:
    """Pass the first Ctrl-C on. Python lets only the main thread handle signals; in others nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    passed_on = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal passed_on
        if passed_on or process.poll() is not None:
            raise KeyboardInterrupt
        passed_on = True
        process.send_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end(process: subprocess.Popen[str]) -> None:
    """End it, at once if it can: torchrun must be told politely, or its workers live on."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def child_command(provenance: Path, words: Sequence[str], processes: int = 1) -> list[str]:
    """Return the command that runs `child`, on several processes by torchrun (gloo on a CPU, NCCL on GPUs)."""
    launcher = torchrun_words(processes) if processes > 1 else []
    return [sys.executable, *(["-m", "torch.distributed.run", *launcher] if launcher else []), "-m", CHILD,
            str(provenance), *words]  # fmt: skip


def torchrun_words(processes: int) -> list[str]:
    """Return what follows `torchrun`, in front of the program: one machine, so many processes."""
    return ["--standalone", f"--nproc-per-node={processes}"]


def _failure(log: Path, code: int) -> str:
    """Return one sentence of why it failed, by its log and its exit code."""
    why = died_of(code) or reason_in(log.read_text(errors="replace")) or "it said nothing"
    if "No space left" in why or "os error 28" in why:
        return "no space is left on the disk: make room, then go on with --resume; finished checkpoints are safe."
    return f"lerobot-train ended with an error ({why}): read all of it in {log}."
