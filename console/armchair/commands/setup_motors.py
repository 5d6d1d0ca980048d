"""`armchair setup-motors`: the ids of a new arm's six motors, set while one is plugged in at a time."""

from typing import Annotated

import typer

from armchair.commands.calibrate import known_joint, which
from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_robot.devices.arms import port_of

_ENDED = ": the motors that were done keep their ids; the same command goes on with the next."


def setup_motors(
    arm: Annotated[str | None, typer.Option(help="The follower: twin, its port, or serial:NUMBER.")] = None,
    leader: Annotated[str | None, typer.Option(help="The leader: twin, its port, or serial:NUMBER.")] = None,
    joint: Annotated[str | None, typer.Option(callback=known_joint, help="Only this joint's motor.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Go on where it was left, without asking.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Give a new arm's motors their ids, one plugged in at a time."""
    with user_errors(lambda: _ENDED):
        for kind, where, _ in which(arm, leader, None):
            if dry_run:
                say("\n".join(lerobot_command.setup_motors(kind, port_of(where, kind), joint)))
            else:
                from armchair.commands.bench.setup_motors import setup_motors_step  # with LeRobot

                setup_motors_step(kind, where, joint, Questions(yes))
