"""The search for the bench's arms: which is the follower, by the hand that moves it or by their plugs."""

import time
from contextlib import ExitStack

from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import TICKS_PER_TURN
from armchair_robot.bus.asking import read_positions
from armchair_robot.bus.ports import SERIAL_PREFIX, Port, find_ports, why_unusable
from armchair_robot.calibration.limp_arm import LimpArm, motors_on, opened, switch_off

_MOVED_TICKS = 60  # 5 degrees: a hand, not a shaking table
_WAIT_S = 60.0


def find_arms(ask: Questions) -> dict[str, str]:
    """Return which port is the follower's and which the leader's, as the file names them.

    Raises:
        ArmchairError: if several arms cannot be told apart.
    """
    ports = _usable_ports()
    if len(ports) < 2:
        kinds = {"f": "follower", "l": "leader"}
        return {kinds[ask.choice(f"The arm at {port.path} is the", kinds)]: _lasting_name(port) for port in ports}
    with ExitStack() as stack:
        arms = _open_all(ports, ask, stack)
        if len(arms) < 2:
            if ask.really(
                f"{len(arms)} of {len(ports)} answer; an arm without power does not. Tell them by their plugs?"
            ):
                return {kind: _lasting_name(port) for kind, port in told_apart(ports, ask).items()}
            return {"follower": _lasting_name(arms[0][0])} if arms else {}
        say(f"{len(arms)} arms answer. Move the FOLLOWER by hand, the one with jaws; leave the other alone.")
        moved = _first_to_move([arm for _, arm in arms])
    follower = arms.pop(moved)
    say(f"  the follower is at {follower[0].path}, the leader at {arms[0][0].path}")
    return {"follower": _lasting_name(follower[0]), "leader": _lasting_name(arms[0][0])}


def _usable_ports() -> list[Port]:
    ports = []
    for port in find_ports():
        if port.description.startswith("the twin's"):
            continue
        why = why_unusable(port.path)
        say(f"  {port.path}  {port.description}{f': {why}' if why else ''}")
        ports += [] if why else [port]
    return ports


def _open_all(ports: list[Port], ask: Questions, stack: ExitStack) -> list[tuple[Port, LimpArm]]:
    """The arms behind the ports, limp. Something else on a port is said and left alone."""
    arms = []
    for port in ports:
        try:
            arm = stack.enter_context(opened("follower", port.path))
        except ArmchairError as error:
            say(f"  {port.path} is left out: {error}")
            continue
        if motors_on(arm):
            ask.enter(f"The motors at {port.path} are on. Hold that arm: it falls when they are switched off.")
        switch_off(arm)
        arms.append((port, arm))
    return arms


def _first_to_move(arms: list[LimpArm]) -> int:
    """The number of the arm that a hand moves first.

    Raises:
        ArmchairError: if none moves for a minute.
    """
    start, end_s = [read_positions(arm.bus) for arm in arms], time.monotonic() + _WAIT_S
    while time.monotonic() < end_s:
        for number, arm in enumerate(arms):
            now = read_positions(arm.bus)
            ways = ((now[joint] - start[number][joint]) % TICKS_PER_TURN for joint in now)
            if any(min(way, TICKS_PER_TURN - way) > _MOVED_TICKS for way in ways):
                return number
        time.sleep(0.02)
    raise ArmchairError("no arm was moved: name them instead, with --arm and --leader.")


def _lasting_name(port: Port) -> str:
    """By serial number if it has one: the path changes with the order in which cables are plugged in."""
    return f"{SERIAL_PREFIX}{port.serial_number}" if port.serial_number else port.path


def told_apart(ports: list[Port], ask: Questions) -> dict[str, Port]:
    """Return the follower's port among two or more, and the leader's.

    Raises:
        ArmchairError: if not exactly one port goes away with a plug.
    """
    follower = _pulled("FOLLOWER", ports, ask)
    others = [port for port in ports if port != follower]
    return {"follower": follower, "leader": others[0] if len(others) == 1 else _pulled("LEADER", others, ask)}


def _pulled(arm: str, ports: list[Port], ask: Questions) -> Port:
    ask.enter(f"Pull the {arm}'s USB plug out of this computer.")
    there = {port.path for port in find_ports()}
    gone = [port for port in ports if port.path not in there]
    if len(gone) != 1:
        raise ArmchairError(
            f"{len(gone)} of {len(ports)} ports went away with that plug, not one: try again, or name the arms with "
            "--arm and --leader."
        )
    ask.enter("Plug it in again.")
    return gone[0]
