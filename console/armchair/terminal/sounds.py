"""Sounds for an operator who looks at the arm and not at the screen: LeRobot's voice, or the terminal's bell."""

import platform
import shutil
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from armchair_datasets.recording.real_time.session import Now

_SPEAKERS = {"Linux": "spd-say", "Darwin": "say", "Windows": "PowerShell"}  # what LeRobot's `say` starts


class Sounds:
    """Says when a take begins, and what became of it; nothing unless `played`."""

    def __init__(self, played: bool) -> None:
        self._phase = "waiting"
        self.say = _find_voice() if played else _be_silent

    def on_moment(self, now: "Now") -> None:
        """Say when a take begins. Returns at once."""
        if now.phase == "recording" != self._phase:
            self.say("recording")
        self._phase = now.phase

    def on_commands(self, commands: list[str]) -> list[str]:
        """Return the operator's commands, after saying that a take is thrown away if one of them is to do so."""
        if "redo" in commands:
            self.say("discarded")
        return commands


def _find_voice() -> Callable[[str], None]:
    from lerobot.utils.utils import say

    if shutil.which(_SPEAKERS.get(platform.system(), "")):
        # A thread, as starting a program can take longer than an arm may wait.
        return lambda text: threading.Thread(target=say, args=(text,), daemon=True).start()
    return lambda text: print("\a", end="", flush=True)


def _be_silent(text: str) -> None:
    pass
