"""The dialogue of `armchair setup-motors`, while one arm's motors are plugged in one by one."""

from collections.abc import Callable

from armchair.commands.bench.calibrate_by_hand import ask_twin
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.so101.joints import JOINTS
from armchair_core.user_state import user_state
from armchair_robot.calibration.limp_arm import opened_line
from armchair_robot.calibration.motors import FACTORY_ID, ORDER, Found, Progress, find_alone, give_id, missing
from armchair_robot.devices.arms import TWIN


def setup_motors_step(kind: str, where: str, joint: str | None, ask: Questions) -> None:
    """Go through one arm's motors, with all that is asked and said.

    Raises:
        ArmchairError: if a motor does not answer, or is another joint's.
    """
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


def _progress(kind: str, where: str) -> Progress:
    return Progress(user_state() / "setup-motors.json", f"{kind} at {where}")


def _left(progress: Progress, ask: Questions) -> list[str]:
    """The motors that are still to be done, LeRobot's order."""
    done = progress.done()
    if done and not ask.sure(f"{', '.join(done)} got their ids before. Go on with the next?"):
        progress.forget()
        done = []
    return [joint for joint in ORDER if joint not in done]


def _one(kind: str, where: str, joint: str, plug: Callable[[str], None], ask: Questions) -> None:
    """Let one motor be plugged in, and give it its id. The port is opened anew: the adapter may have been unplugged."""
    while True:
        plug(joint)
        try:
            with opened_line(kind, where) as bus:
                say("  looking for it …")
                found = find_alone(bus)
                if found is None:
                    raise ArmchairError(
                        f"{joint}'s motor does not answer: is it plugged in, and is the power supply on?"
                    )
                _check_taken(joint, found, ask)
                give_id(bus, joint, found)
                was = f"was id {found.id} at {found.baud:,} bit/s"
                say(f"  {joint} has id {bus.motors[joint].id} ({was}), and was read back.")
                return
        except ArmchairError as error:
            if where == TWIN or not ask.again(str(error)):
                raise


def _check_taken(joint: str, found: Found, ask: Questions) -> None:
    """A motor that has another joint's id may be that joint's, and would then be missing."""
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
    plug("all")
    with opened_line(kind, where) as bus:
        silent = missing(bus)
    if silent:
        raise ArmchairError(
            f"all have their ids, but {', '.join(silent)} cannot be heard when all are plugged in: look at the cables."
        )
    option = "--arm" if kind == "follower" else "--leader"
    say(f"All six motors answer. Next: {typed('calibrate', option, where)}")
