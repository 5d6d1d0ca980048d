"""Error handling of commands: one sentence and an exit code; and libraries kept from talking over them."""

import errno
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from armchair_core.errors import ArmchairError, UnknownNameError, disk_is_full

# Read by libraries when they are imported, and inherited by worker processes. The user's own go before.
CALM = {
    "HF_HUB_OFFLINE": "1",  # nothing here downloads; a mistyped path must not become a request
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONWARNINGS": "ignore",
    "SVT_LOG": "1",
}


def calm_libraries() -> None:
    """Silence notices that a user can do nothing about. Errors still come through."""
    for name, value in CALM.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.ERROR)


@contextmanager
def usage_errors() -> Iterator[None]:
    """Say what is wrong with a word on the command line, as `user_errors` does, and exit with 2."""
    try:
        yield
    except ArmchairError as error:
        _say(f"error: {error}")
        raise typer.Exit(2) from None


@contextmanager
def user_errors(if_stopped: Callable[[], str] = lambda: "") -> Iterator[None]:
    """Turn what users can mend into one line on stderr and an exit code; bugs keep their traceback.

    1 for a mistake or a full disk, 2 for a name that does not exist, 130 for Ctrl-C. `if_stopped` says how to go on,
    for work that does not say so itself.
    """
    try:
        yield
    except ArmchairError as error:
        stopped = isinstance(error.__context__, KeyboardInterrupt)
        _say(f"\n{error}" if stopped else f"error: {error}")
        raise typer.Exit(130 if stopped else 2 if isinstance(error, UnknownNameError) else 1) from None
    except KeyboardInterrupt:
        _say(f"\nstopped by Ctrl-C{if_stopped() or '.'}")
        raise typer.Exit(130) from None
    except OSError as error:
        _say(f"error: {_sentence(error)}")
        raise typer.Exit(1) from None


def _sentence(error: OSError) -> str:
    """What a person can do about the disk; other errors of the system are bugs and are raised again."""
    if disk_is_full(error):
        return "no space is left on the disk: make room or choose another --out; what was finished is kept."
    if isinstance(error, PermissionError) and error.filename:
        return f"{error.filename} may not be written or read: choose another --out or change its permissions."
    if error.filename and error.errno in _PLACES:
        return f"{error.filename} cannot be used: {_PLACES[error.errno]}."
    raise error


_PLACES = {
    errno.ENOTDIR: "a part of its path is a file, and no folder can be in it",
    errno.EISDIR: "it is a folder, and a file is wanted",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EROFS: "nothing can be written there: choose a place on another disk",
}


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
