"""Devices that were given twice: one port for two arms, one camera under two names. Nothing is opened."""

import os
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from armchair_core.command_line import runnable, typed
from armchair_core.errors import ArmchairError
from armchair_robot.bus.ports import SERIAL_PREFIX, resolve_port

_TWIN = "twin"  # both of its arms are there, each at a port of its own
# What tells one camera from another, by LeRobot's names for it (lerobot 0.6.1, cameras/*/configuration_*.py), and ours.
_ADDRESS = {
    "opencv": ("index_or_path",),
    "intelrealsense": ("serial_number_or_name",),
    "zmq": ("server_address", "port", "camera_name"),
    "armchair": ("name", "folder"),
}


def check_ports(follower: str | None, leader: str | None) -> None:
    """Refuse one port for two arms. Each is a path, ``serial:`` and a number, ``twin``, or None if there is none.

    Raises:
        ArmchairError: if both lead to the same.
    """
    if None in (follower, leader) or _TWIN in (follower, leader):
        return
    if _port(str(follower)) == _port(str(leader)):
        other = "" if follower == leader else f" and {leader}"
        raise ArmchairError(
            f"the follower and the leader cannot both be at {follower}{other}, which is one port: name "
            f"the other arm's; `{typed('doctor')}` lists the ports."
        )


def check_cameras(cameras: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse one camera under two names. `cameras` are LeRobot's configurations as text or files hold them.

    Raises:
        ArmchairError: if two lead to the same.
    """
    places = {name: place for name, camera in cameras.items() if (place := _place(camera)) is not None}
    for one, other in combinations(places, 2):
        if places[one] == places[other]:
            at = ", ".join(f"{word}: {cameras[other][word]}" for word in _ADDRESS[str(cameras[other]["type"])][:1])
            raise ArmchairError(
                f"the cameras {one} and {other} are one camera ({at}): give the other's, or leave {other} out; "
                f"`{runnable('lerobot-find-cameras')}` lists them."
            )


def _port(where: str) -> str:
    """Where a port leads to: links of /dev/serial/by-id are followed, and numbers of adapters that are plugged in."""
    if where.startswith(SERIAL_PREFIX):
        try:
            where = resolve_port(where)
        except ArmchairError:  # whoever opens it says so
            return where
    return where if "://" in where else os.path.realpath(where)


def _place(camera: Mapping[str, Any]) -> tuple[str, ...] | None:
    kind = str(camera.get("type"))
    words = _ADDRESS.get(kind, ())
    if not words or camera.get(words[0]) is None:
        return None
    first, *others = (str(camera.get(word)) for word in words)
    if kind == "opencv":
        first = os.path.realpath(f"/dev/video{first}" if first.isdecimal() else first)
    return (kind, first, *others)
