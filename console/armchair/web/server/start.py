"""The start of a console: the page first, then the arm; and its end, in the order that is safe for the arm."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from armchair.terminal.say import say
from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.access.visitors import Visitors
from armchair.web.arm.client import ArmClient
from armchair.web.arm.orders import ArmSpec
from armchair.web.drive.arm_choice import choose_arm
from armchair.web.drive.workcell import Workcell
from armchair.web.jobs.jobs import Jobs
from armchair.web.server.broadcast import Broadcast
from armchair.web.server.server import make_app
from armchair.web.teach.lessons import Recordings
from armchair_core.local_server import Served, addresses, listen
from armchair_core.processes.priority import go_last
from armchair_core.user_state import project_state
from armchair_robot.safety.limits import Limits
from armchair_sim.twin.runtime import runtime_dir


@dataclass(frozen=True)
class ConsoleRequest:
    """What was typed: `arm`, `arm_id` and `task` are as for `choose_arm`; `goes_home` before its motors go off."""

    arm: str | None
    arm_id: str | None
    task: str | None
    port: int
    lan: bool
    goes_home: bool


@dataclass(frozen=True)
class Console:
    """A page that is served, in threads. Its arm is opened by `open_arm`. `link` is for whoever sits here."""

    permissions: Permissions
    link: str
    _arm: ArmClient
    _cell: Workcell
    _goes_home: bool

    def open_arm(self) -> None:
        """Start the twin, if it is this console's own, open the cameras, and let the arm's process open the arm.

        That takes seconds, and terminal and page say so.

        Raises:
            ArmchairError: if the twin does not start, or the cameras cannot be understood.
        """
        choice, note = self._cell.choice, None
        if choice.own is not None:
            words = f"starting a twin with the task {choice.task} …"
            say(f"No arm and no twin: {words}")
            self._arm.wait_for(words.capitalize())
            note = choice.own.start(choice.task)
        self._cell.open_cameras(note)  # before the arm: what cannot be is said first
        if changed := _changed_limits(choice.limits):  # whoever packed the folder may have written that
            say(f"armchair.toml sets limits of the guard: {changed}.")
        say(f"Opening the arm at {choice.where} …")
        self._arm.open(ArmSpec(choice.where, choice.arm_id, choice.limits, self._goes_home))
        self._cell.furnish()
        go_last()

    def arm_state(self) -> dict[str, Any]:
        """Return what is so of the arm now: see `ArmClient.state`."""
        return self._arm.state()


def _changed_limits(limits: Limits) -> str:
    """The limits that are not the usual ones, for people."""
    usual, now = asdict(Limits()), asdict(limits)
    return ", ".join(
        f"{name} {'off' if value is None else value}" for name, value in now.items() if value != usual[name]
    )


@contextmanager
def open_console(asked: ConsoleRequest) -> Iterator[Console]:
    """Serve the page until the end of the block; then the arm goes home and is let go of, and an own twin ends.

    Raises:
        ArmchairError: as `choose_arm`, or if the port cannot be taken.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(listen(asked.port, asked.lan))  # what cannot be is said before any arm is opened
        choice = choose_arm(asked.arm, asked.arm_id, asked.task)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="console-", dir=runtime_dir())))
        if choice.own is not None:
            stack.callback(choice.own.stop)
        arm = stack.enter_context(closing(ArmClient(folder)))  # it takes seconds to load LeRobot
        cell, jobs, project = Workcell(arm, choice), Jobs(Path.cwd()), ProjectFolder(Path.cwd())
        stack.callback(lambda: cell.cameras.close())  # those of then
        stack.callback(jobs.close)
        # Threads that make lists for pages hand over to the one that hears STOP after 1 ms, and not after 5.
        sys.setswitchinterval(0.001)
        number = listener.getsockname()[1]
        visitors = Visitors(asked.lan, project_state("visitors", Path.cwd()) / f"{number}.json" if asked.lan else None)
        permissions = Permissions(visitors, number, addresses(listener))
        app = make_app(Broadcast(cell, jobs), permissions, project, Recordings(cell, project, jobs, folder))
        stack.enter_context(closing(Served(app, listener)))
        own = f"http://127.0.0.1:{number}/"
        link = f"{own}#{permissions.visitors.invite('teacher')}" if asked.lan else own
        yield Console(permissions, link, arm, cell, asked.goes_home)
