"""The decoded frames of a dataset: each decoded once, into memory.

Reading shuffled frames through LeRobotDataset seeks in the video for each of them and feeds a few dozen
frames a second; nano trains on several hundred. Decoding each file once from its start reads thousands.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import torch
from torch import Tensor

from armchair_core.dataset_format.info import broken
from armchair_core.errors import ArmchairError
from armchair_core.processes.parallel import default_workers
from armchair_policies.nano.modeling_nano import resize
from armchair_policies.training.training_data import TrainingData

REPORT_EVERY_S = 0.2


@dataclass
class _Video:
    """One mp4 file: which frame of the file is which frame of the dataset."""

    path: Path
    pictures: Tensor  # uint8 [N, size, size, 3] of this file's camera, filled by decoding
    fps: float
    row_of_frame: dict[int, int] = field(default_factory=dict)
    done: int = 0


def decode_frames(
    tables: TrainingData, size: int, on_progress: Callable[[float], None] = lambda fraction: None
) -> dict[str, Tensor]:
    """Return all pictures of all cameras, uint8 [N, size, size, 3] each, in the order of the dataset's frames.

    Uses one thread a core. `on_progress` is told the fraction done, a few times a second, in this thread.

    Raises:
        ArmchairError: if they do not fit into memory, or a video is missing, damaged or too short.
    """
    frames = len(tables.state)
    _check_memory(frames * len(tables.cameras) * size * size * 3, tables)
    pictures = {key: torch.empty(frames, size, size, 3, dtype=torch.uint8) for key in tables.cameras}
    videos = [video for key in tables.cameras for video in _videos(tables, key, pictures[key])]
    stop = threading.Event()
    with ThreadPoolExecutor(default_workers()) as pool:
        jobs = [pool.submit(_decode, video, stop) for video in videos]
        try:
            _watch(jobs, videos, on_progress)
        finally:
            stop.set()
    return pictures


def _check_memory(needed_bytes: int, tables: TrainingData) -> None:
    if not hasattr(os, "sysconf"):
        return
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed_bytes > 0.8 * memory_bytes:
        most = int(0.8 * memory_bytes / needed_bytes * len(tables.episodes))
        raise ArmchairError(
            f"the pictures of {tables.name} take {needed_bytes / 1e9:.1f} GB and this computer has "
            f"{memory_bytes / 1e9:.1f} GB of memory: train on at most {most} episodes."
        )


def _videos(tables: TrainingData, camera: str, pictures: Tensor) -> list[_Video]:
    videos: dict[Path, _Video] = {}
    row, template = 0, tables.info.video_path
    if template is None:
        raise broken(tables.roots[0], "it does not say where its videos are")
    for episode in tables.episodes:
        path = episode["root"] / template.format(
            video_key=camera,
            chunk_index=episode[f"videos/{camera}/chunk_index"],
            file_index=episode[f"videos/{camera}/file_index"],
        )
        video = videos.setdefault(path, _Video(path, pictures, tables.fps))
        first = round(episode[f"videos/{camera}/from_timestamp"] * tables.fps)
        video.row_of_frame.update((first + i, row + i) for i in range(episode["length"]))
        row += episode["length"]
    return list(videos.values())


def _watch(jobs: list[Future], videos: list[_Video], on_progress: Callable[[float], None]) -> None:
    total = sum(len(video.row_of_frame) for video in videos)
    waiting = set(jobs)
    while waiting:
        finished, waiting = wait(waiting, timeout=REPORT_EVERY_S)
        for job in finished:
            job.result()
        on_progress(sum(video.done for video in videos) / total)


def _decode(video: _Video, stop: threading.Event) -> None:
    try:
        with av.open(str(video.path)) as container:
            stream = container.streams.video[0]
            time_base = stream.time_base
            assert time_base is not None, "a video that could be opened has one"
            stream.thread_count = 1  # the files are decoded side by side
            for frame in container.decode(stream):
                if stop.is_set() or video.done == len(video.row_of_frame):
                    break
                row = video.row_of_frame.get(round(frame.pts * time_base * video.fps))
                if row is not None:
                    video.pictures[row] = _picture(frame, video.pictures.shape[1])
                    video.done += 1
    except (av.FFmpegError, IndexError) as error:
        raise ArmchairError(f"the video {video.path} cannot be read ({error}): record it anew.") from None
    if video.done < len(video.row_of_frame) and not stop.is_set():
        raise ArmchairError(
            f"the video {video.path} holds {video.done} of {len(video.row_of_frame)} frames: record it anew."
        )


def _picture(frame: av.VideoFrame, size: int) -> Tensor:
    rgb = torch.from_numpy(np.ascontiguousarray(frame.to_ndarray(format="rgb24")))  # [H, W, 3]
    return resize(rgb.permute(2, 0, 1)[None], size)[0].permute(1, 2, 0)
