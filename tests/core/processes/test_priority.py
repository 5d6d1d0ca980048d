"""A thread that runs at once, where that is permitted."""

import os
import sys
import threading

import pytest

from armchair_core.processes.priority import at_once

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sched_setscheduler(2)")


def scheduler() -> int:
    return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK


def is_permitted() -> bool:
    try:
        with at_once():
            return scheduler() == os.SCHED_FIFO
    finally:
        assert scheduler() == os.SCHED_OTHER


@pytest.fixture(autouse=True)
def ordinary():
    """SVT-AV1, by which stock LeRobot compresses, leaves the thread of a root's process at SCHED_FIFO 99."""
    if scheduler() != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def test_this_thread_alone_and_for_a_while():
    if not is_permitted():
        pytest.skip("needs root, or the right to real-time priorities")
    others = []
    with at_once():
        thread = threading.Thread(target=lambda: others.append(scheduler()))
        thread.start()
        thread.join()
        assert scheduler() == os.SCHED_FIFO
    assert others == [os.SCHED_OTHER]
    assert scheduler() == os.SCHED_OTHER


def test_who_may_not_goes_on_as_before(monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with at_once():
        assert scheduler() == os.SCHED_OTHER


def test_a_bug_inside_is_told_and_the_thread_goes_back():
    with pytest.raises(ZeroDivisionError), at_once():
        _ = 1 / 0
    assert scheduler() == os.SCHED_OTHER
