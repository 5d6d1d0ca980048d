"""The real-time loop: observe, act, guard, apply, tell the listener; stock LeRobot devices, by the clock.

Moments are on `time.perf_counter`, LeRobot's cameras' clock, which never jumps. A period that was missed is not
caught up: the next one begins now, and the listener sees from the times that it was late.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_core.so101.hull import lowest_m
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.bus.reasons import why
from armchair_robot.bus.registers import DEVICE_ERRORS, bus_of, flush
from armchair_robot.devices.arms import calibrated_range
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.rate import LoopRate
from armchair_robot.safety.clearance import what_it_presses_on
from armchair_robot.safety.gripper_load import GripperEase
from armchair_robot.safety.guard import Guard
from armchair_robot.safety.limits import Limits
from armchair_robot.safety.servo_health import HealthMonitor, ServoTroubleError

if TYPE_CHECKING:
    from lerobot.robots.so_follower import SO101Follower

_HOME_WITHIN_S = 8.0
_HOME_FPS = 50
_SETTLE_S = 0.6
_WAITS = "waiting for a picture"


class DeviceLostError(ArmchairError):
    """An arm or a camera stopped answering, after LeRobot's own retries."""


def run_loop(
    robot: "SO101Follower",
    teleop: LoopTeleoperator,
    fps: int,
    listener: Callable[[Moment], bool],
    limits: Limits | None = None,
    home: np.ndarray | None = None,
    hurried: Callable[[], bool] = lambda: False,
) -> None:
    """Let `teleop` move `robot`, `fps` times a second, until the listener answers False. It must be quick.

    Whatever ends it, the arm then goes slowly to `home`, float32[6] in its units, if that is given and the arm is well:
    an arm that is let go of in the air falls. The gripper keeps what it holds. Once `hurried` says so it stops at once.

    Raises:
        DeviceLostError: if a device does not answer, after LeRobot's own retries.
        ServoTroubleError: if a servo is overloaded, too hot or without power; the arm is to be let go.
        ArmchairError: if the teleoperator asks for a number that is not finite.
    """
    control = _Control(robot, teleop, limits or Limits())
    pace = LoopRate(fps)
    try:
        while listener(control.period(pace)):
            pace.wait()
    except (DeviceLostError, ServoTroubleError):
        home = None
        raise
    finally:
        if home is not None:
            _go(control, np.asarray(home, np.float32), hurried)


class _Control:
    """The control of an arm, period after period, with what is remembered between them."""

    def __init__(self, robot: "SO101Follower", teleop: LoopTeleoperator, limits: Limits) -> None:
        self.robot, self.teleop, self.limits = robot, teleop, limits
        self.guard = Guard(limits, *calibrated_range(robot))
        self.health_monitor, self.gripper_ease = HealthMonitor(bus_of(robot), limits), GripperEase(limits)
        self.intervention = self.waits = self._said_so = False
        self._state: np.ndarray | None = None  # float32[6], where the arm was last

    def period(self, pace: LoopRate) -> Moment:
        # Before the pictures are fetched: a camera may put a newer one in place meanwhile, never an older one.
        captured_s = {name: _captured_s(camera) for name, camera in self.robot.cameras.items()}
        observed_s = time.perf_counter()
        observation, state, asked = self._read()
        self._state = state
        ages_s = {name: observed_s - at_s for name, at_s in captured_s.items() if at_s is not None}
        sent = self._guarded(asked, state, observed_s - max(ages_s.values(), default=0.0))
        self.send(sent)
        self._tell_teleoperator(sent)
        said = tuple(filter(None, [*self.look(pace.spare_s), pace.complaint(), self._complaint()]))
        return Moment(
            observation, state, asked, sent, observed_s, ages_s, self.intervention, said, pace.late_s,
            _WAITS if self.waits else self.guard.why, self.health_monitor.newest, self.teleop.status,
        )  # fmt: skip

    def send(self, goal: np.ndarray) -> None:
        with losses_told("arm", self.robot):
            flush(self.robot)
            self.robot.send_action(dict(zip(FEATURE_NAMES, map(float, goal), strict=True)))

    def _tell_teleoperator(self, sent: np.ndarray) -> None:
        # To an arm in somebody's hand it would be a goal, and a goal switches its motors on.
        if self.teleop.feedback_features and bus_of(self.teleop) is None:
            self.teleop.send_feedback(dict(zip(FEATURE_NAMES, map(float, sent), strict=True)))

    def _read(self) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
        with losses_told("arm", self.robot):
            flush(self.robot)
            observation = self.robot.get_observation()
        with losses_told("leader" if bus_of(self.teleop) else "hand", self.teleop):
            flush(self.teleop)
            return observation, _vector(observation), _vector(self.teleop.get_action())

    def _guarded(self, asked: np.ndarray, state: np.ndarray, seen_s: float) -> np.ndarray:
        """Return what may be sent of `asked`, which is what the teleoperator makes of a world seen at `seen_s`."""
        now_s = time.perf_counter()
        was, self.intervention = self.intervention, self.teleop.intervening
        if was != self.intervention:
            self.guard.pause()  # another teleoperator: if it is elsewhere, it is approached slowly
        self.waits = now_s - seen_s > self.limits.stale_s
        if self.waits:
            return self.guard.stay(state)
        return self.guard.follow(self.gripper_ease.ease(asked, now_s, state), now_s, state, self.teleop.spare_m)

    def _complaint(self) -> str | None:
        if not self.waits or self._said_so:
            return None
        self._said_so = True
        return f"what the hand saw is older than {self.limits.stale_s:g} s, so the arm waits: look at the cameras."

    def _presses(self) -> str:
        return "" if self._state is None else what_it_presses_on(self._state, self.limits.table_m)

    def look(self, spare_s: float) -> list[str]:
        """Return what the servos complain of. Raises ServoTroubleError if one must be let go."""
        with losses_told("arm", self.robot):
            warnings = self.health_monitor.look(time.perf_counter(), spare_s, self._presses)
        self.gripper_ease.feel(self.health_monitor.newest.get("gripper"))
        return warnings


def _go(control: _Control, home: np.ndarray, hurried: Callable[[], bool]) -> None:
    """Bring the arm home as the guard has it: slowly."""
    guard, pace = control.guard, LoopRate(_HOME_FPS)
    if guard.goal is None:
        return  # it was never moved
    home = np.append(home[:5], guard.goal[5])
    if guard.limits.table_m is not None:  # an arm that lay on the table goes back to where it lay
        guard.limits = replace(guard.limits, table_m=min(guard.limits.table_m, lowest_m(home)))
    guard.pause()
    guard.follow(home, time.perf_counter(), guard.goal)
    began_s = arrived_s = time.perf_counter()
    on_its_way = True  # a computer that stood still for a while is no arm that has arrived
    while (now_s := time.perf_counter()) - began_s < _HOME_WITHIN_S and not hurried():
        # The arm comes behind its goal, and one that is let go of in motion swings on.
        if not on_its_way and now_s - arrived_s >= _SETTLE_S:
            break
        pace.wait()
        before = guard.goal
        control.send(guard.follow(home, time.perf_counter(), before))
        on_its_way = not np.array_equal(guard.goal, before)
        arrived_s = time.perf_counter() if on_its_way else arrived_s
        control.look(pace.spare_s)


def _captured_s(camera: Any) -> float | None:
    """Return when its newest picture was captured; LeRobot's base class does not say that all its cameras know it."""
    return camera.latest_timestamp


@contextmanager
def losses_told(name: str, device: Any) -> Iterator[None]:
    """Turn what the bus and the cameras of a LeRobot device raise when they are gone into DeviceLostError."""
    try:
        yield
    except DEVICE_ERRORS as error:
        raise DeviceLostError(f"the {name} stopped, because {why(bus_of(device), error)}.") from error


def _vector(named: dict[str, Any]) -> np.ndarray:
    return np.array([named[name] for name in FEATURE_NAMES], np.float32)
