"""The process that has the arm: it opens it, lets wishes move it, asks the doctor, and lets go of it.

Invariant: nothing here waits for the process that serves the page. What is wished is read from a pipe, if there is
something; what is so is written to a slot in shared memory. If that process ends, this one lets go of the arm and ends.
"""

import gc
import signal
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair.web.arm.policy_run import PolicyRun
from armchair.web.arm.recording import ArmRecording, RecordingSpec
from armchair.web.arm.state_slot import PageStateSlot
from armchair.web.arm.teleoperator import PageTeleoperator
from armchair_core.errors import ArmchairError
from armchair_core.processes.priority import at_once, go_first, own_session
from armchair_datasets.recording.real_time.session import Now
from armchair_robot.bus.registers import DEVICE_ERRORS
from armchair_robot.devices.arms import TWIN, calibrated_range, open_follower, standing
from armchair_robot.loop.moment import Moment
from armchair_robot.loop.real_time import run_loop
from armchair_robot.safety.limits import Limits
from armchair_robot.safety.torque_off import held

if TYPE_CHECKING:
    from lerobot.robots import Robot

FPS, TEACHING_FPS = 60, 30
_WARNINGS = 5  # the newest, for those who come later
_TRIES, _AGAIN_S = 3, 1.0
# A twin shares its computer with the browser: late is not lost.
_TWIN_RETRIES, _TWIN_PATIENCE_MS = 12, 5000
_BEATS = 10 * FPS  # what the jitter is measured over: 10 s


@dataclass(frozen=True)
class ArmSpec:
    """Which arm, as `arms.open_follower` takes it; `goes_home` before its motors go off."""

    where: str
    arm_id: str | None
    limits: Limits
    goes_home: bool


def work(orders: Connection, slot: Path, spec: ArmSpec) -> None:
    """Carry out orders until "end", or until nobody is there to give any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    own_session()
    go_first()
    _Worker(orders, PageStateSlot.open(slot), spec).work()


class _Worker:
    def __init__(self, orders: Connection, slot: PageStateSlot, spec: ArmSpec) -> None:
        self._orders, self._slot, self._spec = orders, slot, spec
        self._next, self._hurried = "", False  # what comes after the loop; whether it is to go home first
        self._warnings: deque[str] = deque(maxlen=_WARNINGS)
        self._beats_s: deque[float] = deque(maxlen=_BEATS + 1)
        self._moments, self._jitter_ms, self._ends = 0, 0.0, ([], [])
        self._hand: PageTeleoperator | None = None
        self._was_well = False  # whether the arm was held when the present order came
        self._lesson: RecordingSpec | None = None  # one that is to begin
        self._lecture: ArmRecording | None = None  # the newest
        self._wishes: list[str] = []  # of whoever teaches
        self._attempt: PolicyRun | None = None  # the newest

    def work(self) -> None:
        order = "start"
        while order != "end":
            if order != "run" and self._is_trying:
                self._attempt.said = "It did not begin."
            match order:
                case "start":
                    order = self._drive()
                case "run":
                    order = self._try()
                case "doctor":
                    self._examine()
                    order = "start" if self._was_well else "release"
                case "release":
                    self._was_well = False
                    self._post("released", "The arm's motors are off.")
                    order = self._await()
                case _:
                    order = self._await()

    # --- orders -----------------------------------------------------------------------------------------------
    def _await(self) -> str:
        """The next order that changes what this process does."""
        self._next = ""
        while not self._next:
            self._orders.poll(1.0)
            self._listen()
        return self._next

    def _listen(self) -> None:
        """Take in every order that is there."""
        try:
            while self._orders.poll():
                self._obey(*self._orders.recv())
        except (EOFError, OSError):
            self._next = "end"

    def _obey(self, order: str, *rest: Any) -> None:
        hand = self._hand
        match order:
            case "wish" if hand:
                hand.hear(*rest)
            case "stop" if hand:
                hand.stop()
            case "go" if hand:
                hand.go()
            case "teach" if hand and not (self._next or self._is_teaching or self._is_trying):
                (self._lesson,) = rest
            case "take":
                self._wishes += rest
            case "run" if hand and not (self._next or self._is_teaching or self._is_trying):
                self._attempt, self._next = PolicyRun(*rest, self._spec.limits, self._spec.goes_home), "run"
            case "trial" if self._is_trying:
                self._attempt.wishes += rest
            case "hurry":
                self._hurried = True
            case "start" | "doctor" | "release" | "end":
                self._next = order

    # --- the arm ----------------------------------------------------------------------------------------------
    def _drive(self) -> str:
        """Hold the arm, and move it as is wished, until another order comes; that order."""
        spec, self._next = self._spec, ""
        self._warnings.clear()
        self._post("opening", f"Opening the arm at {spec.where} …")
        try:
            with held(self._warnings.append) as hold:
                robot = hold(self._open())
                home = standing(robot) if spec.goes_home else None
                self._hand = hold(PageTeleoperator(self._listen))
                self._hand.connect()
                self._ends = tuple(end.tolist() for end in calibrated_range(robot))
                self._beats_s.clear()
                gc.collect()
                gc.freeze()  # what was imported is here to stay: looking through it takes longer than a period
                self._lesson = None
                with at_once():
                    self._drive_and_teach(robot, home)
        except ArmchairError as error:
            self._was_well = False
            self._post("halted", _sentence(error))
            return self._next or self._await()  # it may have been lost on its way home
        finally:
            self._hand = None
        self._was_well = True
        return self._next

    def _drive_and_teach(self, robot: "Robot", home: np.ndarray | None) -> None:
        while True:
            run_loop(robot, self._hand, FPS, self._on_moment, self._spec.limits, home, self._is_hurried)
            if self._lesson is None:
                return
            self._teach(robot)

    def _try(self) -> str:
        """Let a policy move the arm, judged trial by trial, until that or an order ends it; then it is driven again."""
        attempt, self._next = self._attempt, ""
        self._post("opening", f"{attempt.asked.policy} is loaded …")
        self._hand = hand = PageTeleoperator(self._listen)
        self._beats_s.clear()
        try:
            attempt.hold(
                hand, lambda: self._open(None), self._see_trial, self._trial_wishes,
                lambda: hand.stopped and not self._next, lambda: self._hurried,
            )  # fmt: skip
        except ArmchairError as error:
            attempt.said = _sentence(error)
        finally:
            self._hand = None
            self._beats_s.clear()
        return self._next or "start"

    @property
    def _is_teaching(self) -> bool:
        return self._lesson is not None or (self._lecture is not None and self._lecture.ended is None)

    @property
    def _is_trying(self) -> bool:
        return self._attempt is not None and self._attempt.said is None

    def _trial_wishes(self) -> list[str]:
        self._listen()
        wishes, self._attempt.wishes = self._attempt.wishes, []
        return ["quit"] if self._next else wishes

    def _see_trial(self, moment: Moment) -> None:
        self._listen()
        self._count(moment, TEACHING_FPS)
        self._post("driving", "", moment)

    def _open(self, cameras: str | None = "{}") -> "Robot":
        """The follower; its cameras are the page's, unless a policy is to see.

        A machine that has just started all of this misses the 50 ms that LeRobot gives a servo.
        """
        for left in reversed(range(_TRIES)):
            try:
                robot = open_follower(self._spec.where, cameras, self._spec.arm_id)
            except ArmchairError as error:
                if not left or not isinstance(error.__cause__, DEVICE_ERRORS):
                    raise
                time.sleep(_AGAIN_S)
                continue
            if self._spec.where == TWIN:
                robot.config.num_read_retries = _TWIN_RETRIES
                for camera in robot.cameras.values():  # the guard lets the arm wait for a picture that is late
                    camera.read_latest = partial(camera.read_latest, max_age_ms=_TWIN_PATIENCE_MS)
            return robot

    def _is_hurried(self) -> bool:
        self._listen()
        return self._hurried or self._lesson is not None  # an arm that is to be taught stays where it is

    def _on_moment(self, moment: Moment) -> bool:
        self._count(moment, FPS)
        if self._next:
            self._post("going", "The arm goes home, then its motors go off.", moment)
            return False
        self._post("driving", "", moment)
        return self._lesson is None

    def _count(self, moment: Moment, fps: int) -> None:
        self._warnings += moment.warnings
        self._beats_s.append(moment.observed_s)
        self._moments += 1
        if self._moments % fps == 0:
            self._jitter_ms = _jitter_ms(self._beats_s, fps)

    # --- teaching ---------------------------------------------------------------------------------------------
    def _teach(self, robot: "Robot") -> None:
        """Record what is to be taught, until a wish ends it or an order ends the driving."""
        self._lecture, self._lesson = ArmRecording(self._lesson), None
        self._wishes.clear()
        self._beats_s.clear()

        def tell(now: Now) -> None:
            self._count(now.moment, TEACHING_FPS)
            self._post("driving", "", now.moment)

        self._lecture.teach(robot, self._hand, self._spec.limits, self._take_wishes, tell)
        self._beats_s.clear()

    def _take_wishes(self) -> list[str]:
        self._listen()
        wishes, self._wishes = self._wishes, []
        return ["drop"] if self._next else wishes

    def _examine(self) -> None:
        from armchair_robot.doctor.rounds import patient, see
        from armchair_robot.doctor.verdict import as_dict

        self._post("doctor", "The doctor examines the arm.")
        spec = self._spec
        try:
            # The cameras of a real arm are in use by the page.
            verdict = see(patient(spec.where), spec.arm_id, None if spec.where == TWIN else "{}")
            answer = as_dict([verdict])
        except ArmchairError as error:
            answer = {"error": str(error)}
        self._orders.send(answer)

    # --- what is so -------------------------------------------------------------------------------------------
    def _post(self, phase: str, words: str, moment: Moment | None = None) -> None:
        news = {"phase": phase, "words": words, "warnings": list(self._warnings), "fps": FPS}
        if self._lecture is not None:
            news["lesson"] = self._lecture.news()
        if self._attempt is not None:
            news["attempt"] = self._attempt.news()
        if moment is not None:
            news |= self._moving(moment)
        self._slot.write(news)

    def _moving(self, moment: Moment) -> dict[str, Any]:
        hand = self._hand
        return {
            "stopped": hand.stopped, "hand": hand.status, "held_back": moment.held_back,
            "rate_hz": round(self._rate_hz(), 1), "jitter_ms": round(self._jitter_ms, 3),
            "state": _rounded(moment.state), "sent": _rounded(moment.sent), "low": self._ends[0], "high": self._ends[1],
            "servos": {
                joint: [round(each.load_percent, 1), round(each.current_a, 3), each.voltage_v, each.temperature_c]
                for joint, each in moment.servos.items()
            },
        }  # fmt: skip

    def _rate_hz(self) -> float:
        """Of the last second or two."""
        recent = min(len(self._beats_s) - 1, FPS)
        span_s = self._beats_s[-1] - self._beats_s[-1 - recent]
        return recent / span_s if span_s else 0.0


def _jitter_ms(beats_s: deque[float], fps: int) -> float:
    """How far an interval is off the period: the 99th percentile."""
    off_s = np.abs(np.diff(np.array(beats_s)) - 1 / fps)
    return float(np.percentile(off_s, 99)) * 1000 if len(off_s) else 0.0


def _sentence(error: ArmchairError) -> str:
    words = str(error)
    return words if "_" in words.partition(" ")[0] else words[:1].upper() + words[1:]  # not the name of a joint


def _rounded(units: np.ndarray) -> list[float]:
    return [round(float(value), 2) for value in units]
