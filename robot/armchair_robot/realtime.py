"""Observe, act, guard, apply, tell the listener: a stock LeRobot robot and teleoperator, by the clock.

Moments are on `time.perf_counter`, LeRobot's cameras' clock, which never jumps. A period that was missed is not
caught up: the next one begins now, and the listener sees from the times that it was late.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair_robot.arms import flush
from armchair_robot.guard import Guard
from armchair_sim.errors import ArmchairError
from armchair_sim.so101 import FEATURE_NAMES

if TYPE_CHECKING:
    from lerobot.robots import Robot
    from lerobot.teleoperators import Teleoperator


class DeviceLostError(ArmchairError):
    """An arm or a camera stopped answering, after LeRobot's own retries."""


@dataclass(frozen=True)
class Moment:
    """One control period.

    `observation` is what LeRobot's robot returned; `state`, `asked` and `sent` are float32[6] in degrees (gripper 0
    to 100): where the arm was, what the hand wanted, what went to the motors. `observed_s` is when the arm was read;
    `ages_s` how old each camera's picture was then, at most.
    """

    observation: dict[str, Any]
    state: np.ndarray
    asked: np.ndarray
    sent: np.ndarray
    observed_s: float
    ages_s: dict[str, float]


def run_loop(robot: "Robot", teleop: "Teleoperator", fps: int, listener: Callable[[Moment], bool]) -> None:
    """Let `teleop` move `robot`, `fps` times a second, until the listener answers False. It must be quick.

    Raises:
        DeviceLostError: if a device does not answer, after LeRobot's own retries.
        ArmchairError: if the hand asks for a number that is not finite.
    """
    guard = Guard()
    due_s = time.perf_counter()
    while True:
        moment = _tick(robot, teleop, guard)
        if not listener(moment):
            return
        due_s = max(due_s + 1 / fps, time.perf_counter())
        time.sleep(max(0.0, due_s - time.perf_counter()))


def _tick(robot: "Robot", teleop: "Teleoperator", guard: Guard) -> Moment:
    # Before the pictures are fetched: a camera may put a newer one in place meanwhile, never an older one.
    captured_s = {name: camera.latest_timestamp for name, camera in robot.cameras.items()}
    observed_s = time.perf_counter()
    observation, asked = _read(robot, teleop)
    sent = guard.check(asked)
    with _devices():
        robot.send_action(dict(zip(FEATURE_NAMES, map(float, sent), strict=True)))
    ages_s = {name: observed_s - at_s for name, at_s in captured_s.items() if at_s is not None}
    return Moment(observation, _vector(observation), asked, sent, observed_s, ages_s)


def _read(robot: "Robot", teleop: "Teleoperator") -> tuple[dict[str, Any], np.ndarray]:
    with _devices():
        flush(robot)
        flush(teleop)
        return robot.get_observation(), _vector(teleop.get_action())


@contextmanager
def _devices() -> Iterator[None]:
    """What LeRobot's buses and cameras raise when they are gone."""
    try:
        yield
    except (ConnectionError, TimeoutError, RuntimeError, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise DeviceLostError(f"an arm or a camera stopped answering ({said}): look at plugs and power.") from error


def _vector(named: dict[str, Any]) -> np.ndarray:
    return np.array([named[name] for name in FEATURE_NAMES], np.float32)
