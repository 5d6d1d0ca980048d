"""The error that users are meant to see. No I/O."""

import errno
from collections.abc import Iterable
from difflib import get_close_matches


class ArmchairError(Exception):
    """A mistake that its maker can mend: one sentence saying what happened and what to type next.

    The command line prints it as ``error: …`` and exits with 1; every other exception is a bug and keeps
    its traceback.
    """


class UnknownNameError(ArmchairError):
    """A name that is none of those there are. The command line exits with 2, as for an unknown option."""


def unknown_name(kind: str, name: str, choices: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is not among `choices`; it names the nearest."""
    choices = sorted(choices)
    near = get_close_matches(name, choices, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return UnknownNameError(f"there is no {kind} called {name!r}: {hint}choose one of {', '.join(choices)}.")


def reason_of(error: BaseException) -> str:
    """Return the first line of an error, with the next if it only announces that; its type if it has no words."""
    return first_words(str(error)) or type(error).__name__


def first_words(said: str) -> str:
    """Return the first line that says something, with the next if it only announces that; "" if none does."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])


def disk_is_full(error: Exception) -> bool:
    """Return whether the operating system refused to write for want of space or quota."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
