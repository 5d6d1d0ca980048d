"""`armchair setup`: asks what stands on the bench, and writes it into armchair.toml."""

import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from armchair.commands.calibrate_by_hand import TWIN
from armchair.terminal.errors import user_errors
from armchair.terminal.lerobot_command import TWIN_ID
from armchair.terminal.next_command import typed
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.errors import ArmchairError

if TYPE_CHECKING:
    from armchair.terminal.questions import Questions
    from armchair_robot.bus.ports import Port

if TYPE_CHECKING:
    from armchair_robot.bus.ports import Port
    from armchair_robot.calibration.limp_arm import LimpArm
    from armchair_robot.profile import ArmOnBench

_MOVED_TICKS = 60  # 5 degrees: a hand, not a shaking table
_WAIT_S = 60.0
_NAMES = ("front", "wrist", "side", "top")  # of cameras, the first two as LeRobot's users call them


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
    with user_errors(lambda: ": nothing was written."):
        setup_step(arm, leader, Questions(yes))


def setup_step(arm: str | None, leader: str | None, ask: Questions) -> None:
    """Ask, and write the file."""
    from armchair_core.files import write_atomically
    from armchair_robot.profile import NAME, Profile
    from armchair_robot.profile_toml import text_of

    path = Path(NAME)
    if path.exists() and not ask.sure(f"{path} is there. Write it anew? A copy is kept.", default=False):
        return
    profile = _twins() if arm == TWIN else _benchs(arm, leader, ask)
    profile = Profile(**{**profile, "task": profile.get("task") or _task(ask)})
    if path.exists():
        copy = path.with_name(f"{NAME}.old-{datetime.now():%Y%m%d-%H%M%S}")
        copy.write_bytes(path.read_bytes())
        say(f"  what was there before: {copy}")
    write_atomically(path, text_of(profile))
    say(f"Written: {path.absolute()}. Commands typed in this folder take it as their defaults; edit it as you like.")
    if not (profile.follower or profile.leader):
        say(f"No arm was found: plug one in, and type {typed('setup')} again.")
    elif arm != TWIN:
        say(f"Next: {typed('calibrate')}")


def _twins() -> dict[str, Any]:
    """The running twin's bench: its cameras need no words, they are taken by themselves."""
    from armchair_robot.devices.arms import twin_note

    there = {"port": TWIN, "id": TWIN_ID}
    return {"follower": there, "leader": there, "task": twin_note()["instruction"]}


def _benchs(arm: str | None, leader: str | None, ask: Questions) -> dict[str, Any]:
    where = {"follower": arm, "leader": leader} if arm or leader else _find_arms(ask)
    arms = {kind: _with_id(kind, port, ask) for kind, port in where.items() if port}
    return {**arms, "cameras": _cameras(ask)}


def _task(ask: Questions) -> str | None:
    return ask.text("What shall the arm learn here, in a sentence? (ENTER: later)") or None


# --- arms -----------------------------------------------------------------------------------------------------
def _find_arms(ask: Questions) -> dict[str, str]:
    """Which port is the follower's and which the leader's, as the file names them."""
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


def _usable_ports() -> "list[Port]":
    from armchair_robot.bus.ports import find_ports, why_unusable

    ports = []
    for port in find_ports():
        if port.description.startswith("the twin's"):
            continue
        why = why_unusable(port.path)
        say(f"  {port.path}  {port.description}{f': {why}' if why else ''}")
        ports += [] if why else [port]
    return ports


def _open_all(ports: "list[Port]", ask: Questions, stack: ExitStack) -> "list[tuple[Port, LimpArm]]":
    """The arms behind the ports, limp. Something else on a port is said and left alone."""
    from armchair_robot.calibration.limp_arm import motors_on, opened, switch_off

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


def _first_to_move(arms: "list[LimpArm]") -> int:
    """The number of the arm that a hand moves first.

    Raises:
        ArmchairError: if none moves for a minute.
    """
    from armchair_core.so101.kinematics import TICKS_PER_TURN
    from armchair_robot.bus.registers import read_positions

    start, end_s = [read_positions(arm.bus) for arm in arms], time.monotonic() + _WAIT_S
    while time.monotonic() < end_s:
        for number, arm in enumerate(arms):
            now = read_positions(arm.bus)
            ways = ((now[joint] - start[number][joint]) % TICKS_PER_TURN for joint in now)
            if any(min(way, TICKS_PER_TURN - way) > _MOVED_TICKS for way in ways):
                return number
        time.sleep(0.02)
    raise ArmchairError("no arm was moved: name them instead, with --arm and --leader.")


def _lasting_name(port: "Port") -> str:
    """By serial number if it has one: the path changes with the order in which cables are plugged in."""
    from armchair_robot.bus.ports import SERIAL_PREFIX

    return f"{SERIAL_PREFIX}{port.serial_number}" if port.serial_number else port.path


def _with_id(kind: str, port: str, ask: Questions) -> "ArmOnBench":
    """The id whose file fits the servos, the only one there is, or a new one."""
    from armchair_robot.calibration import files
    from armchair_robot.profile import ArmOnBench

    known, fitting = files.ids(kind), _ids_that_fit(kind, port)
    if known:
        say(f"  calibrated {kind}s: {', '.join(known)}{f' ({fitting[0]} fits this one)' if fitting else ''}")
    default = (fitting or known or [f"my_{kind}"])[0]
    return ArmOnBench(port=port, id=ask.text(f"The {kind}'s id, the name of its calibration file:", default))


def _ids_that_fit(kind: str, port: str) -> list[str]:
    from armchair_robot.calibration import files
    from armchair_robot.calibration.limp_arm import opened
    from armchair_robot.calibration.session import read_servos

    try:
        with opened(kind, port) as arm:
            return files.ids_like(kind, read_servos(arm))
    except ArmchairError as error:
        say(f"  {error}")
        return []


# --- cameras --------------------------------------------------------------------------------------------------
def _cameras(ask: Questions) -> dict[str, dict[str, Any]]:
    """LeRobot's own search; each camera that opens is given a name, or left out."""
    from lerobot.cameras.opencv import OpenCVCamera

    say("Looking for cameras …")
    named: dict[str, dict[str, Any]] = {}
    for found in OpenCVCamera.find_cameras():
        shape = found["default_stream_profile"]
        free = next((name for name in _NAMES if name not in named), f"camera{len(named)}")
        seen = f"{shape['width']} x {shape['height']}, {shape['fps']:g} fps"
        name = ask.text(f"Camera {found['id']} ({seen}): its name, or - to leave it out:", free)
        if name != "-":
            named[name] = {"type": "opencv", "index_or_path": found["id"], "width": shape["width"],
                           "height": shape["height"], "fps": round(shape["fps"]) or 30}  # fmt: skip
    if not named:
        say("  none was found; [cameras.front] in armchair.toml takes one later")
    return named


def told_apart(ports: "list[Port]", ask: "Questions") -> "dict[str, Port]":
    """The follower's port among two or more, and the leader's.

    Raises:
        ArmchairError: if not exactly one port goes away with a plug.
    """
    follower = _pulled("FOLLOWER", ports, ask)
    others = [port for port in ports if port != follower]
    return {"follower": follower, "leader": others[0] if len(others) == 1 else _pulled("LEADER", others, ask)}


def _pulled(arm: str, ports: "list[Port]", ask: "Questions") -> "Port":
    from armchair_robot.bus.ports import find_ports

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
