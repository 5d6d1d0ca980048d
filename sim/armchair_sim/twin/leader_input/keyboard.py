"""The keyboard input of the leader: keys and mouse in the terminal of `armchair twin --hand keyboard`.

It moves the grasp point, not joints: keys jog it, the mouse points at the table, and the closed-form inverse
kinematics does the rest. A move that the arm cannot make is not made.
"""

import re
from dataclasses import replace

import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import OPEN, SHUT, START
from armchair_sim.task import REGION_X_M, REGION_Y_M

HELP = """Keys, or the mouse over this window:
  arrows       forward, back, left, right      mouse        where the hand is over the table
  w  s         up, down                        wheel        up, down
  a  d         turn the wrist                  left button  open or shut the gripper
  q  e         tilt the hand                   space        open or shut the gripper"""
MOUSE_ON, MOUSE_OFF = "\x1b[?1003h\x1b[?1006h", "\x1b[?1003l\x1b[?1006l"  # xterm: every move, in decimal

_STEP_M, _STEP_RAD = 0.008, 0.08
_MARGIN_M = 0.03  # the window's edge lies this far outside the region where objects land
_ARROWS = {b"A": ("x", _STEP_M), b"B": ("x", -_STEP_M), b"C": ("y", -_STEP_M), b"D": ("y", _STEP_M)}
_KEYS = {
    b"w": ("z", _STEP_M), b"s": ("z", -_STEP_M), b"a": ("roll", _STEP_RAD), b"d": ("roll", -_STEP_RAD),
    b"q": ("pitch", _STEP_RAD), b"e": ("pitch", -_STEP_RAD),
}  # fmt: skip
_WHEEL = {64: _STEP_M, 65: -_STEP_M}
_MOVED, _LEFT_BUTTON = 32, 0
_WORDS = re.compile(rb"\x1b\[<(\d+);(\d+);(\d+)([Mm])|\x1b\[([ABCD])|([a-z ])")


class KeyboardInput:
    """The pose of the leader, moved by a terminal's bytes."""

    def __init__(self, columns: int, rows: int) -> None:
        """The terminal's size in characters."""
        self._columns, self._rows = columns, rows
        self.reset()

    def reset(self) -> None:
        """Go back to where episodes start."""
        self._pose = kinematics.forward_kinematics(kinematics.units_to_rad(START))
        self._gripper = START[5]

    def act(self) -> np.ndarray:
        """Return where the leader shall be, float32[6] in LeRobot's units."""
        units = kinematics.rad_to_units(np.append(kinematics.inverse_kinematics(self._pose), 0.0))
        units[5] = self._gripper
        return units

    def type(self, data: bytes) -> None:
        """Do what the terminal's bytes say; what means nothing is ignored."""
        for button, column, row, kind, arrow, key in _WORDS.findall(data):
            if button:
                self._mouse(int(button), int(column), int(row), pressed=kind == b"M")
            elif key == b" ":
                self._toggle()
            elif move := _ARROWS.get(arrow) or _KEYS.get(key):
                self._jog(*move)

    def _mouse(self, button: int, column: int, row: int, pressed: bool) -> None:
        if button & _MOVED:
            across = (column - 1) / max(self._columns - 1, 1)
            down = (row - 1) / max(self._rows - 1, 1)
            x = REGION_X_M[1] + _MARGIN_M - down * (REGION_X_M[1] - REGION_X_M[0] + 2 * _MARGIN_M)
            y = REGION_Y_M[1] + _MARGIN_M - across * (REGION_Y_M[1] - REGION_Y_M[0] + 2 * _MARGIN_M)
            self._try(replace(self._pose, x=x, y=y))
        elif button in _WHEEL:
            self._jog("z", _WHEEL[button])
        elif button == _LEFT_BUTTON and pressed:
            self._toggle()

    def _toggle(self) -> None:
        self._gripper = SHUT if self._gripper > (OPEN + SHUT) / 2 else OPEN

    def _jog(self, coordinate: str, by: float) -> None:
        self._try(replace(self._pose, **{coordinate: getattr(self._pose, coordinate) + by}))

    def _try(self, pose: kinematics.Pose) -> None:
        try:
            kinematics.inverse_kinematics(pose)
        except kinematics.UnreachableError:
            return
        self._pose = pose
