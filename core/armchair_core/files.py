"""Atomic writes of small text files, and a hint for a folder that is not there."""

from difflib import get_close_matches
from pathlib import Path


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


def nearest_sibling(path: Path) -> str:
    """Return the end of a sentence about a missing folder: the folder beside it with the most similar name."""
    if not path.parent.is_dir():
        return ""
    folders = [entry.name for entry in path.parent.iterdir() if entry.is_dir()]
    near = get_close_matches(path.name, folders, n=1, cutoff=0.5)
    return f": did you mean {str(path.parent / near[0])!r}?" if near else ""
