"""The joint sweep of a calibration, by a person who has keys or by the twin's own hands."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from armchair.terminal.joint_ranges import JointRanges, joint_ranges
from armchair.terminal.questions import Questions, keys
from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS
from armchair_robot.calibration.session import CalibrationSession
from armchair_robot.devices.arms import TWIN, twin_note
from armchair_sim.twin.control import ask

_ASK_TWIN_S, _ASK_TIMES = 0.2, 4
_SAMPLE_S = 0.01  # between two readings, besides the time that a reading takes
_KEYS = "ENTER: all are done · 1 to 6: redo that joint · q: stop, nothing is written"


def take_middle(session: CalibrationSession, where: str, questions: Questions) -> None:
    """Let the arm be put into the middle of its ranges, by a person or by the twin's hands, and take note of it."""
    joints = "every joint" if len(session.joints) == len(JOINTS) else session.joints[0]
    if where == TWIN:
        say("The twin's hands take both arms to their middles.")
        _hands("middle", lambda: time.sleep(_SAMPLE_S))
    else:
        questions.enter(f"Put {joints} into the middle of its range, by eye; the gripper half open, the jaws upright.")
    session.take_middle()


def sweep(session: CalibrationSession, where: str) -> None:
    """Look on until the person, or the twin's hands, have moved every joint to both of its stops.

    Raises:
        ArmchairError: if the twin's hands did not.
    """
    numbers = {joint: number for number, joint in enumerate(JOINTS, 1)}
    if not session.to_sweep:
        return
    with joint_ranges(numbers) as shown:
        if where == TWIN:
            say("The twin's hands move one joint after another to both of its stops.")
            _hands("sweep", lambda: _look(session, shown))
            if left := session.unfinished():
                raise ArmchairError(
                    f"{', '.join(left)} did not reach both stops: see `{typed('doctor', 'twin')}`, then try again."
                )
            return
        with keys() as pressed:
            person = Person(session)
            while not person.done:
                session.look()
                shown.show(session, person.hint())
                person.hear(pressed.typed(within_s=_SAMPLE_S))


def _look(session: CalibrationSession, shown: JointRanges) -> None:
    session.look()
    shown.show(session, "")


class Person:
    """A person at the keys while joints are swept."""

    def __init__(self, session: CalibrationSession) -> None:
        self.done = False
        self._session = session
        self._doubted = False  # ENTER was pressed, and what is doubtful was said

    def hint(self) -> str:
        """Return what to do next."""
        left = self._session.unfinished()
        if self._doubted and not self._session.unfinished(accept_doubtful=True):
            return f"{', '.join(left)}: ENTER again keeps it as it is, or go on moving it."
        if left:
            words = self._session.sweeps[left[0]].verdict().words
            return f"{left[0]}: {words}; rest a moment at each.\n{_KEYS}"
        return f"All joints are done: press ENTER.\n{_KEYS}"

    def hear(self, letters: str) -> None:
        """Obey what was typed."""
        for letter in letters:
            if letter in "\r\n":
                self._finish()
            elif letter in "qQ\x1b":
                raise KeyboardInterrupt
            elif letter.isdigit() and 1 <= int(letter) <= len(JOINTS):
                self._redo(JOINTS[int(letter) - 1])

    def _finish(self) -> None:
        """Only what is good is kept at once, what is doubtful at the second ENTER, a joint that never moved never."""
        self.done = not self._session.unfinished(accept_doubtful=self._doubted)
        self._doubted = True

    def _redo(self, joint: str) -> None:
        if joint in self._session.sweeps:
            self._session.sweeps[joint].redo()
            self._doubted = False


def _hands(do: str, meanwhile: Callable[[], None]) -> None:
    """Let the twin's hands `middle` or `sweep` the arms, until they are done."""
    state, asked_s = ask_twin(do=do), time.monotonic()
    while state["guided"]:
        meanwhile()
        if time.monotonic() - asked_s > _ASK_TWIN_S:
            state, asked_s = ask_twin(do="status"), time.monotonic()


def ask_twin(**request: str) -> dict[str, Any]:
    """Send the running twin a request, and return how it stands."""
    control = Path(twin_note()["folder"]) / "control"
    for _ in range(_ASK_TIMES - 1):
        with suppress(ArmchairError):  # on a busy machine it hangs up on callers that take 50 ms to speak
            return ask(control, **request)
        time.sleep(_ASK_TWIN_S)
    return ask(control, **request)
