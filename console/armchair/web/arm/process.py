"""The process that has the arm: a loop over modes, one for each thing that is done with it.

Invariant: nothing here waits for the process that serves the page. Orders are read from a pipe, if there are any; the
arm's state is written to a slot in shared memory. If that process ends, this one lets go of the arm and ends.
"""

from multiprocessing.connection import Connection
from pathlib import Path

from armchair.web.arm.driving import Driving
from armchair.web.arm.inbox import Inbox
from armchair.web.arm.modes import Examination, Halted, Limp, Mode, Setup
from armchair.web.arm.orders import ArmSpec, Order
from armchair.web.arm.policy_run import PolicyRun
from armchair.web.arm.state_slot import PageStateSlot
from armchair.web.arm.status import ArmStatus


def work(line: Connection, slot: Path) -> None:
    """Carry out orders until "end", or until nobody is there to give any. The first thing on `line` is an ArmSpec."""
    try:
        spec: ArmSpec = line.recv()
    except EOFError:
        return
    carry_out(Setup(spec, Inbox(line), ArmStatus(PageStateSlot.open(slot))))


def carry_out(setup: Setup) -> None:
    """Run one mode after another, from driving on, until the order to end."""
    order = Order("start")
    while order.name != "end":
        mode = _mode(setup, order)
        if order is setup.inbox.wanted:
            setup.inbox.wanted = None
        setup.inbox.hear = mode.hear
        order = mode.run()


def _mode(setup: Setup, order: Order) -> Mode:
    attempt = setup.status.attempt
    if isinstance(attempt, PolicyRun) and order.name not in ("run", "halted"):
        attempt.give_up()  # unless it is over
    match order.name:
        case "run":
            (run,) = order.rest
            return run
        case "start":
            return Driving(setup)
        case "doctor":
            return Examination(setup)
        case "halted":
            return Halted(setup, *order.rest)
    return Limp(setup)
