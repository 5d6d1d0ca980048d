"""The page's side of the process that has the arm. Neither LeRobot nor PyTorch is imported here."""

import multiprocessing
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from armchair.web.arm.orders import ArmSpec
from armchair.web.arm.state_slot import PageStateSlot
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.processes.priority import go_first, own_session
from armchair_robot.safety.torque_off import on_signals
from armchair_robot.teleoperators.network.driver import Command

_DOCTOR_WITHIN_S = 90.0
_END_WITHIN_S = 20.0  # it goes home first
_GONE = {"phase": "halted", "words": "The arm's process has ended: end this command and start it again."}


class ArmClient:
    """One arm, from now until `close`. Safe to use from several threads; nothing but `examine` and `close` waits."""

    def __init__(self, folder: Path) -> None:
        """Start the process, which begins to load LeRobot. `folder` is one that other processes see."""
        self._slot = PageStateSlot.create(folder / "arm.news")
        self._slot.write({"phase": "opening", "words": "Loading LeRobot …"})
        self._before = {"phase": "opening", "words": "Starting …"}  # told until it is known which arm it is
        self._is_known = False
        # Spawned: a fork would share the threads' locks. Its end of the pipe tells it when this process is gone.
        context = multiprocessing.get_context("spawn")
        self._line, its_end = context.Pipe()
        self._process = context.Process(target=_work, args=(its_end, folder / "arm.news"), name="armchair arm")
        self._process.start()
        its_end.close()
        self._sending, self._asking = threading.Lock(), threading.Lock()

    def open(self, spec: ArmSpec) -> None:
        """Let the process open this arm, and hold it."""
        self._is_known = True
        self._send(spec)

    def wait_for(self, words: str) -> None:
        """Tell pages in `words` what the arm waits for before it can be opened."""
        self._before = {"phase": "opening", "words": words}

    def state(self) -> dict[str, Any]:
        """Return what is so now: `phase` is opening, driving, going, halted, released or doctor."""
        if not self._process.is_alive():
            return _GONE
        return (self._slot.read() or _GONE) if self._is_known else self._before

    @property
    def count(self) -> int:
        """How often the process has told how the arm is."""
        return self._slot.counter

    def command(self, command: Command) -> None:
        """Pass on a command for motion; it is forgotten unless the arm is held just now."""
        if self.state()["phase"] == "driving":
            self.tell("command", command, time.perf_counter())

    def tell(self, order: str, *rest: Any) -> None:
        """Give an order: stop, go, teach, take, run, trial, start, release, hurry or end. Before `open` it is lost."""
        if self._is_known:
            self._send((order, *rest))

    def examine(self) -> dict[str, Any]:
        """Let the doctor see the arm, which goes home and lets go first, and is opened again afterwards.

        The verdict is as `armchair doctor --json` prints it.

        Raises:
            ArmchairError: if it is examined already, or the doctor cannot begin or end.
        """
        if not self._is_known:
            raise ArmchairError("the arm has not been opened yet: wait a moment.")
        if not self._asking.acquire(blocking=False):
            raise ArmchairError("the doctor is with the arm already: wait for the verdict.")
        try:
            while self._line.poll():  # a verdict that came too late for who had asked
                self._line.recv()
            self.tell("doctor")
            if not self._line.poll(_DOCTOR_WITHIN_S):
                raise ArmchairError(f"the doctor has not come back: end this command, and type `{typed('doctor')}`.")
            answer = self._line.recv()
        except (EOFError, OSError):
            raise ArmchairError(_GONE["words"]) from None
        finally:
            self._asking.release()
        if "error" in answer:
            raise ArmchairError(answer["error"])
        return answer

    def close(self) -> None:
        """Let the arm go home and let go of it. A signal, such as Ctrl-C's, cuts the way home short."""
        hurries: list[str] = []
        with on_signals(lambda _, words: hurries.append(words)):
            if self._is_known:
                self.tell("end")
            else:
                self._process.terminate()  # nothing is held yet
            until_s = time.monotonic() + _END_WITHIN_S
            while self._process.is_alive() and time.monotonic() < until_s:
                self._process.join(0.1)
                if hurries:
                    self.tell("hurry")
            if self._process.is_alive():
                self._process.terminate()  # its motors go off all the same
                self._process.join(_END_WITHIN_S)
            if self._process.is_alive():
                self._process.kill()
        self._slot.close()

    def _send(self, message: ArmSpec | tuple[Any, ...]) -> None:
        with self._sending, suppress(OSError):  # `state` says that it has ended
            self._line.send(message)


def _work(line: Connection, slot: Path) -> None:
    """Begin the process: out of the way of Ctrl-C, which is the parent's business; once loaded, before all others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    own_session()
    from armchair.web.arm.process import work  # LeRobot and PyTorch, which take seconds

    go_first()
    work(line, slot)
