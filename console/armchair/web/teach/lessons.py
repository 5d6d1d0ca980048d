"""The page's side of teaching: begins a lesson in the arm's process, and makes the dataset when it is over.

The takes are safe before that. If this process ends in between, they wait beside the dataset until it is finished.
"""

import itertools
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from armchair.web.access.messages import RecordingRequest
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.arm.recording import LEADER, WHEEL, RecordingSpec
from armchair.web.jobs.jobs import Jobs
from armchair_core.errors import ArmchairError, unknown_name
from armchair_robot.devices.arms import TWIN

if TYPE_CHECKING:
    from armchair.web.server.broadcast import Broadcast

_BEGINS_WITHIN_S = 30.0  # a leader is opened, cameras are waited for
_LOOK_EVERY_S = 0.1
_NOT_HELD = "the arm is not held, so nothing can be recorded: start it, then try again."


class Recordings:
    """One at a time. `folder` is one that other processes see, for pictures. Safe to use from several threads."""

    def __init__(self, room: "Broadcast", shelf: ProjectFolder, jobs: Jobs, folder: Path) -> None:
        self.shelf = shelf
        self._room, self._jobs, self._folder = room, jobs, folder
        self._numbers, self._lock = itertools.count(int(time.time())), threading.Lock()

    @property
    def sentence(self) -> str:
        """What the arm's dataset says that it does; "" if only whoever teaches knows."""
        setting = self._room.setting
        return setting.note["instruction"] if setting.note else setting.sentence

    @property
    def may_change(self) -> bool:
        """Whether the task can be changed from the page: see `table.set_task`."""
        return self._room.setting.own is not None

    def hands(self) -> list[dict[str, str]]:
        """Who can move the arm in a take: a name for `begin`, and words."""
        setting = self._room.setting
        hands = [{"name": WHEEL, "words": "You, with the wheel of this page"}]
        if setting.note and setting.note["hand"] == "expert":
            hands.append({"name": LEADER, "words": "The scripted expert"})
        elif setting.leader:
            who = f"The leader, moved by: {setting.note['hand']}" if setting.note else f"The leader at {setting.leader}"
            hands.append({"name": LEADER, "words": who})
        return hands

    def begin(self, wish: RecordingRequest) -> dict[str, Any]:
        """Let takes be recorded into a dataset, and return what the arm's process says of it.

        Raises:
            ArmchairError: if a lesson is on, the arm is not held, or these takes cannot go into that dataset.
        """
        setting, names = self._room.setting, [hand["name"] for hand in self.hands()]
        if wish.hand not in names:
            raise unknown_name("hand here", wish.hand, names)
        if setting.note is None and len(wish.instruction.strip()) < 4:
            raise ArmchairError("a dataset needs a sentence about its task: say it, as in Pick up the red cube.")
        if self._room.arm.news()["phase"] != "driving":
            raise ArmchairError(_NOT_HELD)
        with self._lock:
            if recording_is_on(self._room.arm.news()):
                raise ArmchairError("a lesson is on already: end it first.")
            cameras = self._room.pictures.lend(self._folder)
            lesson = RecordingSpec(
                next(self._numbers), self.shelf.path(wish.data), wish.hand, wish.take_s,
                setting.note is not None, wish.instruction.strip(), cameras, setting.leader or TWIN, setting.leader_id,
            )  # fmt: skip
            self._room.arm.tell("teach", lesson)
            try:
                news = self._await_beginning(lesson.number)
            except ArmchairError:
                self._room.pictures.take_back()
                raise
        threading.Thread(target=self._see_to_its_end, args=(lesson, wish.data), daemon=True).start()
        return news

    def finish(self, data: str) -> dict[str, Any]:
        """Make the dataset of the takes that wait for that; the job that does."""
        self.shelf.path(data)
        return self._jobs.start("build", f"Make the dataset {data} of its takes", ["repair", data], data)

    def _now(self) -> dict[str, Any]:
        return self._room.arm.news().get("lesson") or {}

    def _await_beginning(self, number: int) -> dict[str, Any]:
        until_s = time.monotonic() + _BEGINS_WITHIN_S
        while time.monotonic() < until_s:
            news = self._now()
            if news.get("number") == number:
                if news["failed"]:
                    raise ArmchairError(news["ended"])
                if news["rate_hz"] or news["ended"] is not None:
                    return news
            time.sleep(_LOOK_EVERY_S)
        raise ArmchairError(_NOT_HELD)

    def _see_to_its_end(self, lesson: RecordingSpec, data: str) -> None:
        while (news := self._now()).get("number") == lesson.number and news["ended"] is None:
            time.sleep(_LOOK_EVERY_S)
        self._room.pictures.take_back()
        if news.get("kept") and news.get("number") == lesson.number:
            self.finish(data)


def recording_is_on(news: dict[str, Any]) -> bool:
    """Whether takes are being recorded, by the news of the arm's process."""
    return (news.get("lesson") or {}).get("phase", "over") != "over"
