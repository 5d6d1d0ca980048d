"""The child process for what speaks to the Hub, which can be ended whatever it waits for.

It gets its request as one line of JSON on stdin and answers with lines of JSON on stdout: {"news": …} any number of
times, then one of {"done": …}, {"passing": why, "wait_s": …}, {"refused": sentence, "login": bool}. It ends itself
when its stdin ends, so that it never outlives whoever started it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import is_the_hub
from armchair_datasets.push.errors import LoginNeededError, TransientError

Message = dict[str, Any]


def run_child(
    task: str,
    request: Mapping[str, Any],
    time_s: float,
    silence_s: float,
    on_news: Callable[[Message], None] = lambda _: None,
) -> Any:
    """Let a process do a task of `child` and return what it answers.

    It is ended after `time_s`, or when nothing was heard of it for `silence_s`.

    Raises:
        ArmchairError: what the task says that a person must do.
        TransientError: what the task says will pass; or that it was ended.
        RuntimeError: a bug, with the process's own traceback.
    """
    end_s = time.monotonic() + time_s
    with tempfile.TemporaryFile("w+") as complaints, _started(task, request, complaints) as (process, messages):
        while True:
            patience_s = min(silence_s, end_s - time.monotonic())
            try:
                message = messages.get(timeout=max(patience_s, 0))
            except Empty:
                raise TransientError(f"nothing was heard of the Hub for {patience_s:.0f} s") from None
            if message is None:
                raise _ended(process, complaints)
            if "news" in message:
                on_news(message["news"])
            else:
                return _answer(message)


def child_environment() -> dict[str, str]:
    """Return what huggingface_hub reads when it is imported there.

    Whoever pushes wants to be online, whatever the rest of this program is. Servers other than the Hub take files
    by LFS, not by xet (hub/routes/write.py).
    """
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    return environment if is_the_hub() else environment | {"HF_HUB_DISABLE_XET": "1"}


@contextmanager
def _started(
    task: str, request: Mapping[str, Any], complaints: IO[str]
) -> Iterator[tuple[subprocess.Popen[str], "Queue[Message | None]"]]:
    """Yield the process and its messages, the last being None. It is gone when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "armchair_datasets.push.transfer.child", task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        env=child_environment(),
        start_new_session=True,  # Ctrl-C is for this process, which ends that one
    )
    assert process.stdin is not None  # it is a pipe
    messages: Queue[Message | None] = Queue()
    Thread(target=_listen, args=(process.stdout, messages), daemon=True).start()
    try:
        with suppress(BrokenPipeError):  # it has ended already: `messages` tells that
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        yield process, messages
    finally:
        process.kill()
        process.wait()
        with suppress(BrokenPipeError):
            process.stdin.close()


def _listen(lines: IO[str], messages: "Queue[Message | None]") -> None:
    with lines:
        for line in lines:
            if line.endswith("\n"):  # or it was killed while it wrote
                messages.put(json.loads(line))
    messages.put(None)


def _answer(message: Message) -> Any:
    if "passing" in message:
        raise TransientError(message["passing"], message["wait_s"])
    if "refused" in message:
        raise (LoginNeededError if message["login"] else ArmchairError)(message["refused"])
    return message["done"]


def _ended(process: subprocess.Popen[str], complaints: IO[str]) -> Exception:
    """Return why there was no answer: somebody killed it, or a bug did."""
    code = process.wait()
    if code < 0:
        return TransientError(f"the uploading process was ended by signal {-code}")
    complaints.seek(0)
    return RuntimeError(f"the uploading process failed:\n{complaints.read()}")
