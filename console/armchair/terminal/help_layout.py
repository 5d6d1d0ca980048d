"""The layout of help: Typer's boxes where there is room for them, plain words that fit where a terminal is narrow."""

import shutil
from typing import Any, Literal

_ROOM = 72  # columns; boxes in fewer cut the names of options
_NAME_COLUMNS = 14  # a longer name has a line of its own


def is_narrow() -> bool:
    """Return whether boxes would cut their words."""
    return shutil.get_terminal_size().columns < _ROOM


def markup_mode() -> Literal["rich"] | None:
    """Return how Typer shall lay help out."""
    return None if is_narrow() else "rich"


def fit(command: Any) -> None:
    """Let a command of Typer's, and all in it, show its help as wide as the terminal is."""
    for each in (command, *getattr(command, "commands", {}).values()):
        each.rich_markup_mode = markup_mode()
        if is_narrow():
            each.context_class = _narrow(each.context_class)


def _narrow(context: Any) -> Any:
    """Return a context whose help is no wider than the terminal, which Typer takes for 50 columns at least."""

    class Formatter(context.formatter_class):
        def __init__(self, *_: Any, **__: Any) -> None:
            super().__init__(width=shutil.get_terminal_size().columns)

        def write_dl(self, rows: Any, col_max: int = _NAME_COLUMNS, col_spacing: int = 2) -> None:
            super().write_dl(rows, col_max, col_spacing)

    class Context(context):
        formatter_class = Formatter

    return Context
