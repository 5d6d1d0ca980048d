"""The command lines that people are shown: made of words, quoted for their shell, and nowhere else.

Invariant: whoever copies one and pastes it gets the words that it was made of, whatever the folders are called. Tests
find every caller, and let the programs themselves read what it makes (`tests/core/test_command_line.py`).
"""

import os
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path, PurePath

_PACKAGE = "lerobot_robot_armchair"


def typed(*words: object) -> str:
    """Return a command line of ours: ``armchair check 'My data'``."""
    return runnable("armchair", *words)


def runnable(program: str, *words: object) -> str:
    """Return a command line of this environment's `program`, which is found wherever it is typed.

    Whoever came through `uv run` is shown `uv run`; where a program is not on the path, its own path stands there.
    """
    if _through_uv():
        return quoted("uv", "run", program, *words)
    return quoted(_reachable(program), *words)


def named(*words: str) -> str:
    """Return a command's name, to speak of it and not to type it: ``armchair eval``."""
    return " ".join(("armchair", *words))


def quoted(*words: object) -> str:
    """Return words as this system's shell takes them: a whole line, or what is to be added to one."""
    plain = [_word(word) for word in words]
    return subprocess.list2cmdline(plain) if os.name == "nt" else shlex.join(plain)


def log_in() -> str:
    """Return the line that logs in at the Hub."""
    return runnable("hf", "auth", "login")


def how_to_install(extra: str) -> str:
    """Return what to do so that one of our extras is there, as the end of a sentence."""
    if _through_uv():
        return f"put {quoted('--extra', extra)} behind uv run"
    return f"type `{pip_install(f'{_PACKAGE}[{extra}]')}`"


def pip_install(requirement: str) -> str:
    """Return the line that installs into this environment, which has no pip of its own where uv has made it."""
    if find_spec("pip") is None:
        return quoted("uv", "pip", "install", "--python", Path(sys.executable), requirement)
    return runnable("python", "-m", "pip", "install", requirement)


def _word(word: object) -> str:
    """A path that begins with a dash would be taken for an option."""
    return f"./{word}" if isinstance(word, PurePath) and str(word).startswith("-") else str(word)


def _reachable(program: str) -> str:
    """Return the program's name if a shell finds it, else where it lies. Another Python would not know our packages."""
    ours, found = Path(sys.executable).with_name(program), shutil.which(program)
    is_found = found is not None and (program != "python" or Path(found).parent == ours.parent)
    return program if is_found or not ours.exists() else str(ours)


def _through_uv() -> bool:
    return "UV_RUN_RECURSION_DEPTH" in os.environ
