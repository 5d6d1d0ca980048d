"""`armchair console`: a page on which the arm is seen, moved and examined."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.options import TASKS, Home, known_task
from armchair.terminal.say import say

if TYPE_CHECKING:  # the page's server takes seconds to be loaded: that is said first
    from armchair.web.access.permissions import Permissions
    from armchair.web.server.start import Console, ConsoleRequest

PORT = 8768


def console(
    task: Annotated[
        str | None,
        typer.Option(
            callback=known_task,
            help=f"{TASKS} or your own. (default: armchair.toml's, or lift)",
        ),
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(
            help="twin, the port of a real arm, or a folder with an armchair.toml. (default: here's, or twin)"
        ),
    ] = None,
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0: any free port.")] = PORT,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let others on this network in, each by a link that works once.")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    home: Home = True,
) -> None:
    """Open a page on which the arm is seen, moved and examined, until Ctrl-C. Without an arm it starts a twin."""
    with user_errors():
        say("Loading the page's server …")
        from armchair.web.server.start import ConsoleRequest

        _serve(ConsoleRequest(arm, arm_id, task, port, lan, home), browser)


def _serve(asked: "ConsoleRequest", browser: bool) -> None:
    from armchair.web.server.start import open_console
    from armchair_robot.safety.torque_off import held

    with ExitStack() as stack:
        stack.enter_context(held())  # SIGTERM and SIGHUP end it in order, too
        page = stack.enter_context(open_console(asked))
        say(f"The page is at {page.link}")
        say("Ctrl-C ends it: the arm goes home, then its motors go off. Ctrl-C again: at once.")
        if browser:
            import webbrowser

            webbrowser.open(page.link)
        with suppress(KeyboardInterrupt), _farewell():
            page.open_arm()
            tellers: list[Any] = [_ArmTeller(page)]
            if asked.lan:
                tellers.append(_Announcer(page.permissions))
            while True:
                for tell in tellers:
                    tell()
                time.sleep(0.5)


@contextmanager
def _farewell() -> Iterator[None]:
    """Say what the end waits for, whoever asks for it."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        say("Ending: the arm goes home, then its motors go off, which takes some seconds.")
        raise


class _ArmTeller:
    """Says when the arm is ready, or why it is not, whenever that has changed."""

    def __init__(self, page: "Console") -> None:
        self._page, self._said = page, ""

    def __call__(self) -> None:
        state = self._page.arm_state()
        phase, words = state["phase"], state["words"]
        line = "The arm is ready: take the wheel on the page." if phase == "driving" else f"The arm: {words}"
        if phase in ("driving", "halted", "released") and line != self._said:
            self._said = line
            say(line)


class _Announcer:
    """Prints a link for a student, and the next one when it has been used."""

    def __init__(self, permissions: "Permissions") -> None:
        self._permissions, self._token = permissions, ""
        links = ", ".join(permissions.links)
        say(f"Whoever is on the network of {links} can reach it, and needs a link, which lets in one.")
        say("It is not encrypted: who can listen to the network can read it.")
        if there := permissions.visitors.count:
            say(f"{there} who came in during the last day need no new link.")

    def __call__(self) -> None:
        visitors = self._permissions.visitors
        if visitors.is_open(self._token):
            return
        self._token = visitors.invite("student")
        link = f"{self._permissions.links[0]}#{self._token}"
        import segno

        say(f"For one student: {link}")
        segno.make(link).terminal(compact=True)
