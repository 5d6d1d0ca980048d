"""Real signals to a real process: Ctrl-C saves, and SIGKILL at any moment costs at most the last minute."""

import os
import signal
import subprocess
import sys

import pytest

from armchair_policies.nano.modeling_nano import NanoPolicy
from armchair_policies.training.checkpoint import saved_checkpoints
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest

# Saves after every step, so that a signal often lands in the middle of saving.
CHILD = """
import sys
from pathlib import Path
import armchair_policies.training.nano.threads as threads
import armchair_policies.training.nano.training_run as run
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest
run.CHECKPOINT_EVERY_S, run.ROW_EVERY_STEPS, threads.MOST_THREADS = 0, 1, 1
watch = lambda progress: print(progress.step, flush=True)
train(TrainRequest((Path(sys.argv[1]),), Path(sys.argv[2]), minutes=60, batch_size=4), watch)
"""


def signal_at_step(discs, out, step, number):
    """Start a run that would take an hour, send it a signal at `step`, and return its exit status."""
    command = [sys.executable, "-c", CHILD, str(discs), str(out)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as child:
        try:
            for line in child.stdout:
                if int(line) >= step:
                    break
            child.send_signal(number)
            child.communicate(timeout=60)
        finally:
            child.kill()
    return child.returncode


def test_sigkill_leaves_a_checkpoint_to_go_on_from(discs, tmp_path):
    out = tmp_path / "out"
    assert signal_at_step(discs, out, 4, signal.SIGKILL) == -signal.SIGKILL
    newest = saved_checkpoints(out)[-1]
    NanoPolicy.from_pretrained(newest / "pretrained_model", strict=True)
    NanoPolicy.from_pretrained(out / "checkpoints/last/pretrained_model", strict=True)
    steps = int(newest.name) + 2
    resumed = train(TrainRequest((discs,), out, steps=steps, batch_size=4, resume=True))
    assert resumed.parent.name == f"{steps:06d}"
    assert not list((out / "checkpoints").glob(".*"))


@pytest.mark.slow
def test_ctrl_c_saves_and_stops(discs, tmp_path):
    out = tmp_path / "out"
    assert signal_at_step(discs, out, 2, signal.SIGINT) not in (0, -signal.SIGKILL)
    assert not list((out / "checkpoints").glob(".*"))
    last = (out / "loss.csv").read_text().splitlines()[-1]
    assert (out / "checkpoints/last").readlink().name == f"{int(last.split(',')[0]):06d}"
    NanoPolicy.from_pretrained(out / "checkpoints/last/pretrained_model", strict=True)
