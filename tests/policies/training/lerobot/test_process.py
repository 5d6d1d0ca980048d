"""A process is watched as it is: what it sends, what it logs, how it ends, and Ctrl-C."""

import os
import signal
import sys
import threading

import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.training.lerobot.process import ROW, child_command, training_process

SENDS = f"print('hello'); print({ROW!r} + '{{\"step\": 1}}', flush=True)\n"
WAITS = f"""
import signal, time
def save(number, frame):
    print({ROW!r} + '{{"step": 2}}', flush=True)
    raise SystemExit(130)
signal.signal(signal.SIGINT, save)
{SENDS}
time.sleep(60)
"""


def watch(program: str, log, on_row=lambda row: None) -> list[dict]:
    seen = []
    with training_process([sys.executable, "-S", "-c", program], log, downloads=False) as process:
        for row in process.rows():
            seen.append(row)
            on_row(row)
        process.finish()
    return seen


def test_rows_are_told_and_the_rest_is_logged(tmp_path):
    assert watch(SENDS, tmp_path / "log") == [{"step": 1}]
    assert (tmp_path / "log").read_text() == "hello\n"


def test_a_failure_is_one_sentence_that_names_the_log(tmp_path):
    with pytest.raises(
        ArmchairError, match=r"ended with an error \(ValueError: no such thing\): read all of it in .*log"
    ):
        watch("raise ValueError('no such thing.')", tmp_path / "log")


def test_a_full_disk_is_said_so(tmp_path):
    with pytest.raises(ArmchairError, match="no space is left on the disk"):
        watch("raise OSError(28, 'No space left on device')", tmp_path / "log")


def test_ctrl_c_lets_the_process_save(tmp_path):
    seen = []
    with pytest.raises(KeyboardInterrupt):
        watch(WAITS, tmp_path / "log", lambda row: (seen.append(row["step"]), os.kill(os.getpid(), signal.SIGINT)))
    assert seen == [1, 2] or seen == [1]  # the second Ctrl-C leaves at once


def test_one_ctrl_c_waits_for_the_end(tmp_path):
    seen = []

    def interrupt_once(row) -> None:
        seen.append(row["step"])
        if len(seen) == 1:
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        watch(WAITS, tmp_path / "log", interrupt_once)
    assert seen == [1, 2]


def test_nothing_is_downloaded_unasked(tmp_path):
    program = "import os, sys; sys.exit(os.environ['HF_HUB_OFFLINE'] != '1')"
    assert watch(program, tmp_path / "log") == []


def test_several_processes_are_started_by_torchrun(tmp_path):
    command = child_command(tmp_path / "facts.json", ["--steps=1"], processes=2)
    assert command[1:5] == ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    assert command[-2:] == [str(tmp_path / "facts.json"), "--steps=1"]
