"""The dialogue of `armchair calibrate` with the person who moves the arm."""

from pathlib import Path

from armchair.commands.bench.calibrate_by_hand import sweep, take_middle
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.command_line import quoted, typed
from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS
from armchair_robot.calibration import files
from armchair_robot.calibration.files import Calibration
from armchair_robot.calibration.limp_arm import LimpArm, motors_on, opened, switch_off
from armchair_robot.calibration.session import CalibrationSession, save
from armchair_robot.devices.arms import TWIN


def calibrate_step(kind: str, where: str, arm_id: str, joints: list[str], ask: Questions) -> None:
    """Calibrate one arm, with all that is asked and said.

    Raises:
        ArmchairError: if it does not open, or cannot be calibrated so.
    """
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
    for doubtful in files.doubts({joint: entry for joint, entry in session.result().items() if joint in joints}):
        say(f"  kept as it was swept: {doubtful}. To sweep it again: {_again(kind, where, arm_id, doubtful)}")
    for copy in copies:
        say(f"  what was there before: {copy}")


def _again(kind: str, where: str, arm_id: str, doubtful: str) -> str:
    arm = "--arm" if kind == "follower" else "--leader"
    return typed("calibrate", arm, where, "--id", arm_id, "--joint", doubtful.split()[0])


def _offer_older(kind: str, arm_id: str, path: Path, ask: Questions) -> None:
    """LeRobot 0.5 looks in another folder than its predecessors, and takes a calibrated arm for a new one."""
    if path.exists() or (old := files.older(kind, arm_id)) is None:
        return
    say(f"An older LeRobot kept {arm_id} in {old}; it looks in {path.parent} now.")
    if ask.sure("Copy it there? The old file stays."):
        files.write(path, files.read(old))


def _go_on(arm: LimpArm, path: Path, servos: Calibration, joints: list[str], ask: Questions) -> bool:
    """Whether to calibrate, after a look at what the file and the servos say now."""
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
        doubtful = files.doubts(noted)
        for each in doubtful:
            say(f"  {each}.")
        return ask.sure(
            f"{path.stem} is calibrated: its file and its servos agree. Calibrate anew?", default=bool(doubtful)
        )
    return _foreign(arm, path, (noted, servos), different, alike, ask)


def _foreign(
    arm: LimpArm, path: Path, numbers: tuple[Calibration, Calibration], different: list[str], alike: list[str],
    ask: Questions,
) -> bool:  # fmt: skip
    """The file and the servos disagree: another arm's file, or servos that were calibrated or replaced since."""

    say(f"The file of {path.stem} and these servos disagree in {len(different)} numbers. The first: {different[0]}.")
    if alike:
        say(
            f"The servos hold the calibration of {', '.join(alike)}: if this is that arm, stop and add "
            f"{quoted('--id', alike[0])}."
        )
    else:
        say("This is another arm, or its servos were calibrated elsewhere or replaced since.")
    choices = {
        "c": "calibrate this arm anew; copies of both are kept",
        "w": "it is the same arm: write the file's numbers",
    }
    match ask.choice("What shall be done?", {**choices, "q": "stop"}):
        case "w":
            for copy in save(arm, numbers[1], numbers[0], path):
                say(f"  what was there before: {copy}")
            say("The servos hold the file's numbers now.")
            return False
        case answer:
            return answer == "c"
