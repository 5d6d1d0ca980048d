"""Reconnecting an arm that was unplugged: the same adapter, at whatever port it comes back, once the operator agrees.

Its servos have their own power: while the plug is out they go on holding. Until it is in again nobody can reach them.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_robot.bus.ports import SERIAL_PREFIX, find_ports, resolve_port
from armchair_robot.bus.registers import DEVICE_ERRORS, bus_of
from armchair_robot.devices import arms
from armchair_robot.loop.real_time import DeviceLostError

_LOOK_EVERY_S = 0.2
_SETTLE_S = 0.5  # a port that has just appeared is not yet anybody's to open
_VANISHES_S = 1.0  # the system takes its time to see that a plug is out


@dataclass(frozen=True)
class Reconnection:
    """How to ask an operator. `answer` says whether the arm may move again; None: not yet. It is asked all the time."""

    tell: Callable[[str], None]
    answer: Callable[[], bool | None]
    patience_s: float = 300.0


def run_reconnecting(
    run: Callable[[], None], devices: list[Any], rearm: Reconnection | None, on_lost: Callable[[], None] = lambda: None
) -> None:
    """Run a loop; each time it loses one of `devices` to an unplug, get that back, and run it again.

    A device is LeRobot's `Robot` or `Teleoperator`. No motor is switched on before the operator agrees: whoever plugged
    it in has their hands on it. `on_lost` is called at once. Without a `rearm` nobody is there to be asked.

    Raises:
        DeviceLostError: if something else was lost, or it does not come back in time, or the operator does not agree.
        ArmchairError: if it is back and does not open.
    """
    if rearm is None:
        return run()
    named = [(device, lasting_name(str(bus.port))) for device in devices if (bus := bus_of(device)) is not None]
    while True:
        try:
            return run()
        except DeviceLostError:
            if not (gone := [(device, name) for device, name in named if _vanishes(name)]):
                raise
            on_lost()
            if not all([_get_back(device, name, rearm) for device, name in gone]):
                raise


def lasting_name(port: str) -> str:
    """Return the name of `port` that outlives an unplug: the adapter's serial number, if it has one.

    To be asked while it is plugged in.
    """
    device = Path(port).resolve()
    found = [each for each in find_ports() if Path(each.path).resolve() == device and each.serial_number]
    return f"{SERIAL_PREFIX}{found[0].serial_number}" if found else port


def _get_back(device: Any, name: str, rearm: Reconnection) -> bool:
    """Return whether it is open again."""
    port = str(device.bus.port)
    rearm.tell(f"{port} is gone, and motors with power hold on: plug it in again, or press q to end.")
    arms.let_go(device)
    until_s = time.monotonic() + rearm.patience_s
    while not _is_there(name):
        if rearm.answer() is False or time.monotonic() > until_s:
            return False
        time.sleep(_LOOK_EVERY_S)
    time.sleep(_SETTLE_S)
    rearm.tell(f"{resolve_port(name)} is back: hold the arm, then space switches its motors on and goes on; q ends.")
    while (agreed := rearm.answer()) is None and time.monotonic() < until_s:
        time.sleep(_LOOK_EVERY_S)
    arms.move_to(device, resolve_port(name))
    if agreed:
        arms.reopen(device)
    else:
        _switch_off(device)
    return bool(agreed)


def _switch_off(device: Any) -> None:
    """Switch off an arm that has held on since its plug was pulled, and is not to move again."""
    with suppress(*DEVICE_ERRORS):
        device.bus.connect(handshake=False)
        arms.let_go(device)


def _vanishes(name: str) -> bool:
    """Return whether its port goes away. One on TCP is not looked for: its twin is told by a dead line alone."""
    until_s = time.monotonic() + _VANISHES_S
    while "://" not in name and time.monotonic() < until_s:
        if not _is_there(name):
            return True
        time.sleep(0.05)
    return False


def _is_there(name: str) -> bool:
    try:
        return Path(resolve_port(name)).exists()
    except ArmchairError:
        return False
