"""The store of decoded frames: in memory while they are few, else in a file that later trainings use again.

The file is read picture by picture and not memory-mapped: what a process has touched of a mapped file counts as its
memory, and a training touches everything. The system keeps as much of the file in memory as nobody else needs.
"""

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor

from armchair_core.durable import sync_tree
from armchair_core.errors import ArmchairError, disk_is_full
from armchair_core.user_state import private_folder, user_cache
from armchair_policies.training.provenance import dataset_sha256
from armchair_policies.training.training_data import TrainingData

MOST_IN_MEMORY_BYTES = 10**9  # beside PyTorch and LeRobot, which take 0.7 GB, within 2 GB
_MEMORY_SHARE = 0.8  # of the computer's, where no disk has room
_DISK_LEFT_BYTES = 10**9  # for the checkpoints, and for whoever else writes


class FrameFile:
    """Pictures uint8 [N, size, size, 3] in one file, a picture after the other. Safe to share among threads."""

    def __init__(self, path: Path, frames: int, size: int, writable: bool = False) -> None:
        self.path, self.shape = path, (frames, size, size, 3)
        self._picture_bytes = size * size * 3
        self._file = path.open("w+b" if writable else "rb", buffering=0)
        self._turn = threading.Lock()
        if writable:
            self._file.truncate(frames * self._picture_bytes)

    def __setitem__(self, row: int, picture: Tensor) -> None:
        """Write one picture, uint8 [size, size, 3]."""
        with self._turn:
            self._file.seek(row * self._picture_bytes)
            self._file.write(picture.contiguous().numpy().data)

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Return the pictures of some rows, int64 [B], as uint8 [B, size, size, 3]."""
        pictures = torch.empty(len(rows), *self.shape[1:], dtype=torch.uint8)
        with self._turn:
            for picture, row in zip(pictures.numpy(), rows.tolist(), strict=True):
                self._file.seek(row * self._picture_bytes)
                self._file.readinto(picture.data)
        return pictures

    def close(self) -> None:
        """Close the file."""
        self._file.close()


Pictures = dict[str, Tensor | FrameFile]  # a camera's by its key; both give the pictures of rows


def keep_frames(tables: TrainingData, size: int, decode: Callable[[Pictures], None]) -> Pictures:
    """Return all pictures of all cameras, each [N, size, size, 3], which `decode` fills in where they are not yet.

    Raises:
        ArmchairError: if neither memory nor the disk of the user's cache has room for them.
    """
    needed_bytes = len(tables.state) * len(tables.cameras) * size * size * 3
    if needed_bytes <= MOST_IN_MEMORY_BYTES:
        return _in_memory(tables, size, decode)
    folder = cache_folder(tables, size)
    if not folder.exists():
        if not _has_disk_for(folder, needed_bytes):
            _check_memory(needed_bytes, folder, tables)
            return _in_memory(tables, size, decode)
        _fill(folder, tables, size, decode)
    return {key: FrameFile(folder / key, len(tables.state), size) for key in tables.cameras}


def cache_folder(tables: TrainingData, size: int) -> Path:
    """Return where a dataset's pictures are kept once they are decoded; its name tells their content. Makes nothing."""
    whole = sha256(f"{size}".encode())
    for root in tables.roots:
        whole.update(dataset_sha256(root).encode())
        for file in sorted((root / "videos").rglob("*.mp4")):
            about = file.stat()
            whole.update(f"{file.relative_to(root).as_posix()} {about.st_size} {about.st_mtime_ns}\0".encode())
    return user_cache() / "frames" / whole.hexdigest()[:24]


def _in_memory(tables: TrainingData, size: int, decode: Callable[[Pictures], None]) -> Pictures:
    shape = (len(tables.state), size, size, 3)
    pictures: Pictures = {key: torch.empty(shape, dtype=torch.uint8) for key in tables.cameras}
    decode(pictures)
    return pictures


def _fill(folder: Path, tables: TrainingData, size: int, decode: Callable[[Pictures], None]) -> None:
    """Make `folder`, which is whole or absent: it gets its name once every picture is on the disk."""
    unfinished = private_folder(folder.with_name(f".unfinished-{folder.name}-{os.getpid()}"))
    files = {key: FrameFile(unfinished / key, len(tables.state), size, writable=True) for key in tables.cameras}
    try:
        with ExitStack() as opened:
            for file in files.values():
                opened.callback(file.close)
            decode(dict(files))
        sync_tree(unfinished)
        unfinished.rename(folder)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError) and folder.exists():
            return  # another training was faster
        if isinstance(error, OSError) and disk_is_full(error):
            raise ArmchairError(
                f"no space is left on the disk of {folder.parent}: free some and train again."
            ) from None
        raise


def _has_disk_for(folder: Path, needed_bytes: int) -> bool:
    there = next(parent for parent in folder.parents if parent.exists())
    return shutil.disk_usage(there).free >= needed_bytes + _DISK_LEFT_BYTES


def _check_memory(needed_bytes: int, folder: Path, tables: TrainingData) -> None:
    if not hasattr(os, "sysconf"):
        return
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed_bytes > _MEMORY_SHARE * memory_bytes:
        most = int(_MEMORY_SHARE * memory_bytes / needed_bytes * len(tables.episodes))
        raise ArmchairError(
            f"the pictures of {tables.name} take {needed_bytes / 1e9:.1f} GB, which neither the disk of "
            f"{folder.parent} has free nor the {memory_bytes / 1e9:.1f} GB of memory hold: free some of the disk, or "
            f"train on at most {most} episodes."
        )
