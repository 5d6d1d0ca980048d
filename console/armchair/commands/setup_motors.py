"""`armchair setup-motors`: gives a new arm's six motors their ids, one plugged in at a time."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.commands.calibrate import known_joint, which
from armchair.commands.calibrate_by_hand import TWIN, ask_twin
from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.next_command import typed
from armchair.terminal.options import DryRun
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS

if TYPE_CHECKING:
    from armchair_robot.calibration.motors import Found, Progress

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
                from armchair_robot.devices.arms import port_of

                say("\n".join(lerobot_command.setup_motors(kind, port_of(where, kind), joint)))
            else:
                setup_motors_step(kind, where, joint, Questions(yes))


def setup_motors_step(kind: str, where: str, joint: str | None, ask: Questions) -> None:
    """Go through one arm's motors, with all that is asked and said."""
    plug: Callable[[str], None] = _by_twin if where == TWIN else lambda motor: _by_hand(motor, ask)
    try:
        if joint:
            _one(kind, where, joint, plug, ask)
            say(f"{joint} is done: plug the others in again.")
            return
        progress = _progress(kind, where)
        for motor in _left(progress, ask):
            _one(kind, where, motor, plug, ask)
            progress.add(motor)
        _all_together(kind, where, plug)
        progress.forget()
    finally:
        if where == TWIN:
            _by_twin("all")


def _progress(kind: str, where: str) -> "Progress":
    import os

    from platformdirs import user_state_path

    from armchair_robot.calibration.motors import Progress

    state = os.environ.get("ARMCHAIR_STATE")
    folder = Path(state) if state else user_state_path("armchair", appauthor=False)
    return Progress(folder / "setup-motors.json", f"{kind} at {where}")


def _left(progress: "Progress", ask: Questions) -> list[str]:
    """The motors that are still to be done, LeRobot's order."""
    from armchair_robot.calibration.motors import ORDER

    done = progress.done()
    if done and not ask.sure(f"{', '.join(done)} got their ids before. Go on with the next?"):
        progress.forget()
        done = []
    return [joint for joint in ORDER if joint not in done]


def _one(kind: str, where: str, joint: str, plug: Callable[[str], None], ask: Questions) -> None:
    """Let one motor be plugged in, and give it its id. The port is opened anew: the adapter may have been unplugged."""
    from armchair_robot.calibration.limp_arm import opened_line
    from armchair_robot.calibration.motors import find_alone, give_id

    while True:
        plug(joint)
        try:
            with opened_line(kind, where) as bus:
                say("  looking for it …")
                found = find_alone(bus)
                if found is None:
                    raise ArmchairError("no motor answers: is it plugged in, and is the power supply on?")
                _check_taken(joint, found, ask)
                give_id(bus, joint, found)
                was = f"was id {found.id} at {found.baud:,} bit/s"
                say(f"  {joint} has id {bus.motors[joint].id} ({was}), and was read back.")
                return
        except ArmchairError as error:
            if where == TWIN or not ask.again(str(error)):
                raise


def _check_taken(joint: str, found: "Found", ask: Questions) -> None:
    """A motor that has another joint's id may be that joint's, and would then be missing."""
    from armchair_robot.calibration.motors import FACTORY_ID

    if found.id in (FACTORY_ID, JOINTS.index(joint) + 1) or found.id > len(JOINTS):
        return
    owner = JOINTS[found.id - 1]
    if not ask.really(
        f"This motor has id {found.id}, which is {owner}'s. Is it {joint} all the same, and shall change?"
    ):
        raise ArmchairError(f"this is {owner}'s motor: plug in {joint} alone.")


def _by_hand(motor: str, ask: Questions) -> None:
    what = f"{motor}'s motor (id {JOINTS.index(motor) + 1}) alone" if motor in JOINTS else "all six motors, in a chain"
    ask.enter(f"Plug in {what}, and switch the power on.")


def _by_twin(motor: str) -> None:
    if motor in JOINTS:
        say(f"The twin's hands plug in {motor} alone.")
    ask_twin(do="connect", joint=motor)


def _all_together(kind: str, where: str, plug: Callable[[str], None]) -> None:
    from armchair_robot.calibration.limp_arm import opened_line
    from armchair_robot.calibration.motors import missing

    plug("all")
    with opened_line(kind, where) as bus:
        silent = missing(bus)
    if silent:
        raise ArmchairError(
            f"all have their ids, but {', '.join(silent)} cannot be heard when all are plugged in: look at the cables."
        )
    option = "--arm" if kind == "follower" else "--leader"
    say(f"All six motors answer. Next: {typed('calibrate', option, where)}")
