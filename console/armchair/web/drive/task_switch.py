"""Another task on the table: the console's own twin is ended and one for that task begins, with the arm let go of."""

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from armchair.web.drive.scene_3d import Scene3D
from armchair.web.teach.lessons import recording_is_on
from armchair_core.errors import ArmchairError

if TYPE_CHECKING:
    from armchair.web.server.broadcast import Broadcast

_HOME_WITHIN_S = 30.0
_changing = threading.Lock()


def set_task(room: "Broadcast", task: str) -> None:
    """Set the twin's table for `task`; the arm goes home first, and is held again when this returns or soon after.

    Raises:
        ArmchairError: if there is no such task, the twin is not this console's, a lesson is on, or it does not start.
    """
    from armchair_sim.tasks import get_task

    task = get_task(task).name
    if room.setting.own is None:
        raise ArmchairError(
            f"this twin was started by somebody else: stop it, and type `armchair console --task {task}`."
        )
    if not _changing.acquire(blocking=False):
        raise ArmchairError("the table is being set already: wait a moment.")
    try:
        if recording_is_on(room.arm.news()):
            raise ArmchairError("a lesson is on, and its takes are all of one task: end it first.")
        if (room.arm.news().get("attempt") or {}).get("phase", "over") != "over":
            raise ArmchairError("a policy moves the arm: end that first.")
        _let_go(room)
        room.setting.own.stop()
        note = room.setting.own.start(task)
        room.setting = replace(room.setting, note=note, task=task)
        room.stage, room.twin = Scene3D(task, room.setting.folder), {}
        room.arm.tell("start")
    finally:
        _changing.release()


def _let_go(room: "Broadcast") -> None:
    room.arm.tell("release")
    until_s = time.monotonic() + _HOME_WITHIN_S
    while room.arm.news()["phase"] not in ("released", "halted"):
        if time.monotonic() > until_s:
            raise ArmchairError("the arm has not come home: press STOP, look at it, then try again.")
        time.sleep(0.1)
