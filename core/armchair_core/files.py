"""Small files: JSON read, text written atomically, and a hint for a folder that is not there."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, with or without the byte-order mark that Windows' editors and shells write.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is damaged.
    """
    return json.loads(path.read_bytes())  # which finds out about UTF-8, UTF-16 and their marks


def has_byte_order_mark(path: Path) -> bool:
    """Return whether a text file begins with one, or is UTF-16 or UTF-32: Python opens none of them as UTF-8."""
    with path.open("rb") as file:
        return json.detect_encoding(file.read(4)) != "utf-8"


def write_atomically(path: Path, text: str) -> None:
    """Write a text file beside its place and rename it, so that nobody reads half of it."""
    partial = path.with_name(path.name + ".partial")
    not_a_link(partial).write_text(text, encoding="utf-8")
    partial.replace(path)


def not_a_link(path: Path) -> Path:
    """Return `path`, after removing a link there. What that led to stays as it is.

    Folders come from other people, and what is written into one must stay in it.
    """
    if path.is_symlink():
        path.unlink()
    return path


def no_folder(path: Path, what: str, otherwise: str = ".") -> str:
    """Return the sentence about a `path` that should be the folder of a `what`, and is a file or not there.

    It names the folder that is likely to be meant; without one, `otherwise` ends it.
    """
    if path.exists():
        return f"{path} is a file, and a {what} is a folder{otherwise}"
    return f"there is no folder {path}{nearest_sibling(path) or otherwise}"


def nearest_sibling(path: Path) -> str:
    """Return the end of a sentence about a missing folder: the folder beside it with the most similar name."""
    if not path.parent.is_dir():
        return ""
    folders = [entry.name for entry in path.parent.iterdir() if entry.is_dir()]
    near = get_close_matches(path.name, folders, n=1, cutoff=0.5)
    return f": did you mean {str(path.parent / near[0])!r}?" if near else ""
