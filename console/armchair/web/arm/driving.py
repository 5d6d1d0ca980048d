"""The driving mode: the arm is held, and moved as the page's driver asks; takes are recorded meanwhile."""

import gc
from typing import Any

import numpy as np

from armchair.web.arm.follower import open_patiently
from armchair.web.arm.modes import Setup
from armchair.web.arm.orders import Order, RecordingSpec
from armchair.web.arm.policy_run import PolicyRun
from armchair.web.arm.recording import ArmRecording
from armchair.web.arm.status import DRIVE_FPS, in_a_sentence
from armchair.web.arm.teleoperator import PageTeleoperator
from armchair_core.errors import ArmchairError
from armchair_core.processes.priority import at_once
from armchair_core.so101.kinematics import START
from armchair_robot.devices.armchair_so101 import ArmchairSO101
from armchair_robot.devices.arms import TWIN, calibrated_range, standing
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.real_time import run_loop
from armchair_robot.safety.torque_off import held


class Driving:
    """The mode in which whoever has the page's wheel moves the arm."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._inbox, self._status = setup, setup.inbox, setup.status
        self._teleoperator: PageTeleoperator | None = None  # while the arm is held
        self._asked: RecordingSpec | None = None  # one that is to begin

    def run(self) -> Order:
        """Open the arm and hold it, until another order ends it."""
        self._status.warnings.clear()
        self._status.post("opening", f"Opening the arm at {self._setup.spec.where} …")
        try:
            self._hold()
        except ArmchairError as error:
            return Order("halted", (in_a_sentence(error),))
        finally:
            self._teleoperator = None
        self._setup.is_well = True
        return self._inbox.wait()

    def hear(self, order: str, *rest: Any) -> None:
        """Commands for motion, STOP and go; a recording or a policy's trials, if neither has been asked for."""
        teleoperator = self._teleoperator
        if teleoperator is None:
            return
        match order:
            case "teach" if self._inbox.wanted is None and self._asked is None:
                (self._asked,) = rest
            case "run" if self._inbox.wanted is None and self._asked is None:
                self._status.attempt = attempt = PolicyRun(self._setup, *rest)
                self._inbox.wanted = Order("run", (attempt,))
            case "trial" if self._inbox.wanted is not None and self._inbox.wanted.name == "run":
                (attempt,) = self._inbox.wanted.rest
                attempt.hear(order, *rest)
            case _:
                teleoperator.obey(order, *rest)

    def _hold(self) -> None:
        setup = self._setup
        with held(self._status.warnings.append) as hold:
            robot = hold(open_patiently(setup.spec))
            if setup.home is None and setup.spec.goes_home:
                setup.home = standing(robot)  # and not where a halt has left it in the air
            # A twin lies on its table until it is held. A real arm does not move by itself: somebody may be near.
            ready = START if setup.spec.where == TWIN else None
            teleoperator = self._teleoperator = hold(PageTeleoperator(self._inbox.read, ready))
            teleoperator.connect()
            low, high = calibrated_range(robot)
            self._status.joint_range = low.tolist(), high.tolist()
            self._status.forget_beats()
            gc.collect()
            gc.freeze()  # what was imported is here to stay: looking through it takes longer than a period
            with at_once():
                self._move(robot, teleoperator, setup.home)

    def _move(self, robot: ArmchairSO101, teleoperator: PageTeleoperator, home: np.ndarray | None) -> None:
        """Let the page drive; record whenever that is asked for, and drive on."""

        def listen(moment: Moment) -> bool:
            self._status.count(moment, DRIVE_FPS)
            if self._inbox.wanted is not None:
                self._status.post_moving(moment, teleoperator, "going", "The arm goes home, then its motors go off.")
                return False
            self._status.post_moving(moment, teleoperator)
            return self._asked is None

        while True:
            run_loop(robot, teleoperator, DRIVE_FPS, listen, self._setup.spec.limits, home, self._is_hurried)
            if self._asked is None:
                return
            recording, self._asked = ArmRecording(self._setup, self._asked), None
            self._inbox.hear = recording.hear
            recording.record(robot, teleoperator)
            self._inbox.hear = self.hear

    def _is_hurried(self) -> bool:
        self._inbox.read()
        return self._inbox.hurried or self._asked is not None  # an arm that is to be taught stays where it is
