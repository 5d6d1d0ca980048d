"""Sentences without this machine's folders, for visitors: paths in the project as people there type them. No I/O."""

import re
from pathlib import Path
from typing import Any

# An absolute path, in quotes with whatever it holds, else to the next blank; not part of a URL, and no port.
_QUOTED = re.compile(r"(?<=['\"`])/(?!dev/)[^'\"`\n]*/(?P<last>[^/'\"`\n]+)/?(?=['\"`])")
_PLAIN = re.compile(r"(?<![\w.:/~])/(?!dev/)(?:[^\s/'\"`]+/)+(?P<last>[^\s/'\"`]*)")


def without_folders(words: str, root: Path) -> str:
    """Return `words` with paths below `root` relative to it, and of every other absolute path the last part alone."""
    inside = words.replace(f"{root}/", "").replace(str(root), "this folder")
    home = inside.replace(f"{Path.home()}/", "/…/")
    return _PLAIN.sub(r"…/\g<last>", _QUOTED.sub(r"…/\g<last>", home))


def told(value: Any, root: Path) -> Any:
    """Return what JSON can hold with all sentences in it as `without_folders` makes them."""
    match value:
        case str():
            return without_folders(value, root) if "/" in value else value
        case dict():
            return {name: told(each, root) for name, each in value.items()}
        case list() | tuple():
            return [told(each, root) for each in value]
    return value
