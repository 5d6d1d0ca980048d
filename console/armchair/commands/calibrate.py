"""`armchair calibrate`: the calibration of an arm that a person moves, in LeRobot's format."""

from typing import Annotated

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.lerobot_command import TWIN_ID
from armchair.terminal.options import DryRun, one_of
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS
from armchair_robot.devices.arms import TWIN, port_of
from armchair_robot.devices.doubles import check_ports
from armchair_robot.profile import read_profile


def known_joint(name: str | None) -> str | None:
    """Return `name` if it is a joint's; else it is a usage error."""
    return name and one_of("joint", name, JOINTS)


def calibrate(
    arm: Annotated[str | None, typer.Option(help="The follower: twin, its port, or serial:NUMBER.")] = None,
    leader: Annotated[str | None, typer.Option(help="The leader: twin, its port, or serial:NUMBER.")] = None,
    arm_id: Annotated[
        str | None, typer.Option("--id", help="Its name, as LeRobot's --robot.id. (default: armchair.toml's)")
    ] = None,
    joint: Annotated[str | None, typer.Option(callback=known_joint, help="Only this joint.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace what is there without asking; copies are kept.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Calibrate an arm: move it by hand, see what is measured, redo a joint."""
    with user_errors(lambda: ": what was not finished was not written, and the motors are off."):
        for kind, where, name in which(arm, leader, arm_id):
            if dry_run:
                say("\n".join(lerobot_command.calibrate(kind, port_of(where, kind), name, joint)))
            else:
                from armchair.commands.bench.calibrate import calibrate_step  # with LeRobot

                calibrate_step(kind, where, name, [joint] if joint else list(JOINTS), Questions(yes))


def which(arm: str | None, leader: str | None, arm_id: str | None) -> list[tuple[str, str, str]]:
    """Return (follower or leader, where, id) of every arm that is meant: those that are named, else the profile's.

    Raises:
        ArmchairError: if there are neither, or both are at one port.
    """
    profile = read_profile()
    noted = {"follower": profile.follower, "leader": profile.leader} if profile else {}
    named = {kind: where for kind, where in (("follower", arm), ("leader", leader)) if where}
    places = named or {kind: at.port for kind, at in noted.items() if at}
    if not places:
        raise ArmchairError(
            f"which arm? Add --arm or --leader and its port, or let `{typed('setup')}` write them down; "
            f"`{typed('doctor')}` lists the ports."
        )
    check_ports(places.get("follower"), places.get("leader"))
    ids = {kind: at.id for kind, at in noted.items() if at and at.port == places.get(kind)}
    defaults = {kind: TWIN_ID if where == TWIN else f"my_{kind}" for kind, where in places.items()}
    return [(kind, where, arm_id or ids.get(kind) or defaults[kind]) for kind, where in places.items()]
