"""The words of a job, checked again whenever one is to begin: a command that pages may ask for, inside the folder.

Routes make these words of requests that they have checked. Between then and a job's turn a folder may have become a
link to elsewhere, and a job's file may be another's.
"""

from collections.abc import Sequence
from pathlib import Path

from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError

COMMANDS: dict[str, frozenset[str]] = {
    "check": frozenset({"--save"}),
    "eval": frozenset({"--task", "--episodes", "--out", "--resume"}),
    "record": frozenset({"--task", "--episodes", "--out", "--image-size", "--resume"}),
    "remove": frozenset({"--yes"}),
    "repair": frozenset(),
    "train": frozenset({"--policy", "--preset", "--minutes", "--steps", "--out", "--resume", "--estimate"}),
}  # and the options that pages give them


def check_words(words: Sequence[str], out: str, root: Path) -> None:
    """Raise unless `armchair WORDS` is what a page may ask for in the folder `root`, and writes to `out` in it.

    Raises:
        ArmchairError: if it is another command or option, or a name leads out of the folder.
    """
    command, rest = words[0] if words else "", words[1:]
    if command not in COMMANDS:
        raise ArmchairError(f"`{quoted('armchair', command[:40])}` is nothing that this page begins: type it yourself.")
    for word in rest:
        if word.startswith("-") and word not in COMMANDS[command]:
            raise ArmchairError(f"this page gives {command} no {word[:40]}: type the command yourself.")
    for name in (out, *(word for word in rest if not word.startswith("-"))):
        if "\0" in name or not (root / name).resolve().is_relative_to(root):
            raise ArmchairError(f"{name[:80]!r} leads out of {root}: look where that link goes, then ask again.")
