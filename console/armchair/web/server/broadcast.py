"""The broadcast to all pages: who looks at the arm, who of them drives, and what all are told.

Whoever drives is told 30 times a second, all others 10 times.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

from armchair.web.access.hidden_folders import told
from armchair.web.access.messages import Look, Message, Plain, Run, Seen, Teach, Trial
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.access.visitors import Role, may
from armchair.web.arm.orders import PageTrials
from armchair.web.drive.task_switch import recording_is_on
from armchair.web.drive.workcell import Workcell
from armchair.web.jobs.jobs import Jobs
from armchair.web.routes.evaluate import candidates
from armchair.web.server.news import Parts, in_parts
from armchair.web.server.picture_share import picture_share
from armchair.web.server.room import room_for
from armchair.web.server.viewer import TITLES, Viewer, refuse
from armchair_core.command_line import named
from armchair_core.errors import ArmchairError
from armchair_core.local_server import BUSY
from armchair_robot.teleoperators.network.driver import Hold, Wheel

RATE_HZ = 30
_WATCH_TICKS = 3  # who only watches is told at one tick in three
_FOR_ITS_OWNER = ("redo", "again", "quit")
_TWIN_EVERY_S = 3.0  # each time it leaves its bus for a moment


class Broadcast:
    """The open pages. Lives in the server's event loop; `stop` alone may be called from elsewhere."""

    def __init__(self, cell: Workcell, jobs: Jobs) -> None:
        self.cell, self.jobs = cell, jobs
        self.wheel = Wheel()
        self.viewers: list[Viewer] = []
        self._numbers = 0
        self._driver: object | None = None
        self._stop: dict[str, Any] | None = None  # who has pressed STOP last, and how often it was pressed
        self._leaving: set[asyncio.Task[None]] = set()
        self._news: Parts = {}
        self._ticks, self._changed = 0, asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None

    # --- coming and going -------------------------------------------------------------------------------------
    def join(self, line: Any, role: Role, owner: str = "") -> Viewer | str:
        """Return a new viewer, for whom another page may have to close; or why there is no room for it."""
        self._numbers += 1
        viewer = Viewer(line, self._numbers, role, owner)
        room = room_for(viewer, self.viewers, self.wheel.driver(time.perf_counter()))
        if isinstance(room, str):
            return room
        for each in room:
            self._send_away(each)
        self.viewers.append(viewer)
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget a page that was closed: if it drove, the arm holds at once. Safe to call twice."""
        if viewer in self.viewers:
            self.viewers.remove(viewer)
        self.wheel.leave(viewer)
        self._watch_wheel()

    def _send_away(self, viewer: Viewer) -> None:
        async def close() -> None:
            with suppress(Exception):  # it is gone already
                await refuse(viewer.line, BUSY, "another page needed the place of this one, which was silent.")

        self.leave(viewer)
        leaving = asyncio.create_task(close())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def name_of(self, owner: str, role: Role) -> str:
        """Return what others call a visitor who speaks by HTTP."""
        return next((each.name for each in self.viewers if each.owner == owner and each.role == role), TITLES[role])

    # --- what they say ----------------------------------------------------------------------------------------
    def hear(self, viewer: Viewer, message: Message) -> str:
        """Do what a viewer says, and return "", or why it may not, in words."""
        now_s = time.perf_counter()
        match message:
            case Seen():
                viewer.has_shown(message.number)
            case Look():
                viewer.looks_at = message.pictures
            case Plain(type="stop"):
                self.stop(viewer.name)
            case Plain(type="seize") if not may(viewer.role, "teacher"):
                return "only a teacher takes the wheel from somebody: ask for it."
            case _ if not may(viewer.role, "student"):
                return "your link is for watching: ask the teacher for one to drive."
            case Plain():
                return self._plainly(viewer, message.type, now_s)
            case Teach():
                return self._teach(viewer, message.do, now_s)
            case Run() | Trial():
                return self._policy(viewer, message, now_s)
            case _ if self.wheel.steer(viewer, message, now_s):
                self.cell.arm.command(message)
        return ""

    def _plainly(self, viewer: Viewer, command: str, now_s: float) -> str:
        match command:
            case "take":
                self.wheel.ask(viewer, now_s)
            case "seize":
                self.wheel.seize(viewer, now_s)
            case "give":
                self.wheel.hand_over(viewer, now_s)
            case "leave":
                self.wheel.leave(viewer)
            case "go":
                if self.wheel.driver(now_s) is not viewer and not may(viewer.role, "teacher"):
                    return "whoever drives, or a teacher, lets the arm go on."
                self._stop = None
                self.cell.arm.tell("go")
            case "start":
                return self._start(viewer, now_s)
        self._watch_wheel()
        return ""

    def _start(self, viewer: Viewer, now_s: float) -> str:
        """Nobody stands in the way of a twin: who drives it may."""
        if not may(viewer.role, "teacher"):
            if not self.cell.choice.is_twin:
                return "a teacher starts a real arm again: they see what is in its way."
            if self.wheel.driver(now_s) is not viewer:
                return "take the wheel first: whoever drives, or a teacher, starts the arm again."
        if self.cell.arm.state()["phase"] not in ("halted", "released"):
            return "the arm is held already."
        self.cell.arm.tell("start")
        return ""

    def _teach(self, viewer: Viewer, command: str, now_s: float) -> str:
        arm = self.cell.arm.state()
        if not recording_is_on(arm):
            return ""  # it has just ended
        by_wheel = arm["lesson"].get("hand") == "wheel"
        driver, is_teacher = self.wheel.driver(now_s), may(viewer.role, "teacher")
        is_own = is_teacher or viewer.owner == self.cell.lesson_owner
        if command in _FOR_ITS_OWNER and not is_own:
            return "this lesson is somebody else's: whoever began it, or a teacher, throws takes away and ends it."
        if by_wheel and driver not in (viewer, None) and not is_teacher and command not in _FOR_ITS_OWNER:
            return "whoever drives says when a take begins and ends: ask for the wheel."
        if not is_own and not (by_wheel and driver is viewer):
            return "this lesson is somebody else's: whoever began it, drives in it, or a teacher, says when."
        if by_wheel and driver is None and command in ("ready", "next", "again"):
            self.wheel.ask(viewer, now_s)  # a take that nobody drives teaches nothing
            self._watch_wheel()
        self.cell.arm.tell("take", *(("redo", "ready") if command == "again" else (command,)))
        return ""

    def check_scene(self, owner: str, is_teacher: bool) -> None:
        """Raise unless a visitor may change the table now.

        Raises:
            ArmchairError: if a take or a trial goes on, or the lesson or the wheel is somebody else's.
        """
        arm, driver = self.cell.arm.state(), self.wheel.driver(time.perf_counter())
        lesson = (arm.get("lesson") or {}).get("phase", "over")
        if lesson not in ("over", "waiting"):
            raise ArmchairError("a take is being recorded: wait until it is over, then ask for another scene.")
        if (arm.get("attempt") or {}).get("phase", "over") != "over":
            raise ArmchairError("a policy tries this scene: wait until it is over, then ask for another.")
        if lesson == "waiting" and not is_teacher and owner != self.cell.lesson_owner:
            raise ArmchairError("this lesson is somebody else's: whoever began it, or a teacher, changes the scene.")
        if isinstance(driver, Viewer) and not is_teacher and owner != driver.owner:
            raise ArmchairError(f"{driver.name} drives: ask for the wheel, then for another scene.")

    def _policy(self, viewer: Viewer, message: Run | Trial, now_s: float) -> str:
        if self.wheel.driver(now_s) is not viewer and not may(viewer.role, "teacher"):
            return "take the wheel first: whoever drives, or a teacher, lets a policy move the arm."
        if isinstance(message, Run):
            return self._run(message)
        self.cell.arm.tell("trial", message.do)
        return ""

    def _run(self, request: Run) -> str:
        project = ProjectFolder(self.jobs.root)
        if not self.cell.choice.is_twin:
            return f"on a real arm its cameras are this page's: end the console and type `{named('run')}`."
        if request.policy == "expert" or request.policy not in candidates(project):
            return f"there is no policy {request.policy} any more: choose another."
        out = project.free(f"run-{request.policy.replace('/', '-')}"[:60])
        self.cell.arm.tell("run", PageTrials(request.policy, request.episodes, project.root, out))
        return ""

    def stop(self, who: str) -> None:
        """Hold still until somebody says go. Anybody may say so, at any time; all are told who has."""
        self.cell.arm.tell("stop")
        self._stop = {"by": who, "times": (self._stop or {"times": 0})["times"] + 1}

    def _watch_wheel(self) -> None:
        """What the last driver asked for is not the next one's command."""
        driver = self.wheel.driver(time.perf_counter())
        if driver is not self._driver:
            self._driver = driver
            self.cell.arm.command(Hold(type="hold"))

    # --- what they are told -----------------------------------------------------------------------------------
    async def show(self, viewer: Viewer) -> None:
        """Send payloads until it is sent away: the newest state and pictures, whenever the viewer is ready for more.

        How the jobs stand goes before them, as text, when it has changed.
        """
        version = -1
        while viewer in self.viewers:
            await self._changed.wait()
            its_turn = viewer is self._driver or (self._ticks + viewer.id) % _WATCH_TICKS == 0  # not all at once
            if viewer.is_ready and version != self.jobs.version:
                version = self.jobs.version
                await viewer.line.send_json({"jobs": self.jobs.status()})
            if viewer.is_ready and its_turn:
                share = picture_share(viewer, self.viewers, self._driver)
                await viewer.line.send_bytes(viewer.payload(self._news, self.cell.cameras, *share))

    async def _tick(self) -> None:
        """While anybody is here."""
        asked_s = 0.0
        while self.viewers:
            now_s = time.perf_counter()
            if self.cell.choice.note and now_s - asked_s > _TWIN_EVERY_S:
                asked_s = now_s
                asyncio.get_running_loop().run_in_executor(None, self._ask_twin)
            self._watch_wheel()
            self._news, self._ticks = in_parts(self.state(now_s)), self._ticks + 1
            old, self._changed = self._changed, asyncio.Event()
            old.set()
            await asyncio.sleep(max(0.001, now_s + 1 / RATE_HZ - time.perf_counter()))

    def _ask_twin(self) -> None:
        with suppress(ArmchairError):
            self.cell.tell_twin(do="status")

    def state(self, now_s: float) -> dict[str, Any]:
        """Return what every page shows now."""
        cell = self.cell
        arm, scene, twin = cell.arm.state(), cell.scene, cell.twin_status
        driver = self.wheel.driver(now_s)
        return {
            "arm": told(arm, self.jobs.root),
            "poses": scene.poses(arm.get("state")) if scene else [],
            "shown_scene": scene.scene if scene else -1,
            "task": cell.choice.task,
            "stop": self._stop,
            "driver": _number(driver),
            "asking": [_number(viewer) for viewer in self.wheel.asking],
            "viewers": [{"id": each.id, "name": each.name} for each in self.viewers],
            "twin": {key: twin.get(key) for key in ("scene", "success", "faults")} if twin else None,
        }


def _number(driver: object | None) -> int | None:
    """The page's; None if nobody is there."""
    return driver.id if isinstance(driver, Viewer) else None
