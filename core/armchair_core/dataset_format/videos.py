"""Frame readers: a camera's pictures, episode after episode, decoded in the order in which they lie in the files.

Seeking for every frame, as LeRobot's loader does for shuffled training, reads a few dozen frames a second; from the
start on, thousands. One picture is in memory at a time, and of pictures in parquet, one batch.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import av
import av.container
import numpy as np
import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError

from armchair_core.dataset_format.info import inside
from armchair_core.dataset_format.layout import Layout

_BATCH_ROWS = 32
_ROUNDING_S = 1e-6


class FrameReader(Protocol):
    """The pictures of one camera, read in the order of the episodes.

    `sizes` are the (height, width) met so far, `faults` what kept pictures from being read, a sentence each. A picture
    was shown up to `off_s` seconds from its row's time.
    """

    sizes: set[tuple[int, int]]
    faults: list[str]
    off_s: float

    def pictures(
        self, episode: dict[str, Any], times_s: Sequence[float] | np.ndarray | None = None
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Yield an episode's (frame, uint8[H,W,3] in RGB), one a row and as many as can be read.

        `times_s` are the rows' timestamps, frame / fps if they are not given. Ask for episodes in order.
        """

    def close(self) -> None:
        """Close the file."""


def open_frame_readers(layout: Layout) -> dict[str, FrameReader]:
    """Return a frame reader for every camera, by the key of its column. No file is opened yet."""
    return {key: open_frame_reader(layout, key) for key in layout.cameras}


def open_frame_reader(layout: Layout, key: str, threads: int = 0) -> FrameReader:
    """Return a frame reader for one camera, which decodes with so many threads, 0: as many as it likes."""
    if layout.info.features[key].dtype == "video":
        return VideoFrameReader(layout, key, threads)
    return ImageFrameReader(layout, key)


def shown_times_s(path: Path) -> np.ndarray:
    """Return when each picture of a video is shown, float64[n] in order, decoding none; n is 0 if it cannot be read."""
    try:
        with av.open(str(path)) as container:
            ticks = [packet.pts for packet in container.demux(video=0) if packet.pts is not None and packet.size]
            tick_s = float(container.streams.video[0].time_base or 0)
    except (av.FFmpegError, IndexError):
        return np.zeros(0)
    return np.sort(np.array(ticks, np.float64)) * tick_s


class VideoFrameReader:
    """A camera whose episodes lie one after another in video files."""

    def __init__(self, layout: Layout, key: str, threads: int = 0) -> None:
        self.sizes: set[tuple[int, int]] = set()
        self.faults: list[str] = []
        self._layout, self._key, self._threads = layout, key, threads
        self._path: Path | None = None
        self._container: av.container.InputContainer | None = None
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._shown: av.VideoFrame | None = None  # the last one that was not later than asked for
        self._next: av.VideoFrame | None = None
        self.off_s = 0.0

    def pictures(
        self, episode: dict[str, Any], times_s: Sequence[float] | np.ndarray | None = None
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the pictures by time, as LeRobot finds them: the nearest to from_timestamp + a row's timestamp.

        A row from which the nearest is more than half a period away has none.
        """
        start_s, fps = self._layout.begins_s(episode, self._key), self._layout.info.fps
        wanted_s = start_s + (np.arange(episode["length"]) / fps if times_s is None else np.asarray(times_s))
        path = self._layout.video_file(episode, self._key)
        for row in np.argsort(wanted_s, kind="stable"):
            frame = self._nearest(path, wanted_s[row])
            if frame is None or abs(frame.time - wanted_s[row]) > 0.5 / fps + _ROUNDING_S:
                continue
            self.off_s = max(self.off_s, abs(frame.time - wanted_s[row]))
            self.sizes.add((frame.height, frame.width))
            yield int(row), frame.to_ndarray(format="rgb24")

    def close(self) -> None:
        """Close the video."""
        if self._container is not None:
            self._container.close()
        self._container, self._frames, self._path, self._shown, self._next = None, iter(()), None, None, None

    def _nearest(self, path: Path, wanted_s: float) -> av.VideoFrame | None:
        """Return the picture of `path` that is shown nearest to a time; None if it holds none."""
        if path != self._path or (self._shown is not None and wanted_s < self._shown.time):
            self._open(path)
        while self._next is not None and self._next.time <= wanted_s:
            self._shown, self._next = self._next, self._decoded()
        if self._shown is None or self._next is None:
            return self._shown or self._next
        return self._shown if wanted_s - self._shown.time <= self._next.time - wanted_s else self._next

    def _open(self, path: Path) -> None:
        """Begin a file from its start."""
        self.close()
        self._path = path
        try:
            self._container = av.open(str(path))
            stream = self._container.streams.video[0]
            stream.thread_type, stream.thread_count = "AUTO", self._threads
            self._frames = self._container.decode(stream)
        except (av.FFmpegError, IndexError) as error:
            self._note(error)
        self._next = self._decoded()

    def _decoded(self) -> av.VideoFrame | None:
        """Return the next picture that has a time: in a damaged file some have none, and belong to no row."""
        try:
            return next((frame for frame in self._frames if frame.time is not None), None)
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
        self.off_s = 0.0

    def pictures(
        self, episode: dict[str, Any], times_s: Sequence[float] | np.ndarray | None = None
    ) -> Iterator[tuple[int, np.ndarray]]:
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
            if self._key not in file.schema_arrow.names:
                self.faults.append(f"{path.relative_to(self._layout.root)} lacks the column {self._key}")
                return
            for batch in file.iter_batches(_BATCH_ROWS, columns=["episode_index", self._key]):
                yield from batch.to_pylist()

    def _decode(self, cell: Any) -> np.ndarray | None:
        try:
            source = io.BytesIO(cell["bytes"]) if cell["bytes"] else inside(self._layout.root, cell["path"])
            image = np.asarray(Image.open(source).convert("RGB"))
        except (OSError, UnidentifiedImageError, TypeError, KeyError) as error:  # the last two: no picture's cell
            self.faults.append(f"a picture of {self._key} cannot be read ({error})")
            return None
        height, width, _ = image.shape
        self.sizes.add((height, width))
        return image
