"""The wheel of the network teleoperator: who has it, and what its driver requested last. No I/O.

Invariant: a command is older than DEADMAN_S nowhere: silence means hold. One drives at a time; whoever has been silent
for LEAVES_S has left. Whoever asks for the wheel is next, in the order of asking.
"""

import threading
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from armchair_core.so101.kinematics import ACTION_HIGH, ACTION_LOW
from armchair_robot.teleoperators.jog import SpeedName

DEADMAN_S = 0.3
LEAVES_S = 3.0

_Rate = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
_Unit = Annotated[float, Field(ge=float(ACTION_LOW.min()), le=float(ACTION_HIGH.max()), allow_inf_nan=False)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Jog(_Message):
    """A command to move: six rates, for `jog.AXES` in this order."""

    type: Literal["jog"]
    rates: Annotated[list[_Rate], Field(min_length=6, max_length=6)]
    mode: Literal["tip", "joints"] = "tip"
    speed: SpeedName = "normal"


class Targets(_Message):
    """A command to go there: six joint targets in LeRobot's units, not faster than `speed`."""

    type: Literal["targets"]
    targets: Annotated[list[_Unit], Field(min_length=6, max_length=6)]
    speed: SpeedName = "normal"


class Hold(_Message):
    """A command to hold still."""

    type: Literal["hold"]


Command = Jog | Targets | Hold
_READER: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])


def read_command(text: str) -> Command:
    """Return the command in a JSON text.

    Raises:
        pydantic.ValidationError: if it is none: no JSON, an unknown field, a number that is not finite or too large.
    """
    return _READER.validate_json(text)


class Wheel:
    """The wheel, which one driver has at a time. Safe to use from the server's thread and the control loop's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._driver: object | None = None
        self._heard_s = -np.inf
        self._command: Command | None = None
        self._asking: list[object] = []

    def take(self, driver: object, now_s: float) -> bool:
        """Let `driver` drive from now on; False if another does."""
        with self._lock:
            if self._driver not in (None, driver) and now_s - self._heard_s < LEAVES_S:
                return False
            self._pass_to(driver, now_s)
            return True

    def steer(self, driver: object, command: Command, now_s: float) -> bool:
        """Take in what `driver` commands; False if the wheel has gone to another."""
        with self._lock:
            if self._driver is not driver:
                return False
            self._command, self._heard_s = command, now_s
            return True

    def leave(self, driver: object) -> None:
        """Let go of the wheel, and of having asked for it."""
        with self._lock:
            self._asking = [each for each in self._asking if each is not driver]
            if self._driver is driver:
                self._pass_to(self._asking[0] if self._asking else None, self._heard_s)

    def ask(self, who: object, now_s: float) -> bool:
        """Take the wheel if it is free, else stand in the queue for it; return whether it was taken."""
        if self.take(who, now_s):
            return True
        with self._lock:
            if who not in self._asking:
                self._asking.append(who)
        return False

    def hand_over(self, driver: object, now_s: float) -> bool:
        """Let the first who asked drive from now on; False if nobody has asked, or `driver` does not drive."""
        with self._lock:
            if self._driver is not driver or not self._asking:
                return False
            self._pass_to(self._asking[0], now_s)
            return True

    def seize(self, who: object, now_s: float) -> None:
        """Take the wheel, whoever has it: for a teacher."""
        with self._lock:
            self._pass_to(who, now_s)

    def _pass_to(self, who: object | None, now_s: float) -> None:
        self._driver, self._heard_s, self._command = who, now_s, None
        self._asking = [each for each in self._asking if each is not who]

    def driver(self, now_s: float) -> object | None:
        """Return who has the wheel; after LEAVES_S of silence it is the next who asked, or nobody."""
        with self._lock:
            if self._driver is not None and now_s - self._heard_s >= LEAVES_S:
                self._pass_to(self._asking[0] if self._asking else None, now_s)
            return self._driver

    @property
    def asking(self) -> list[object]:
        """Who has asked for the wheel, in this order."""
        with self._lock:
            return list(self._asking)

    def command(self, now_s: float) -> Command | None:
        """Return what is commanded now; None means hold."""
        with self._lock:
            return self._command if now_s - self._heard_s <= DEADMAN_S else None

    def is_driven(self) -> bool:
        """Return whether somebody has the wheel."""
        with self._lock:
            return self._driver is not None
