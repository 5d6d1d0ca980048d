"""The page's side of recordings: begins one in the arm's process, and makes the dataset when it is over.

The takes are safe before that. If this process ends in between, they wait beside the dataset until it is finished.
"""

import itertools
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from armchair.web.access.messages import RecordingRequest
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.arm.orders import LEADER, WHEEL, RecordingSpec
from armchair.web.drive.task_switch import recording_is_on
from armchair.web.drive.workcell import Workcell
from armchair.web.jobs.folder import OVER
from armchair.web.jobs.jobs import Jobs
from armchair_core.dataset_format.info import is_dataset
from armchair_core.errors import ArmchairError, unknown_name
from armchair_datasets.editing.tags import set_tags
from armchair_datasets.recording.workspace import Workspace
from armchair_robot.devices.arms import TWIN

_BEGINS_WITHIN_S = 30.0  # a leader is opened, cameras are waited for
_LOOK_EVERY_S = 0.1
NOT_DONE = "not done"  # the tag of such an episode
_NOT_HELD = "the arm is not held, so nothing can be recorded: start it, then try again."


class Recordings:
    """The recordings of this page, one at a time. Safe to use from several threads.

    `folder` is one that other processes see, for pictures.
    """

    def __init__(self, cell: Workcell, project: ProjectFolder, jobs: Jobs, folder: Path) -> None:
        self._cell, self._project, self._jobs, self._folder = cell, project, jobs, folder
        self._numbers, self._lock = itertools.count(int(time.time())), threading.Lock()

    @property
    def sentence(self) -> str:
        """What the arm's dataset says that it does; "" if only whoever teaches knows."""
        choice = self._cell.choice
        return choice.note["instruction"] if choice.note else choice.sentence

    @property
    def may_change(self) -> bool:
        """Whether the task can be changed from the page: see `task_switch.set_task`."""
        return self._cell.choice.own is not None

    def hands(self) -> list[dict[str, str]]:
        """Return who can move the arm in a take: a name for `begin`, and words."""
        choice = self._cell.choice
        hands = [{"name": WHEEL, "words": "You, with the wheel of this page"}]
        if choice.note and choice.note["hand"] == "expert":
            hands.append({"name": LEADER, "words": "The scripted expert"})
        elif choice.leader:
            who = f"The leader, moved by: {choice.note['hand']}" if choice.note else f"The leader at {choice.leader}"
            hands.append({"name": LEADER, "words": who})
        return hands

    def begin(self, request: RecordingRequest, owner: str = "") -> dict[str, Any]:
        """Let takes be recorded into a dataset, and return what the arm's process says of it. It is `owner`'s then.

        Raises:
            ArmchairError: if a recording is on, the arm is not held, or these takes cannot go into that dataset.
        """
        choice, names = self._cell.choice, [hand["name"] for hand in self.hands()]
        if request.hand not in names:
            raise unknown_name("hand here", request.hand, names)
        if not choice.is_twin and len(request.instruction.strip()) < 4:
            raise ArmchairError("a dataset needs a sentence about its task: say it, as in Pick up the red cube.")
        if self._cell.arm.state()["phase"] != "driving":
            raise ArmchairError(_NOT_HELD)
        with self._lock:
            if recording_is_on(self._cell.arm.state()):
                raise ArmchairError("a lesson is on already: end it first.")
            cameras = self._cell.cameras.lend(self._folder)
            asked = RecordingSpec(
                next(self._numbers), self._project.path(request.data), request.hand, request.take_s,
                choice.is_twin, request.instruction.strip(), cameras, choice.leader or TWIN, choice.leader_id,
            )  # fmt: skip
            self._cell.lesson_owner = owner
            self._cell.arm.tell("teach", asked)
            try:
                state = self._await_beginning(asked.number)
            except ArmchairError:
                self._cell.cameras.take_back()
                raise
        threading.Thread(target=self._see_to_its_end, args=(asked, request.data, owner), daemon=True).start()
        return state

    def finish(self, data: str, owner: str = "", *, is_limited: bool = False) -> dict[str, Any]:
        """Make the dataset of the takes that wait for that, and return the job that does.

        Raises:
            ArmchairError: if none wait there, or more are being recorded.
        """
        work = Workspace(self._project.path(data))
        if not work.finished():
            raise ArmchairError(f"no takes wait to become {data}: record some first, or choose another name.")
        if work.is_held():
            raise ArmchairError(f"takes for {data} are being recorded: end that first.")
        return self._build(data, owner, is_limited=is_limited)

    def _build(
        self, data: str, owner: str, undone: list[int] | None = None, *, is_limited: bool = False
    ) -> dict[str, Any]:
        """Begin the job. Verdicts follow it; `undone` are those of its takes in which the task was not done."""
        from armchair_core.dataset_format.layout import open_layout  # with Arrow

        root, title = self._project.path(data), f"Make the dataset {data} of its takes"
        first = len(open_layout(root).episodes) if is_dataset(root) else 0
        job = self._jobs.start("build", title, ["repair", data], data, owner, is_limited=is_limited)
        places = [first + take for take in undone or ()]
        threading.Thread(target=self._judge_when_built, args=(job["number"], data, places, owner), daemon=True).start()
        return job

    def _judge_when_built(self, number: int, data: str, undone: list[int], owner: str) -> None:
        while (state := self._state_of(number)) not in (*OVER, None):
            time.sleep(_LOOK_EVERY_S)
        if state != "done":
            return
        with suppress(ArmchairError):  # another job has the dataset already: nothing is lost
            for index in undone:
                set_tags(self._project.dataset(data), index, [NOT_DONE])
            self._jobs.start("check", f"Check every episode of {data}", ["check", data, "--save"], data, owner)

    def _state_of(self, number: int) -> str | None:
        """A job's state on the list, by which others are begun; None if it is not there any more."""
        return next((job["state"] for job in self._jobs.status() if job["number"] == number), None)

    def _now(self) -> dict[str, Any]:
        return self._cell.arm.state().get("lesson") or {}

    def _await_beginning(self, number: int) -> dict[str, Any]:
        until_s = time.monotonic() + _BEGINS_WITHIN_S
        while time.monotonic() < until_s:
            state = self._now()
            if state.get("number") == number:
                if state["failed"]:
                    raise ArmchairError(state["ended"])
                if state["rate_hz"] or state["ended"] is not None:
                    return state
            time.sleep(_LOOK_EVERY_S)
        raise ArmchairError(_NOT_HELD)

    def _see_to_its_end(self, asked: RecordingSpec, data: str, owner: str) -> None:
        while (state := self._now()).get("number") == asked.number and state["ended"] is None:
            time.sleep(_LOOK_EVERY_S)
        self._cell.cameras.take_back()
        if state.get("kept") and state.get("number") == asked.number:
            self._build(data, owner, state.get("undone"))
