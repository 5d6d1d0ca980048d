"""Small text files that are there whole or not at all."""

from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write a text file beside its place and rename it: nobody ever reads half of one."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
