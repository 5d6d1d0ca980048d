"""Keys in a terminal as a teleoperator: no X server, no root. What is held moves the arm, silence stops it.

A terminal tells when a key goes down, and then again and again while it is held, but never when it goes up. So each
byte moves the arm for HOLD_S, in which a held key sends the next one. Two things follow: a tap is a step of that
length, and between the first byte and the repeats (a quarter to two thirds of a second, as the desktop is set) the
arm pauses once; `xset r rate 200 30` makes that short.
"""

import threading
import time

import numpy as np

from armchair_robot.teleoperators.config_people import ArmchairKeyboardConfig
from armchair_robot.teleoperators.jog import AXES, JOINTS, SPEED_NAMES, TIP
from armchair_robot.teleoperators.jog_teleoperator import MODE_WORDS, JogTeleoperator
from armchair_robot.teleoperators.terminal import Terminal

HOLD_S = 0.25
# Letters and digits that neither LeRobot (arrows, ESC, n, r, q) nor our commands (space, f, t) take; w, s, a, d mean
# what they mean to `armchair twin --hand keyboard`.
KEYS = {
    "i": ("forward", 1), "k": ("forward", -1), "j": ("left", 1), "l": ("left", -1), "w": ("up", 1), "s": ("up", -1),
    "a": ("turn", 1), "d": ("turn", -1), "e": ("tilt", -1), "x": ("tilt", 1), "o": ("gripper", 1),
    "p": ("gripper", -1),
}  # fmt: skip
HELP = """\
Hold a key to move, let go to stop:
  i k  forward, back      w s  up, down             o p  open, pinch
  j l  left, right        e x  tilt up, down        a d  turn the wrist
  1 2 3  slow, normal, fast        m  tip or single joints        h  this help
Single joints: j l pan   i k shoulder   w s elbow   e x wrist   a d roll   o p gripper"""


class ArmchairKeyboard(JogTeleoperator):
    """Letters that jog the arm; see HELP. `quiet` is set by whoever shows `status`: else keys say what they change."""

    config_class = ArmchairKeyboardConfig
    name = "armchair_keyboard"

    def __init__(self, config: ArmchairKeyboardConfig) -> None:
        super().__init__(config)
        self._lock = threading.Lock()
        self._held: dict[str, tuple[int, float]] = {}  # axis -> (sign, until when)
        self._terminal: Terminal | None = None

    def press(self, key: str, now_s: float) -> bool:
        """Take a key in; False if it means nothing here. Capitals are letters, for Caps Lock."""
        key = key.lower()
        with self._lock:
            if key in KEYS:
                axis, sign = KEYS[key]
                self._held[axis] = (sign, now_s + HOLD_S)
            elif key in "123":
                self.jogger.speed = int(key) - 1
                self._tell(f"speed: {SPEED_NAMES[self.jogger.speed]}")
            elif key == "m":
                self.jogger.mode = JOINTS if self.jogger.mode == TIP else TIP
                self._tell(MODE_WORDS[self.jogger.mode])
            elif key == "h":
                self._say(HELP)
            else:
                return False
        return True

    def rates(self, now_s: float) -> np.ndarray:
        """Return the rates that are asked for now, float64[6] for `jog.AXES`."""
        with self._lock:
            held = [self._held.get(axis, (0, 0.0)) for axis in AXES]
        return np.array([sign if now_s < until_s else 0.0 for sign, until_s in held])

    def _move(self, now_s: float, dt_s: float, here: np.ndarray | None) -> np.ndarray:
        return self.jogger.move(self.rates(now_s), dt_s, here)

    def _open(self) -> None:
        self._held.clear()
        self._terminal = Terminal(lambda key: self.press(key, time.perf_counter()))
        self._say(HELP)

    def _close(self) -> None:
        if self._terminal is not None:
            self._terminal.close()

    def _tell(self, change: str) -> None:
        if not self.quiet:
            self._say(change)

    def _say(self, text: str) -> None:
        if self._terminal is not None:
            self._terminal.say(text)
