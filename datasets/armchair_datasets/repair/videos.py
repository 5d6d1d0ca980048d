"""The videos of one camera: which frames of which file belong to which episode.

Stock LeRobot appends every episode's video to the camera's last file, in the order of the episodes, and begins a
new file with every session and at a size limit. Where the table of episodes is lost, that order is all there is:
it is believed only as far as the frames add up, because rows beside the wrong pictures are worse than no rows.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.logging
import numpy as np
from av.container import InputContainer

from armchair_datasets.recording.video_encoder import copied_stream
from armchair_datasets.repair.parquet.rows import Numbers, Rows

Row = Mapping[str, Any]  # of the table of episodes


@dataclass(frozen=True)
class VideoFile:
    """A video file with pictures for as many `frames` of the dataset; `whole` if none follow that cannot be read.

    It may show more pictures a second than the dataset has frames, or fewer.
    """

    path: Path
    numbers: Numbers
    frames: int
    whole: bool


@dataclass(frozen=True)
class Span:
    """An episode's frames: as many as it has rows, from the frame `first` of `video` on."""

    video: VideoFile
    first: int


def read_video(path: Path, numbers: Numbers, fps: float) -> VideoFile:
    """Count the pictures of a video, without decoding them, and the dataset's frames in their time."""
    shown, promised, end_s = 0, None, 0.0
    try:
        with av.open(str(path)) as container:
            promised = container.streams.video[0].frames
            for packet in _packets(container):
                shown += 1
                end_s = max(end_s, _end_s(packet))
    except (av.FFmpegError, IndexError):
        pass
    # A header that does not tell says 0. Times that do not tell either leave the pictures to be counted.
    return VideoFile(path, numbers, round(end_s * fps) or shown, shown > 0 and promised in (shown, 0))


def _end_s(packet: av.Packet) -> float:
    """Return when a compressed picture is over; 0 if it does not say when it begins."""
    return 0.0 if packet.pts is None else float((packet.pts + (packet.duration or 1)) * (packet.time_base or 0))


def place(
    episodes: Sequence[Rows], videos: Sequence[VideoFile], table: Mapping[int, Row], key: str, fps: float
) -> dict[int, Span | str]:
    """Return where the frames of each episode lie, by its number, or in words why nobody can tell.

    `table` is what is left of the table of episodes; `videos` are in order. An episode that the table leaves out
    is looked for behind the episode before it.
    """
    placed: dict[int, Span | str] = {}
    cursor, previous = _Cursor(videos), -1
    for rows in episodes:
        if rows.episode != previous + 1:
            cursor.lose()
        told = _told(rows, table.get(rows.episode, {}), videos, key, fps)
        if isinstance(told, Span):
            cursor.move(told, rows.length)
        placed[rows.episode] = told or cursor.next(rows)
        previous = rows.episode
    return placed | dict.fromkeys(cursor.withdrawn, "its frames and those of its neighbours do not add up")


class _Cursor:
    """Where the next episode's frames begin: in the video number `at`, behind `offset` frames, or nowhere."""

    def __init__(self, videos: Sequence[VideoFile]) -> None:
        self._videos = videos
        self._at, self._offset = 0, 0
        self._known = True
        self._guesses: list[int] = []  # in the present video
        self.withdrawn: list[int] = []

    def lose(self) -> None:
        self._known = False

    def move(self, span: Span, length: int) -> None:
        self._enter(self._videos.index(span.video), span.first + length)
        self._known = True

    def _enter(self, at: int, offset: int) -> None:
        if at != self._at:
            self._guesses = []
        self._at, self._offset = at, offset

    def next(self, rows: Rows) -> Span | str:
        if not self._known:
            return "nobody can tell any more which frames are its own"
        while self._at < len(self._videos) and self._is_used_up(self._videos[self._at]):
            self._enter(self._at + 1, 0)
        if self._at == len(self._videos):
            return "its video was never written"
        video, first = self._videos[self._at], self._offset
        if first + rows.length > video.frames:
            return self._does_not_fit(video, first, rows.length)
        self._offset += rows.length
        self._guesses.append(rows.episode)
        return Span(video, first)

    def _is_used_up(self, video: VideoFile) -> bool:
        return video.whole and self._offset == video.frames

    def _does_not_fit(self, video: VideoFile, first: int, length: int) -> str:
        """The end of a torn video, or, in a whole one, a sign that some guess before was wrong."""
        if video.whole:
            self.withdrawn += self._guesses
        if video.whole or video is not self._videos[-1]:
            self.lose()
        self._offset = video.frames
        return _too_short(video, first, length)


def _told(rows: Rows, row: Row, videos: Sequence[VideoFile], key: str, fps: float) -> Span | str | None:
    """Return what the table of episodes says, if it is true."""
    begin_s, end_s = (row.get(f"videos/{key}/{end}_timestamp") for end in ("from", "to"))
    if begin_s is None or end_s is None:
        return None
    numbers = (row[f"videos/{key}/chunk_index"], row[f"videos/{key}/file_index"])
    video = next((video for video in videos if video.numbers == numbers), None)
    if video is None:
        return f"its video {key} is missing"
    first, frames = round(begin_s * fps), round((end_s - begin_s) * fps)
    if abs(frames - rows.length) > 1:  # one: durations are rounded
        return f"it has {rows.length} rows and {frames} frames of {key}"
    if first + rows.length > video.frames:
        return _too_short(video, first, rows.length)
    return Span(video, first)


def _too_short(video: VideoFile, first: int, length: int) -> str:
    name = "/".join(video.path.parts[-4:])
    if not video.frames:
        return f"{name} cannot be read"
    return f"{name} ends after {max(0, video.frames - first)} of its {length} frames"


def pictures(span: Span, length: int, wanted: Container[int], fps: float) -> Iterator[np.ndarray]:
    """Decode an episode's `length` frames and yield the `wanted` ones, by number, in order: uint8[H,W,3].

    Raises:
        ValueError: at the first frame that is not there or cannot be decoded; the message says which.
    """
    name, number = "/".join(span.video.path.parts[-4:]), 0
    try:
        with av.open(str(span.video.path)) as container:
            stream = container.streams.video[0]
            tick_s = stream.time_base
            assert tick_s is not None, "the stream of a file has a time base"
            container.seek(max(0, round((span.first - 0.5) / fps / tick_s)), stream=stream)
            for frame in container.decode(stream):
                at = round(frame.pts * tick_s * fps) - span.first
                if at == number:
                    if number in wanted:
                        yield frame.to_ndarray(format="rgb24")
                    number += 1
                if at >= length - 1:
                    break
    except av.FFmpegError as error:
        raise ValueError(f"{name} cannot be decoded at frame {span.first + number}: {error.strerror}") from None
    if number < length:
        raise ValueError(f"{name} has no frame {span.first + number}")


def cut(source: Path, target: Path, until_s: float) -> None:
    """Copy the pictures of a damaged video that are shown before a time into a new one, bit for bit."""
    with av.open(str(source)) as damaged, av.open(str(target), "w", options={"movflags": "faststart"}) as output:
        stream = copied_stream(output, damaged.streams.video[0])
        for packet in _packets(damaged):
            if packet.pts is not None and packet.time_base is not None and packet.pts * packet.time_base >= until_s:
                continue
            packet.stream = stream
            output.mux(packet)


def _packets(container: InputContainer) -> Iterator[av.Packet]:
    """Yield the frames, compressed, up to the first that is torn."""
    for packet in container.demux(video=0):
        if packet.is_corrupt:
            return
        if packet.size:  # the last one marks the end
            yield packet


@contextmanager
def silent() -> Iterator[None]:
    """Keep ffmpeg's libraries from printing what they think of damaged files."""
    av.logging.set_libav_level(av.logging.PANIC)
    try:
        yield
    finally:
        av.logging.set_libav_level(av.logging.INFO)  # ffmpeg's default; it cannot be asked for
