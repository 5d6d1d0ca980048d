"""The decoded frames of a dataset: each decoded once, into memory or into a file (`frame_store.py`).

Reading shuffled frames through LeRobotDataset seeks in the video for each of them and feeds a few dozen
frames a second; nano trains on several hundred. Decoding each file once from its start reads thousands.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from armchair_core.command_line import named
from armchair_core.dataset_format.layout import Layout, open_layout
from armchair_core.dataset_format.videos import open_frame_reader
from armchair_core.errors import ArmchairError
from armchair_core.processes.parallel import default_workers
from armchair_policies.nano.modeling_nano import resize
from armchair_policies.training.nano.frame_store import FrameFile, Pictures, keep_frames
from armchair_policies.training.training_data import TrainingData

REPORT_EVERY_S = 0.2


@dataclass
class _File:
    """One file with pictures of a camera: its episodes, each with its first row in the dataset and its times."""

    layout: Layout
    key: str
    path: Path
    pictures: Tensor | FrameFile  # uint8 [N, size, size, 3] of the camera, filled by decoding
    episodes: list[tuple[dict[str, Any], int, np.ndarray]] = field(default_factory=list)
    done: int = 0

    @property
    def frames(self) -> int:
        """How many rows have their picture here."""
        return sum(len(times_s) for _, _, times_s in self.episodes)


def decode_frames(
    tables: TrainingData, size: int, on_progress: Callable[[float], None] = lambda fraction: None
) -> Pictures:
    """Return all pictures of all cameras, uint8 [N, size, size, 3] each, in the order of the dataset's frames.

    Uses one thread a core. `on_progress` is told the fraction done, a few times a second, in this thread; of pictures
    that an earlier training has decoded it is told nothing.

    Raises:
        ArmchairError: if there is no room for them, or a video is missing, damaged or too short.
    """
    return keep_frames(tables, size, lambda pictures: _decode_into(pictures, tables, on_progress))


def _decode_into(pictures: Pictures, tables: TrainingData, on_progress: Callable[[float], None]) -> None:
    files = [file for key in tables.cameras for file in _files(tables, key, pictures[key])]
    stop = threading.Event()
    with ThreadPoolExecutor(default_workers()) as pool:
        jobs = [pool.submit(_decode, file, stop) for file in files]
        try:
            _watch(jobs, files, on_progress)
        finally:
            stop.set()


def _files(tables: TrainingData, camera: str, pictures: Tensor | FrameFile) -> list[_File]:
    layouts = {root: open_layout(root) for root in tables.roots}
    files: dict[Path, _File] = {}
    row = 0
    for episode in tables.episodes:
        layout = layouts[episode["root"]]
        in_video = layout.info.features[camera].dtype == "video"
        path = layout.video_file(episode, camera) if in_video else layout.data_file(episode)
        file = files.setdefault(path, _File(layout, camera, path, pictures))
        file.episodes.append((episode, row, tables.time_s[row : row + episode["length"]]))
        row += episode["length"]
    return list(files.values())


def _watch(jobs: list[Future], files: list[_File], on_progress: Callable[[float], None]) -> None:
    total = sum(file.frames for file in files)
    waiting = set(jobs)
    while waiting:
        finished, waiting = wait(waiting, timeout=REPORT_EVERY_S)
        for job in finished:
            job.result()
        on_progress(sum(file.done for file in files) / total)


def _decode(file: _File, stop: threading.Event) -> None:
    """Fill in the pictures of a file's rows.

    Raises:
        ArmchairError: if one has none: what stands in its place then was never written.
    """
    reader = open_frame_reader(file.layout, file.key, threads=1)  # the files are decoded side by side
    with closing(reader):
        for episode, first, times_s in file.episodes:
            for frame, image in reader.pictures(episode, times_s):
                if stop.is_set():
                    return
                file.pictures[first + frame] = _picture(image, file.pictures.shape[1])
                file.done += 1
    if file.done < file.frames:
        name = file.path.relative_to(file.layout.root)
        if reader.faults:
            raise ArmchairError(
                f"pictures of {file.layout.root} cannot be read, as {reader.faults[0]}: record or download it anew."
            )
        raise ArmchairError(
            f"{name} of {file.layout.root} holds {file.done} of {file.frames} frames, each looked for at its row's "
            f"time: see what `{named('check')}` says, and record or download it anew."
        )


def _picture(image: np.ndarray, size: int) -> Tensor:
    rgb = torch.from_numpy(np.ascontiguousarray(image))  # [H, W, 3]
    return resize(rgb.permute(2, 0, 1)[None], size)[0].permute(1, 2, 0)
