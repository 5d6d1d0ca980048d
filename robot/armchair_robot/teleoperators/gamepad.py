"""A gamepad as a teleoperator, through pygame (the extra `gamepad`). Works without a screen.

SDL knows a few hundred models and calls their sticks and buttons by the same names, those of an Xbox pad.
The shoulder button L1 is a deadman's button: the arm moves while it is held, and holds still when it is let go, or
when the pad is unplugged or its battery is empty.
"""

import os
from typing import Any, override

import numpy as np

from armchair_core.command_line import how_to_install
from armchair_core.errors import ArmchairError
from armchair_robot.teleoperators.config_people import ArmchairGamepadConfig
from armchair_robot.teleoperators.jog import JOINTS, SPEEDS, TIP
from armchair_robot.teleoperators.jog_teleoperator import JogTeleoperator

HELP = """\
Hold L1 to move, let go to hold still:
  left stick   forward, back, left, right      right stick  up, down, turn the wrist
  cross        tilt, up and down               R2 closes, L2 opens the gripper
  A  slower     Y  faster     X  tip or single joints"""
DEAD_ZONE = 0.15  # of the stick's way: worn sticks do not return to the middle
_FULL = 32767  # SDL's axes
_STICKS = ("LEFTX", "LEFTY", "RIGHTX", "RIGHTY", "TRIGGERLEFT", "TRIGGERRIGHT")
_BUTTONS = ("A", "X", "Y", "LEFTSHOULDER", "DPAD_UP", "DPAD_DOWN")
_UNPLUGGED = "the gamepad is gone: plug it in again"
_RELEASED = "hold L1 to move"


def rates_of(axes: dict[str, float], buttons: dict[str, bool]) -> np.ndarray:
    """Return the rates, float64[6] for `jog.AXES`, of SDL's axes (-1 to 1; down and right positive) and buttons."""
    x, y, turn, up = (_bent(axes[name]) for name in _STICKS[:4])
    tilt = float(buttons["DPAD_DOWN"]) - float(buttons["DPAD_UP"])
    gripper = _bent(axes["TRIGGERLEFT"]) - _bent(axes["TRIGGERRIGHT"])
    return np.array([-y, -x, -up, tilt, -turn, gripper]) * float(buttons["LEFTSHOULDER"])


def _bent(value: float) -> float:
    """Return 0 within the dead zone, then up to 1, finely at first."""
    beyond = max(0.0, abs(value) - DEAD_ZONE) / (1 - DEAD_ZONE)
    return float(np.sign(value)) * min(1.0, beyond) ** 2


class ArmchairGamepad(JogTeleoperator):
    """Sticks and triggers that jog the arm; see HELP."""

    config_class = ArmchairGamepadConfig
    name = "armchair_gamepad"

    def __init__(self, config: ArmchairGamepadConfig) -> None:
        super().__init__(config)
        self._pad: Any = None
        self._were: dict[str, bool] = {}
        self._words = ""

    @property
    @override
    def status(self) -> str:
        return " · ".join(filter(None, (super().status, self._words)))

    def _open(self) -> None:
        self._pygame, self._controllers = _sdl()
        self._pad = self._first_pad()
        if self._pad is None:
            self._close()
            raise ArmchairError("no gamepad is plugged in, or none that SDL knows: plug one in, then try again.")
        print(HELP, flush=True)

    def _close(self) -> None:
        self._pad = None
        self._controllers.quit()

    def _move(self, now_s: float, dt_s: float, here: np.ndarray | None) -> np.ndarray:
        self._pygame.event.pump()
        self.is_heard = self._pad is not None and self._pad.attached()
        if not self.is_heard:
            self._pad, self._words = self._first_pad(), _UNPLUGGED
            return self.jogger.move(np.zeros(6), dt_s, here)
        axes = {name: self._pad.get_axis(self._number("AXIS", name)) / _FULL for name in _STICKS}
        buttons = {name: bool(self._pad.get_button(self._number("BUTTON", name))) for name in _BUTTONS}
        self._obey(buttons)
        self._words = "" if buttons["LEFTSHOULDER"] else _RELEASED
        return self.jogger.move(rates_of(axes, buttons), dt_s, here)

    def _obey(self, buttons: dict[str, bool]) -> None:
        """Do what a button does once, when it goes down."""
        pressed = {name for name in "AXY" if buttons[name] and not self._were.get(name)}
        self._were = buttons
        faster = ("Y" in pressed) - ("A" in pressed)
        self.jogger.speed = min(max(self.jogger.speed + faster, 0), len(SPEEDS) - 1)
        if "X" in pressed:
            self.jogger.mode = JOINTS if self.jogger.mode == TIP else TIP

    def _first_pad(self) -> Any:
        for place in range(self._controllers.get_count()):
            if self._controllers.is_controller(place):
                return self._controllers.Controller(place)
        return None

    def _number(self, kind: str, name: str) -> int:
        return getattr(self._pygame, f"CONTROLLER_{kind}_{name}")


def _sdl() -> tuple[Any, Any]:
    """Return (pygame, its game controllers), ready to be asked.

    Raises:
        ArmchairError: if pygame is not installed.
    """
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # events need a screen, and this one is never seen
    os.environ.setdefault("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        import pygame
        from pygame._sdl2 import controller
    except ImportError:
        raise ArmchairError(f"a gamepad needs pygame: {how_to_install('gamepad')}.") from None
    pygame.display.init()
    controller.init()
    pygame.event.pump()  # pads that are plugged in are found now
    return pygame, controller
