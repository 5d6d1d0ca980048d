"""Durable files and folders: written beside their place, flushed to the disk, then renamed.

Invariant: a folder written by `write_folder` is there with every byte of every file, or it is not there,
whatever happens to the process or the power.
"""

import ctypes
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE, _RENAME_SWAP = -100, 2, 2  # linux/fcntl.h, linux/fs.h, sys/stdio.h of macOS


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
    sync(folder.parent)


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold `files` and nothing else; a crash leaves the old folder, the new one, or none."""
    old = folder.with_name(folder.name + ".old")
    folder.rename(old)
    write_folder(folder, files)
    shutil.rmtree(old)


def move_folder(source: Path, target: Path) -> None:
    """Flush everything under `source` and rename it to `target`, which may only be an empty folder."""
    sync_tree(source)
    if target.is_dir():
        target.rmdir()
    source.rename(target)
    sync(target.parent)


def exchange_folders(one: Path, other: Path) -> None:
    """Flush two folders of one disk and exchange them, in one step where the system can.

    Linux and macOS can. Elsewhere a crash in between leaves `other` in place of `one.aside`, see `undo_exchange`.
    """
    for folder in (one, other):
        sync_tree(folder)
    if not _exchange_at_once(one, other):
        aside = one.with_name(one.name + ".aside")
        one.rename(aside)
        other.rename(one)
        aside.rename(other)
    sync(one.parent)
    sync(other.parent)


def undo_exchange(one: Path) -> None:
    """Put a folder back that a crash in the middle of `exchange_folders` has left aside."""
    aside = one.with_name(one.name + ".aside")
    if aside.exists() and not one.exists():
        aside.rename(one)


def _exchange_at_once(one: Path, other: Path) -> bool:
    """By renameat2(2) on Linux and renamex_np(2) on macOS; False where neither works, as on some file systems."""
    if os.name == "nt":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(libc, "renameat2"):
        return libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0
    if hasattr(libc, "renamex_np"):
        return libc.renamex_np(*names, _RENAME_SWAP) == 0
    return False


def sync_tree(folder: Path) -> None:
    """Flush every file and folder under `folder` to the disk."""
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def sync(path: Path) -> None:
    """Flush a file, or a folder's list of names, to the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders and orders its renames by itself
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
