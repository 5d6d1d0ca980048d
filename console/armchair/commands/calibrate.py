"""`armchair calibrate`: a person moves the arm, we look on, and LeRobot finds it calibrated."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.commands.calibrate_by_hand import TWIN, sweep, take_middle
from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.lerobot_command import TWIN_ID
from armchair.terminal.options import DryRun, one_of
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS

if TYPE_CHECKING:
    from armchair_robot.calibration.files import Calibration
    from armchair_robot.calibration.limp_arm import LimpArm


def known_joint(name: str | None) -> str | None:
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
                from armchair_robot.devices.arms import port_of

                say("\n".join(lerobot_command.calibrate(kind, port_of(where, kind), name, joint)))
            else:
                calibrate_step(kind, where, name, [joint] if joint else list(JOINTS), Questions(yes))


def which(arm: str | None, leader: str | None, arm_id: str | None) -> list[tuple[str, str, str]]:
    """(follower or leader, where, id) of every arm that is meant: those that are named, else the profile's."""
    from armchair_robot.profile import read_profile

    profile = read_profile()
    noted = {"follower": profile and profile.follower, "leader": profile and profile.leader}
    named = {kind: where for kind, where in (("follower", arm), ("leader", leader)) if where}
    places = named or {kind: noted[kind].port for kind in noted if noted[kind]}
    if not places:
        raise ArmchairError(
            "which arm? Add --arm or --leader and its port, or let `armchair setup` write them down; `armchair doctor` "
            "lists the ports."
        )
    ids = {kind: at.id for kind, at in noted.items() if at and at.port == places.get(kind)}
    defaults = {kind: TWIN_ID if where == TWIN else f"my_{kind}" for kind, where in places.items()}
    return [(kind, where, arm_id or ids.get(kind) or defaults[kind]) for kind, where in places.items()]


def calibrate_step(kind: str, where: str, arm_id: str, joints: list[str], ask: Questions) -> None:
    """Calibrate one arm, with all that is asked and said."""
    from armchair_robot.calibration import files
    from armchair_robot.calibration.limp_arm import motors_on, opened, switch_off
    from armchair_robot.calibration.session import CalibrationSession

    path = files.path_of(kind, arm_id)
    say(f"Calibrating the {kind} at {where} as {arm_id}.")
    _offer_older(kind, arm_id, path, ask)
    with opened(kind, where) as arm:
        if motors_on(arm) and where != TWIN:
            ask.enter("The motors are on. Hold the arm: it falls when they are switched off.")
        switch_off(arm)
        session = CalibrationSession(arm, joints)
        if not _go_on(arm, path, session.before, joints, ask):
            return
        take_middle(session, where, ask)
        sweep(session, where)
        copies = session.save(path)
    say(f"Written: {path}. The servos hold the same, so LeRobot connects without asking.")
    for copy in copies:
        say(f"  what was there before: {copy}")


def _offer_older(kind: str, arm_id: str, path: Path, ask: Questions) -> None:
    """LeRobot 0.5 looks in another folder than its predecessors, and takes a calibrated arm for a new one."""
    from armchair_robot.calibration import files

    if path.exists() or (old := files.older(kind, arm_id)) is None:
        return
    say(f"An older LeRobot kept {arm_id} in {old}; it looks in {path.parent} now.")
    if ask.sure("Copy it there? The old file stays."):
        files.write(path, files.read(old))


def _go_on(arm: "LimpArm", path: Path, servos: "Calibration", joints: list[str], ask: Questions) -> bool:
    """Whether to calibrate, after a look at what the file and the servos say now."""
    from armchair_robot.calibration import files

    alike = [other for other in files.ids_like(arm.kind, servos) if other != path.stem]
    if len(joints) < len(JOINTS) and not path.exists():
        raise ArmchairError(
            f"there is no calibration called {path.stem} in which a joint could be redone: leave out --joint."
        )
    if not path.exists():
        return not alike or ask.sure(
            f"These servos hold the calibration of {', '.join(alike)}. Calibrate as {path.stem}?"
        )
    try:
        noted = files.read(path)
    except ArmchairError:
        return ask.sure(f"{path} is damaged. Replace it? A copy is kept.")
    if faults := files.faults(noted):
        say(f"{path} cannot be right: {'; '.join(faults)}.")
        return ask.sure("Calibrate anew? A copy is kept.")
    if not (different := files.differences(noted, servos)):
        return ask.sure(f"{path.stem} is calibrated: its file and its servos agree. Calibrate anew?", default=False)
    return _foreign(arm, path, (noted, servos), different, alike, ask)


def _foreign(
    arm: "LimpArm", path: Path, numbers: "tuple[Calibration, Calibration]", different: list[str], alike: list[str],
    ask: Questions,
) -> bool:  # fmt: skip
    """The file and the servos disagree: another arm's file, or servos that were calibrated or replaced since."""
    from armchair_robot.calibration import session

    say(f"The file of {path.stem} and these servos disagree in {len(different)} numbers. The first: {different[0]}.")
    if alike:
        say(
            f"The servos hold the calibration of {', '.join(alike)}: if this is that arm, stop and add --id {alike[0]}."
        )
    else:
        say("This is another arm, or its servos were calibrated elsewhere or replaced since.")
    choices = {
        "c": "calibrate this arm anew; copies of both are kept",
        "w": "it is the same arm: write the file's numbers",
    }
    match ask.choice("What shall be done?", {**choices, "q": "stop"}):
        case "w":
            for copy in session.save(arm, numbers[1], numbers[0], path):
                say(f"  what was there before: {copy}")
            say("The servos hold the file's numbers now.")
            return False
        case answer:
            return answer == "c"
