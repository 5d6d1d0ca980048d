"""Questions to whoever sits at the terminal, and their keys while something goes on.

Answers are read byte by byte, so that nothing typed ahead is lost between a question and the keys after it.
"""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from armchair.terminal.say import say
from armchair_core.errors import ArmchairError


class Questions:
    """Every question has a default, which ENTER takes, and which is taken unasked with `--yes`."""

    def __init__(self, yes: bool) -> None:
        self._yes = yes

    def text(self, question: str, default: str = "") -> str:
        """An answer in words."""
        prompt = f"{question} [{default}] " if default else f"{question} "
        if self._yes:
            say(prompt + default)
            return default
        return _ask(prompt) or default

    def sure(self, question: str, default: bool = True) -> bool:
        """Yes or no; `--yes` says yes."""
        prompt = f"{question} [{'Y/n' if default else 'y/N'}] "
        if self._yes:
            say(prompt + "yes")
            return True
        while (answer := _ask(prompt).lower()) not in ("", "y", "yes", "n", "no"):
            say("y or n?")
        return answer.startswith("y") if answer else default

    def really(self, question: str) -> bool:
        """Yes or no, where yes cannot be undone: `--yes` says no."""
        return not self._yes and self.sure(question, default=False)

    def again(self, what_went_wrong: str) -> bool:
        """Whether to try once more; with `--yes` there is nobody who could mend anything."""
        say(f"  {what_went_wrong}")
        return not self._yes and self.sure("Try again?")

    def choice(self, question: str, choices: dict[str, str]) -> str:
        """One letter of `choices`, the first by default."""
        for letter, meaning in choices.items():
            say(f"  {letter}  {meaning}")
        default = next(iter(choices))
        while (answer := self.text(question, default).lower()) not in choices:
            say(f"{', '.join(choices)}: which one?")
        return answer

    def enter(self, sentence: str) -> None:
        """Wait for ENTER; `--yes` does not help here, as a person's hands have to do something first."""
        _ask(f"{sentence} Then press ENTER. ")


def _ask(prompt: str) -> str:
    print(prompt, end="", flush=True)
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as line:
        answer = line.readline()
    if not answer:
        print(flush=True)
        raise _nobody()
    return answer.decode(errors="replace").strip()


@contextmanager
def keys() -> Iterator["Keys"]:
    """Every key at once if there is a terminal; else what is piped in.

    Raises:
        ArmchairError: on Windows, whose terminals work differently.
    """
    if os.name != "posix":
        raise ArmchairError("keys cannot be read here on Windows: add --dry-run for LeRobot's own command.")
    if not sys.stdin.isatty():
        yield Keys()
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield Keys()
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


class Keys:
    """What is typed, a letter at a time."""

    def typed(self, within_s: float = 0.0) -> str:
        """The letters since the last call; waits for some so long.

        Raises:
            ArmchairError: if there is nobody who could type.
        """
        number = sys.stdin.fileno()
        if not select.select([number], [], [], within_s)[0]:
            return ""
        typed = os.read(number, 64)
        if not typed:
            raise _nobody()
        return typed.decode(errors="replace")


def _nobody() -> ArmchairError:
    return ArmchairError("nobody is there to answer: run this in a terminal; what was not finished was not written.")
