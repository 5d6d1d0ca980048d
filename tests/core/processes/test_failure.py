"""The reason why a process failed, found among progress bars, warnings, launchers and boxes."""

import signal

import pytest

from armchair_core.processes.failure import died_of, is_bug, reason_in

TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\n'


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        (TRACEBACK + "RuntimeError: shapes differ (1x8 and 1x256)\nTraining:   0%|    | 0/20 [00:02<?, ?step/s]\n",
         "RuntimeError: shapes differ (1x8 and 1x256)"),
        ("Training:  5%|▌ | 1/20 [00:01<00:20, 1.1s/it]\r" + TRACEBACK + "torch.OutOfMemoryError: out of memory.\r",
         "torch.OutOfMemoryError: out of memory"),
        (TRACEBACK + "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n"
         + TRACEBACK + "ValueError: no column a\n", "ValueError: no column a"),
        ("[rank0]: " + TRACEBACK.replace("\n", "\n[rank0]: ") + "FileNotFoundError: video.mp4\n" + TRACEBACK
         + "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\n=====\nroot cause\n",
         "FileNotFoundError: video.mp4"),
        (TRACEBACK + "RuntimeError: Error(s) in loading state_dict for ACTPolicy:\n\tMissing key(s): \"w\".\n",
         "RuntimeError: Error(s) in loading state_dict for ACTPolicy: Missing key(s): \"w\""),
        (TRACEBACK + "AssertionError\n", "AssertionError"),
        ("Training:   0%|    | 0/20 [00:02<?, ?step/s]" + TRACEBACK + "ValueError: bad\n", "ValueError: bad"),
        ("7it [00:01,  5.1it/s]\n", None),
        ("error: there is no folder data.\n/usr/lib/resource_tracker.py:254: UserWarning: 1 leaked semaphore\n"
         "  warnings.warn(\n", "there is no folder data"),
        ("Usage: armchair train [OPTIONS]\n╭─ Error ───────────╮\n│ Invalid value: no │\n│ task 'lfit'.      │\n"
         "╰───────────────────╯\n", "Invalid value: no task 'lfit'"),
        ("\x1b[31mld.so: cannot open libEGL.so\x1b[0m\ndecoding 100%|████| 3/3 [00:00<00:00, 9.1it/s]\n",
         "ld.so: cannot open libEGL.so"),
        ("lerobot-train: error: unrecognized arguments: --x\n", "lerobot-train: error: unrecognized arguments: --x"),
        ("[start of libx loading traceback]\n" + TRACEBACK + "OSError: no libx\n[end of libx loading traceback].\n"
         "train: error: no such option\n", "train: error: no such option"),
        ("  0%|   | 0/20 [00:00<?, ?it/s]\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_reason_is_found(printed, reason):
    assert reason_in(printed) == reason


def test_what_was_killed_says_nothing_itself():
    assert "memory" in died_of(-signal.SIGKILL) and "SIGTERM" in died_of(-signal.SIGTERM)
    assert died_of(1) is None and "200" in died_of(-200)


def test_a_traceback_is_a_bug():
    assert is_bug(TRACEBACK + "KeyError: 1\n") and not is_bug("error: no.\n")
    assert not is_bug(TRACEBACK + "OSError: no such library\nFalling back to another.\nerror: no.\n")
