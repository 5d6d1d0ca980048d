"""Get an arm back that was unplugged: the same adapter, at whatever port it comes back, once the operator agrees."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from armchair_robot.arms import TWIN, open_follower, port_of
from armchair_robot.ports import SERIAL_PREFIX, find_ports
from armchair_sim.errors import ArmchairError

if TYPE_CHECKING:
    from lerobot.robots import Robot

_LOOK_EVERY_S = 0.2
_SETTLE_S = 0.5  # a port that has just appeared is not yet anybody's to open


def lasting_name(where: str) -> str:
    """`where` as it will still be called after an unplug: by the adapter's serial number, if it has one.

    To be asked while the arm is plugged in.
    """
    if where == TWIN or where.startswith(SERIAL_PREFIX):
        return where
    device = Path(where).resolve()
    found = [port for port in find_ports() if Path(port.path).resolve() == device and port.serial_number]
    return f"{SERIAL_PREFIX}{found[0].serial_number}" if found else where


def reopen_follower(
    where: str,
    agreed: Callable[[], bool],
    cameras: str | None = None,
    arm_id: str | None = None,
    patience_s: float = 120.0,
) -> "Robot":
    """Wait until the arm `where` (see `lasting_name`) is there again, ask, and open it. It holds where it stands.

    No motor is switched on before `agreed` says so: whoever plugged it in has their hands on it.

    Raises:
        ArmchairError: if it does not come back in time, does not open, or the operator does not agree.
    """
    _wait_for(where, patience_s)
    if not agreed():
        raise ArmchairError(f"the arm at {where} is back and stays off: start again when it may move.")
    return open_follower(where, cameras, arm_id)


def _wait_for(where: str, patience_s: float) -> None:
    until_s = time.monotonic() + patience_s
    while not _is_there(where):
        if time.monotonic() > until_s:
            raise ArmchairError(
                f"the arm at {where} did not come back in {patience_s:g} s: plug it in, then try again."
            )
        time.sleep(_LOOK_EVERY_S)
    time.sleep(_SETTLE_S)


def _is_there(where: str) -> bool:
    try:
        return Path(port_of(where, "follower")).exists()
    except ArmchairError:
        return False
