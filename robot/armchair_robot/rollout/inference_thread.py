"""The inference thread, which thinks about the newest question while the arm goes on moving.

Invariant: who asks and who takes never waits for a thought, and what was asked before `forget` is never answered
after it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Answer:
    """What was thought of the question of `asked_s`, float32[n,6], in `took_s` seconds."""

    asked_s: float
    actions: np.ndarray
    took_s: float


class InferenceThread:
    """A thread that runs `think`, and the `forget` given to it before the first question after its own `forget`."""

    def __init__(self, think: Callable[[Any], np.ndarray], forget: Callable[[], None], threads: int) -> None:
        """`threads`: how many of the processor's cores PyTorch may use for it."""
        self._think, self._forget, self._threads = think, forget, threads
        self._changed = threading.Condition()
        self._question: tuple[float, Any] | None = None
        self._answer: Answer | None = None
        self._error: Exception | None = None
        self._must_forget = self._closed = self._busy = False
        self._thread = threading.Thread(target=self._work, name="armchair policy", daemon=True)
        self._thread.start()

    @property
    def is_free(self) -> bool:
        """Whether nothing is being thought about, and no answer waits to be taken."""
        return not (self._busy or self._question or self._answer)

    def ask(self, asked_s: float, about: Any) -> None:
        """Think about this next."""
        with self._changed:
            self._question = (asked_s, about)
            self._changed.notify()

    def take(self) -> Answer | None:
        """Return the answer, once; None while there is none.

        Raises:
            Exception: what thinking has failed with.
        """
        with self._changed:
            if self._error is not None:
                raise self._error
            answer, self._answer = self._answer, None
            return answer

    def forget(self) -> None:
        """Drop question, answer, and what is being thought."""
        with self._changed:
            self._question = self._answer = None
            self._must_forget = True

    def close(self) -> None:
        """End the thread; a thought that takes long ends by itself."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=1.0)

    def _work(self) -> None:
        import torch

        torch.set_num_threads(self._threads)  # or its helpers would take the core that the control loop runs on
        while (question := self._next()) is not None:
            asked_s, about = question
            began_s = time.perf_counter()
            try:
                actions = self._think(about)
            except Exception as error:  # told by `take`, in the thread that can do something about it
                with self._changed:
                    self._error = error
                return
            with self._changed:
                self._busy = False
                if not self._must_forget:
                    self._answer = Answer(asked_s, actions, time.perf_counter() - began_s)

    def _next(self) -> tuple[float, Any] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._question)
            if self._closed:
                return None
            question, self._question = self._question, None
            self._busy = True
            must_forget, self._must_forget = self._must_forget, False
        if must_forget:
            self._forget()
        return question
