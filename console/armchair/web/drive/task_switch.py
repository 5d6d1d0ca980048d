"""The switch to another task: the console's own twin is ended and another begins; the arm is let go of first."""

import threading
import time
from typing import Any

from armchair.web.drive.workcell import Arm, Workcell
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_sim.tasks import get_task

_HOME_WITHIN_S = 30.0
_changing = threading.Lock()


def set_task(cell: Workcell, task: str) -> None:
    """Set the twin's table for `task`; the arm goes home first, and is held again when this returns or soon after.

    Raises:
        ArmchairError: if there is no such task, the twin is not this console's, a lesson is on, or it does not start.
    """
    task = get_task(task).name
    if cell.choice.own is None:
        raise ArmchairError(
            f"this twin was started by somebody else: stop it, and type `{typed('console', '--task', task)}`."
        )
    if not _changing.acquire(blocking=False):
        raise ArmchairError("the table is being set already: wait a moment.")
    try:
        if recording_is_on(cell.arm.state()):
            raise ArmchairError("a lesson is on, and its takes are all of one task: end it first.")
        if (cell.arm.state().get("attempt") or {}).get("phase", "over") != "over":
            raise ArmchairError("a policy moves the arm: end that first.")
        _let_go(cell.arm)
        cell.choice.own.stop()
        cell.open_cameras({**cell.choice.own.start(task), "task": task})
        cell.furnish()
        cell.arm.tell("start")
    finally:
        _changing.release()


def recording_is_on(state: dict[str, Any]) -> bool:
    """Return whether takes are being recorded, by the state of the arm's process."""
    return (state.get("lesson") or {}).get("phase", "over") != "over"


def _let_go(arm: Arm) -> None:
    arm.tell("release")
    until_s = time.monotonic() + _HOME_WITHIN_S
    while arm.state()["phase"] not in ("released", "halted"):
        if time.monotonic() > until_s:
            raise ArmchairError("the arm has not come home: press STOP, look at it, then try again.")
        time.sleep(0.1)
