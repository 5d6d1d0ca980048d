"""Files that survive a crash: written beside their place, flushed to the disk, then renamed.

Invariant: a folder written by `write_folder` is there with every byte of every file, or it is not there,
whatever happens to the process or the power.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create `folder` holding `files` in one step.

    Raises:
        OSError: if the disk refuses (full, read-only, gone); then nothing is left behind.
    """
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        for name, content in files.items():
            (partial / name).write_bytes(content)
        sync_tree(partial)
        partial.rename(folder)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _sync(folder.parent)


def move_folder(source: Path, target: Path) -> None:
    """Flush everything under `source` and rename it to `target`, which may only be an empty folder."""
    sync_tree(source)
    if target.is_dir():
        target.rmdir()
    source.rename(target)
    _sync(target.parent)


def sync_tree(folder: Path) -> None:
    """Flush every file and folder under `folder` to the disk."""
    for path in [*folder.rglob("*"), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows opens no folders and orders its renames by itself
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
