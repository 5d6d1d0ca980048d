"""The modes of the arm's process: the motors are off, nobody can hold the arm, the doctor examines it.

A mode runs until it is over or an order ends it, and says which order comes next. While it runs it hears the orders
that are for it alone. `driving`, `recording` and `policy_run` hold the modes in which the arm moves.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from armchair.web.arm.inbox import Inbox
from armchair.web.arm.orders import ArmSpec, Order
from armchair.web.arm.status import ArmStatus
from armchair_core.errors import ArmchairError
from armchair_robot.devices.arms import TWIN
from armchair_robot.doctor.rounds import patient, see
from armchair_robot.doctor.verdict import as_dict


@dataclass
class Setup:
    """What all modes share: which arm, its orders, what pages are told. `is_well`: when it was driven last, it was.

    `home`, float32[6] in the arm's units, is where it stood when it was held first: it goes there ever after.
    """

    spec: ArmSpec
    inbox: Inbox
    status: ArmStatus
    is_well: bool = False
    home: np.ndarray | None = None


class Mode(Protocol):
    """What the process does with the arm from one order to the next."""

    def run(self) -> Order:
        """Do it until it is over or an order ends it; return the order that comes next."""

    def hear(self, order: str, *rest: Any) -> None:
        """Obey an order that does not end the mode; what means nothing to it is ignored."""


class Limp:
    """The motors are off, as was asked for."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def run(self) -> Order:
        """Wait for the next order."""
        self._setup.is_well = False
        self._setup.status.post("released", "The arm's motors are off.")
        return self._setup.inbox.wait()

    def hear(self, order: str, *rest: Any) -> None:
        """Nothing can be asked of an arm that is not held."""


class Halted:
    """Nobody can hold the arm: it did not open, was lost, or had to be let go of."""

    def __init__(self, setup: Setup, why: str) -> None:
        self._setup, self._why = setup, why

    def run(self) -> Order:
        """Say why, and wait for the next order."""
        self._setup.is_well = False
        self._setup.status.post("halted", self._why)
        return self._setup.inbox.wait()  # it may have come before the arm was lost

    def hear(self, order: str, *rest: Any) -> None:
        """Nothing can be asked of an arm that is not held."""


class Examination:
    """The doctor examines the arm, which is held again afterwards if it was before."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def run(self) -> Order:
        """Answer with the verdict as `armchair doctor --json` prints it, or with why there is none."""
        setup = self._setup
        setup.status.post("doctor", "The doctor examines the arm.")
        try:
            # The cameras of a real arm are in use by the page.
            verdict = see(patient(setup.spec.where), setup.spec.arm_id, None if setup.spec.where == TWIN else "{}")
            setup.inbox.answer(as_dict([verdict]))
        except ArmchairError as error:
            setup.inbox.answer({"error": str(error)})
        return Order("start" if setup.is_well else "release")

    def hear(self, order: str, *rest: Any) -> None:
        """Nothing is asked of an arm while the doctor sees it."""
