"""The dialogue of `armchair setup`: arms, cameras, their names, and the task."""

from datetime import datetime
from pathlib import Path
from typing import Any

from lerobot.cameras.opencv import OpenCVCamera

from armchair.commands.bench.arms import find_arms
from armchair.terminal.lerobot_command import TWIN_ID
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_robot.calibration import files
from armchair_robot.calibration.limp_arm import opened
from armchair_robot.calibration.session import read_servos
from armchair_robot.devices.arms import TWIN, twin_note
from armchair_robot.devices.doubles import check_ports
from armchair_robot.profile import NAME, ArmOnBench, Profile, read_profile
from armchair_robot.profile_toml import changed_text, text_of

_NAMES = ("front", "wrist", "side", "top")  # of cameras, the first two as LeRobot's users call them


def setup_step(arm: str | None, leader: str | None, ask: Questions) -> None:
    """Ask, and write the file; in one that is there and can be read, what was not asked or answered stays as it is.

    Raises:
        ArmchairError: if an arm that is named does not answer, no twin runs, or both arms are at one port.
    """
    path = Path(NAME)
    check_ports(arm, leader)
    if path.exists() and not ask.sure(f"{path} is there. Write it anew? A copy is kept.", default=False):
        return
    before = _profile_that_is_there()
    found = _twins() if arm == TWIN else _benchs(arm, leader, ask)
    task = found.get("task") or _task(ask) or (before and before.task)
    profile = Profile(**{**found, "task": task, "limits": before.limits if before else {}})
    text = text_of(profile)
    if path.exists():
        text = changed_text(path.read_text(encoding="utf-8-sig"), profile) if before else text
        copy = path.with_name(f"{NAME}.old-{datetime.now():%Y%m%d-%H%M%S}")
        copy.write_bytes(path.read_bytes())
        say(f"  what was there before: {copy}")
    write_atomically(path, text)
    say(f"Written: {path.absolute()}. Commands typed in this folder take it as their defaults; edit it as you like.")
    if not (profile.follower or profile.leader):
        say(f"No arm was found: plug one in, and type {typed('setup')} again.")
    elif arm != TWIN:
        say(f"Next: {typed('calibrate')}")


def _twins() -> dict[str, Any]:
    """The running twin's bench: its cameras need no words, they are taken by themselves."""
    there = {"port": TWIN, "id": TWIN_ID}
    return {"follower": there, "leader": there, "task": twin_note()["instruction"]}


def _benchs(arm: str | None, leader: str | None, ask: Questions) -> dict[str, Any]:
    where = {"follower": arm, "leader": leader} if arm or leader else find_arms(ask)
    arms = {kind: _with_id(kind, port, ask) for kind, port in where.items() if port}
    return {**arms, "cameras": _cameras(ask)}


def _profile_that_is_there() -> Profile | None:
    """The profile in this folder; None if there is none, or one that cannot be read and is written anew."""
    try:
        return read_profile()
    except ArmchairError:
        return None


def _task(ask: Questions) -> str | None:
    return ask.text("What shall the arm learn here, in a sentence? (ENTER: later)") or None


def _with_id(kind: str, port: str, ask: Questions) -> ArmOnBench:
    """The id whose file fits the servos, the only one there is, or a new one."""
    known, fitting = files.ids(kind), _ids_that_fit(kind, port)
    if known:
        say(f"  calibrated {kind}s: {', '.join(known)}{f' ({fitting[0]} fits this one)' if fitting else ''}")
    default = (fitting or known or [f"my_{kind}"])[0]
    return ArmOnBench(port=port, id=ask.text(f"The {kind}'s id, the name of its calibration file:", default))


def _ids_that_fit(kind: str, port: str) -> list[str]:
    try:
        with opened(kind, port) as arm:
            return files.ids_like(kind, read_servos(arm))
    except ArmchairError as error:
        say(f"  {error}")
        return []


def _cameras(ask: Questions) -> dict[str, dict[str, Any]]:
    """LeRobot's own search; each camera that opens is given a name, or left out."""
    say("Looking for cameras …")
    named: dict[str, dict[str, Any]] = {}
    for found in OpenCVCamera.find_cameras():
        shape = found["default_stream_profile"]
        free = next((name for name in _NAMES if name not in named), f"camera{len(named)}")
        seen = f"{shape['width']} x {shape['height']}, {shape['fps']:g} fps"
        name = ask.text(f"Camera {found['id']} ({seen}): its name, or - to leave it out:", free)
        while name in named:
            name = ask.text(f"  {name} is camera {named[name]['index_or_path']} already. Another name:", free)
        if name != "-":
            named[name] = {"type": "opencv", "index_or_path": found["id"], "width": shape["width"],
                           "height": shape["height"], "fps": round(shape["fps"]) or 30}  # fmt: skip
    if not named:
        say("  none was found; [cameras.front] in armchair.toml takes one later")
    return named
