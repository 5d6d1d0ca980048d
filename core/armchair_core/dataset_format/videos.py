"""Frame readers: a camera's pictures, episode after episode, decoded in the order in which they lie in the files.

Seeking for every frame, as LeRobot's loader does for shuffled training, reads a few dozen frames a second; from the
start on, thousands. One picture is in memory at a time, and of pictures in parquet, one batch.
"""

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import av
import av.container
import numpy as np
import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError

from armchair_core.dataset_format.info import broken, inside
from armchair_core.dataset_format.layout import Layout

_BATCH_ROWS = 32


class FrameReader(Protocol):
    """The pictures of one camera, read in the order of the episodes.

    `sizes` are the (height, width) met so far, `faults` what kept pictures from being read, a sentence each.
    """

    sizes: set[tuple[int, int]]
    faults: list[str]

    def pictures(self, episode: dict[str, Any]) -> Iterator[tuple[int, np.ndarray]]:
        """Yield an episode's (frame, uint8[H,W,3] in RGB), as many as can be read. Ask for episodes in order."""

    def close(self) -> None:
        """Close the file."""


def open_frame_readers(layout: Layout) -> dict[str, FrameReader]:
    """Return a frame reader for every camera, by the key of its column. No file is opened yet."""
    return {
        key: VideoFrameReader(layout, key) if feature.dtype == "video" else ImageFrameReader(layout, key)
        for key, feature in layout.cameras.items()
    }


class VideoFrameReader:
    """A camera whose episodes lie one after another in video files."""

    def __init__(self, layout: Layout, key: str) -> None:
        self.sizes: set[tuple[int, int]] = set()
        self.faults: list[str] = []
        self._layout, self._key = layout, key
        self._path: Path | None = None
        self._container: av.container.InputContainer | None = None
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._waiting: av.VideoFrame | None = None
        self._at_s = -math.inf

    def pictures(self, episode: dict[str, Any]) -> Iterator[tuple[int, np.ndarray]]:
        """Yield an episode's pictures by time, as LeRobot finds them: frame i is shown i / fps after from_timestamp."""
        start_s, fps = episode.get(f"videos/{self._key}/from_timestamp"), self._layout.info.fps
        if start_s is None:
            raise broken(self._layout.root, f"meta/episodes does not say where videos/{self._key} of each episode lies")
        self._seek(self._layout.video_file(episode, self._key), start_s - 0.5 / fps)
        while (frame := self._next()) is not None:
            if (at_s := frame.time) is None:  # of a damaged file: it belongs to no row
                continue
            index = round((at_s - start_s) * fps)
            if index >= episode["length"]:
                self._waiting = frame
                return
            self._at_s = at_s
            if index >= 0:
                self.sizes.add((frame.height, frame.width))
                yield index, frame.to_ndarray(format="rgb24")

    def close(self) -> None:
        """Close the video."""
        if self._container is not None:
            self._container.close()
        self._container, self._frames, self._waiting, self._path, self._at_s = None, iter(()), None, None, -math.inf

    def _seek(self, path: Path, start_s: float) -> None:
        """Go to a place before `start_s` of `path`: stay if it lies ahead, begin the file anew if it lies behind."""
        if path == self._path and self._at_s < start_s:
            return
        self.close()
        self._path = path
        try:
            self._container = av.open(str(path))
            stream = self._container.streams.video[0]
            stream.thread_type = "AUTO"
            self._frames = self._container.decode(stream)
        except (av.FFmpegError, IndexError) as error:
            self._note(error)

    def _next(self) -> av.VideoFrame | None:
        if self._waiting is not None:
            frame, self._waiting = self._waiting, None
            return frame
        try:
            return next(self._frames, None)
        except av.FFmpegError as error:
            self._frames = iter(())
            self._note(error)
            return None

    def _note(self, error: Exception) -> None:
        assert self._path is not None, "only an opened file has faults"
        reason = getattr(error, "strerror", None) or "it holds no video"
        name = self._path.relative_to(self._layout.root)
        self.faults.append(f"the video {name} cannot be decoded to its end ({reason})")


class ImageFrameReader:
    """A camera whose pictures lie in the parquet files beside the numbers, as PNG or JPEG each."""

    def __init__(self, layout: Layout, key: str) -> None:
        self.sizes: set[tuple[int, int]] = set()
        self.faults: list[str] = []
        self._layout, self._key = layout, key
        self._path: Path | None = None
        self._rows: Iterator[dict[str, Any]] = iter(())
        self._waiting: dict[str, Any] | None = None

    def pictures(self, episode: dict[str, Any]) -> Iterator[tuple[int, np.ndarray]]:
        """Yield an episode's pictures in the order of its rows, up to the first that cannot be decoded."""
        path, index, frame = self._layout.data_file(episode), episode["episode_index"], 0
        if path != self._path:
            self._path, self._rows, self._waiting = path, self._read(path), None
        while (row := self._waiting or next(self._rows, None)) is not None:
            self._waiting = None
            if row["episode_index"] > index:
                self._waiting = row
                return
            if row["episode_index"] == index:
                image = self._decode(row[self._key])
                if image is None:
                    return
                yield frame, image
                frame += 1

    def close(self) -> None:
        """Close the parquet file."""
        self._path, self._rows, self._waiting = None, iter(()), None

    def _read(self, path: Path) -> Iterator[dict[str, Any]]:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=["episode_index", self._key]):
                yield from batch.to_pylist()

    def _decode(self, cell: dict[str, Any]) -> np.ndarray | None:
        try:
            source = io.BytesIO(cell["bytes"]) if cell["bytes"] else inside(self._layout.root, cell["path"])
            image = np.asarray(Image.open(source).convert("RGB"))
        except (OSError, UnidentifiedImageError) as error:
            self.faults.append(f"a picture of {self._key} cannot be read ({error})")
            return None
        height, width, _ = image.shape
        self.sizes.add((height, width))
        return image
