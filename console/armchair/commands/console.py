"""`armchair console`: a page on which the arm is seen, moved and examined."""

import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.options import Home, known_task

if TYPE_CHECKING:
    from armchair.web.access.permissions import Permissions

PORT = 8768


def console(
    task: Annotated[
        str | None,
        typer.Option(
            callback=known_task, help="lift, place, reach, sort or your own. (default: armchair.toml's, or lift)"
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
        _serve(task, arm, arm_id, port, lan, browser, home)


def _serve(
    task: str | None, arm: str | None, arm_id: str | None, port: int, lan: bool, browser: bool, home: bool
) -> None:
    from armchair.terminal.steps import say
    from armchair.web.server.start import open_console
    from armchair_robot.safety.torque_off import held

    with ExitStack() as stack:
        stack.enter_context(held())  # SIGTERM and SIGHUP end it in order, too
        gate, own = stack.enter_context(open_console(task, arm, arm_id, port, lan, home))
        say(f"The page is at {own}")
        announce = _Announcer(gate) if lan else None
        say("Ctrl-C ends it: the arm goes home, then its motors go off. Ctrl-C again: at once.")
        if browser:
            import webbrowser

            webbrowser.open(own)
        with suppress(KeyboardInterrupt):
            while True:
                if announce:
                    announce()
                time.sleep(0.5)


class _Announcer:
    """Prints a link for a student, and the next one when it has been used."""

    def __init__(self, gate: "Permissions") -> None:
        from armchair.terminal.steps import say

        self._gate, self._token = gate, ""
        say(f"Whoever is on the network of {', '.join(gate.links)} can reach it, and needs a link, which lets in one.")
        say("It is not encrypted: who can listen to the network can read it.")

    def __call__(self) -> None:
        import segno

        from armchair.terminal.steps import say

        if self._gate.visitors.is_open(self._token):
            return
        self._token = self._gate.visitors.invite("student")
        link = f"{self._gate.links[0]}#{self._token}"
        say(f"For one student: {link}")
        segno.make(link).terminal(compact=True)
