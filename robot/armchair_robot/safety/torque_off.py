"""Torque off at every exit: arms are held so that they are let go, joint by joint, whatever ends the work.

Stock LeRobot leaves all motors on when it is ended by SIGTERM or SIGHUP, and those behind a dead servo when it is
ended by anything (lerobot 0.6.1, motors/motors_bus.py, `disable_torque`).
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from armchair_robot.devices.arms import let_go

STOPPED_BY = {
    "SIGINT": "stopped by Ctrl-C.",
    "SIGTERM": "stopped by SIGTERM.",
    "SIGHUP": "stopped because its terminal was closed.",
}


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def held(tell: Callable[[str], None] = _to_stderr) -> Iterator[Callable[[Any], Any]]:
    """`with held() as hold: robot = hold(open_follower("twin"))`: at the end every motor of it is switched off.

    SIGTERM and SIGHUP end the block with SystemExit, Ctrl-C with KeyboardInterrupt. While the motors are switched off
    no signal gets in between. Joints that did not answer are told.
    """
    devices: list[Any] = []

    def hold(device: Any) -> Any:
        devices.append(device)
        return device

    with on_signals(_exit, ("SIGTERM", "SIGHUP")):
        try:
            yield hold
        finally:
            with on_signals(lambda number, words: None):
                silent = [motor for device in reversed(devices) for motor in let_go(device)]
            if silent:
                tell(f"WARNING: {still_holding(silent)}")


def still_holding(motors: list[str]) -> str:
    """Return what to tell of motors that could not be reached."""
    return f"{', '.join(motors)} did not answer when the motors were switched off and may still hold: cut the power."


@contextmanager
def on_signals(stop: Callable[[int, str], None], names: tuple[str, ...] = tuple(STOPPED_BY)) -> Iterator[None]:
    """Let signals that end programs call `stop(number, words)` instead. In other threads than the main one: nothing."""
    before = {}
    if threading.current_thread() is threading.main_thread():  # only it may say what signals do
        for name in names:
            if number := getattr(signal, name, None):
                words = STOPPED_BY[name]
                before[number] = signal.signal(number, partial(_stop, stop, words))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(stop: Callable[[int, str], None], words: str, number: int, _: object) -> None:
    stop(number, words)


def _exit(number: int, _: str) -> None:
    raise SystemExit(128 + number)
