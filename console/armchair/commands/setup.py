"""`armchair setup`: the profile of the bench, asked for and written into armchair.toml."""

from typing import Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.questions import Questions


def setup(
    arm: Annotated[
        str | None, typer.Option(help="The follower, if it need not be looked for: twin, or a port.")
    ] = None,
    leader: Annotated[str | None, typer.Option(help="The leader, likewise.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take every default; a file that is there is kept as a copy.")
    ] = False,
) -> None:
    """Write armchair.toml: which arms and cameras stand here, for all other commands."""
    from armchair.commands.bench.setup import setup_step  # with LeRobot

    with user_errors(lambda: ": nothing was written."):
        setup_step(arm, leader, Questions(yes))
