"""The preview of a card, a few seconds of video: all cameras side by side, as an animated WebP."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from armchair_core.dataset_format.tables import EPISODES, parquet_files, read_table

RATE_HZ, LONGEST_S = 10, 5  # of the preview itself: a longer episode is shown faster
HEIGHT = 192  # pixels
LARGEST = 1_000_000  # bytes
_QUALITIES = (75, 50, 25)  # the first that is small enough


@dataclass(frozen=True)
class Preview:
    """The picture's bytes, and how many times faster than life it is."""

    webp: bytes
    speed: float


@dataclass(frozen=True)
class Clip:
    """A stretch of a video file, in seconds; `end_s` None means its end."""

    file: Path
    start_s: float = 0.0
    end_s: float | None = None


def first_episode(root: Path, info: Mapping[str, Any]) -> list[Clip]:
    """Return where the first episode of a LeRobotDataset v3.0 lies, camera by camera; [] if it has no videos."""
    cameras = [key for key, feature in info["features"].items() if feature["dtype"] == "video"]
    rows = parquet_files(root / EPISODES)
    if not cameras or not rows:
        return []
    columns = {f"videos/{key}/{name}" for key in cameras for name in _PLACE}
    row = read_table(root, rows[0], columns.__contains__).slice(0, 1).to_pylist()[0]
    clips = []
    for key in cameras:
        chunk, number, start_s, end_s = (row[f"videos/{key}/{name}"] for name in _PLACE)
        file = root / info["video_path"].format(video_key=key, chunk_index=chunk, file_index=number)
        if file.resolve().is_relative_to(root.resolve()):
            clips.append(Clip(file, start_s, end_s))
    return clips


_PLACE = ("chunk_index", "file_index", "from_timestamp", "to_timestamp")


def make_preview(clips: Sequence[Clip]) -> Preview | None:
    """Return the clips side by side, from beginning to end; None if there is nothing to show. The same every time."""
    videos = [_frames(clip) for clip in clips]
    if not videos or not all(frames for frames, _ in videos):
        return None
    seconds = max(seconds for _, seconds in videos)
    count = max(2, round(min(seconds, LONGEST_S) * RATE_HZ))
    strips = [np.concatenate([_at(frames, n / count) for frames, _ in videos], axis=1) for n in range(count)]
    for quality in _QUALITIES:
        webp = _encode(strips, quality)
        if len(webp) <= LARGEST:
            return Preview(webp, max(1.0, seconds / LONGEST_S))
    return None


def _frames(clip: Clip) -> tuple[list[np.ndarray], float]:
    """Return enough of a clip's pictures for a preview, uint8[HEIGHT,W,3] each, and its length in seconds."""
    with av.open(str(clip.file)) as video:
        stream = video.streams.video[0]
        if stream.average_rate is None or stream.time_base is None:  # no length of its own: nothing to show
            return [], 0.0
        rate, time_base = float(stream.average_rate), stream.time_base
        end_s = clip.end_s if clip.end_s is not None else stream.frames / rate
        wanted_s = np.linspace(clip.start_s, end_s - 1 / rate, LONGEST_S * RATE_HZ)
        video.seek(int(clip.start_s / time_base), stream=stream)
        frames: list[np.ndarray] = []
        for frame in video.decode(stream):
            now_s = float((frame.pts or 0) * time_base) + 0.5 / rate
            due = int(np.searchsorted(wanted_s, now_s))
            if due > len(frames):
                picture = _scaled(frame)
                frames += [picture] * (due - len(frames))
            if len(frames) == len(wanted_s):
                break
    return frames, end_s - clip.start_s


def _scaled(frame: av.VideoFrame) -> np.ndarray:
    width = round(frame.width * HEIGHT / frame.height)
    return frame.reformat(width=width, height=HEIGHT, format="rgb24", interpolation="BICUBIC").to_ndarray()


def _at(frames: Sequence[np.ndarray], share: float) -> np.ndarray:
    return frames[int(share * len(frames))]


def _encode(pictures: Sequence[np.ndarray], quality: int) -> bytes:
    first, *others = map(Image.fromarray, pictures)
    target = io.BytesIO()
    first.save(
        target, "WEBP", save_all=True, append_images=others, duration=1000 // RATE_HZ, loop=0, quality=quality, method=4
    )
    return target.getvalue()
