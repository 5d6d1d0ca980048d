"""The page's side of the process that has the arm."""

import multiprocessing
import threading
import time
from pathlib import Path
from typing import Any

from armchair.web.arm.process import ArmSpec, work
from armchair.web.arm.state_slot import PageStateSlot
from armchair_core.errors import ArmchairError
from armchair_robot.safety.torque_off import on_signals
from armchair_robot.teleoperators.network.driver import Wish

_DOCTOR_WITHIN_S = 90.0
_END_WITHIN_S = 20.0  # it goes home first
_GONE = {"phase": "halted", "words": "The arm's process has ended: end this command and start it again."}


class ArmClient:
    """One arm, from now until `close`. Safe to use from several threads; nothing but `examine` and `close` waits."""

    def __init__(self, spec: ArmSpec, folder: Path) -> None:
        """`folder` is one that other processes see, for shared memory."""
        self._slot = PageStateSlot.create(folder / "arm.news")
        self._slot.write({"phase": "opening", "words": "Starting …"})
        # Spawned: a fork would share the threads' locks. Its end of the pipe tells it when this process is gone.
        context = multiprocessing.get_context("spawn")
        self._line, its_end = context.Pipe()
        self._process = context.Process(target=work, args=(its_end, folder / "arm.news", spec), name="armchair arm")
        self._process.start()
        its_end.close()
        self._sending, self._asking = threading.Lock(), threading.Lock()

    def news(self) -> dict[str, Any]:
        """What is so now: `phase` is opening, driving, going, halted, released or doctor."""
        return (self._slot.read() or _GONE) if self._process.is_alive() else _GONE

    @property
    def count(self) -> int:
        """How often there have been news."""
        return self._slot.counter

    def wish(self, wish: Wish) -> None:
        """Wish for motion; it is forgotten unless the arm is held just now."""
        if self.news()["phase"] == "driving":
            self.tell("wish", wish, time.perf_counter())

    def tell(self, order: str, *rest: Any) -> None:
        """Give an order: stop, go, teach, take, start, release, hurry or end."""
        with self._sending:
            try:
                self._line.send((order, *rest))
            except OSError:
                return  # `news` says that it has ended

    def examine(self) -> dict[str, Any]:
        """Let the doctor see the arm, which goes home and lets go first, and is opened again afterwards.

        The verdict is as `armchair doctor --json` prints it.

        Raises:
            ArmchairError: if it is examined already, or the doctor cannot begin or end.
        """
        if not self._asking.acquire(blocking=False):
            raise ArmchairError("the doctor is with the arm already: wait for the verdict.")
        try:
            while self._line.poll():  # a verdict that came too late for who had asked
                self._line.recv()
            self.tell("doctor")
            if not self._line.poll(_DOCTOR_WITHIN_S):
                raise ArmchairError("the doctor has not come back: end this command, and type `armchair doctor`.")
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
            self.tell("end")
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
