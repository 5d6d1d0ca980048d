"""Which frames of which video belong to which episode, for one camera.

Stock LeRobot appends every episode's video to the camera's last file, in the order of the episodes, and begins a
new file with every session and at a size limit. Where the table of episodes is lost, that order is all there is:
it is believed only as far as the frames add up, because rows beside the wrong pictures are worse than no rows.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from armchair_datasets.repair.parquet.rows import Numbers, Rows

Row = Mapping[str, Any]  # of the table of episodes


@dataclass(frozen=True)
class EpisodeVideo:
    """A video file with as many readable frames; `whole` if none follow that are not."""

    path: Path
    numbers: Numbers
    frames: int
    whole: bool


@dataclass(frozen=True)
class Span:
    """An episode's frames: as many as it has rows, from the frame `first` of `film` on."""

    film: EpisodeVideo
    first: int


def read_film(path: Path, numbers: Numbers) -> EpisodeVideo:
    """Count the frames without decoding them."""
    import av

    frames, promised = 0, None
    try:
        with av.open(str(path)) as container:
            promised = container.streams.video[0].frames
            for _ in _packets(container):
                frames += 1
    except (av.FFmpegError, IndexError):
        pass
    return EpisodeVideo(path, numbers, frames, frames > 0 and promised in (frames, 0))  # 0: its header does not tell


def place(
    episodes: Sequence[Rows], films: Sequence[EpisodeVideo], table: Mapping[int, Row], key: str, fps: int
) -> dict[int, Span | str]:
    """Where the frames of each episode lie, by its number, or in words why nobody can tell.

    `table` is what is left of the table of episodes; `films` are in order. An episode that the table leaves out
    is looked for behind the episode before it.
    """
    placed: dict[int, Span | str] = {}
    cursor, previous = _Cursor(films), -1
    for rows in episodes:
        if rows.episode != previous + 1:
            cursor.lose()
        told = _told(rows, table.get(rows.episode, {}), films, key, fps)
        if isinstance(told, Span):
            cursor.move(told, rows.length)
        placed[rows.episode] = told or cursor.next(rows)
        previous = rows.episode
    return placed | dict.fromkeys(cursor.withdrawn, "its frames and those of its neighbours do not add up")


class _Cursor:
    """Where the next episode's frames begin: in the film number `at`, behind `offset` frames, or nowhere."""

    def __init__(self, films: Sequence[EpisodeVideo]) -> None:
        self._films = films
        self._at, self._offset = 0, 0
        self._known = True
        self._guesses: list[int] = []  # in the present film
        self.withdrawn: list[int] = []

    def lose(self) -> None:
        self._known = False

    def move(self, span: Span, length: int) -> None:
        self._enter(self._films.index(span.film), span.first + length)
        self._known = True

    def _enter(self, at: int, offset: int) -> None:
        if at != self._at:
            self._guesses = []
        self._at, self._offset = at, offset

    def next(self, rows: Rows) -> Span | str:
        if not self._known:
            return "nobody can tell any more which frames are its own"
        while self._at < len(self._films) and self._is_used_up(self._films[self._at]):
            self._enter(self._at + 1, 0)
        if self._at == len(self._films):
            return "its video was never written"
        film, first = self._films[self._at], self._offset
        if first + rows.length > film.frames:
            return self._does_not_fit(film, first, rows.length)
        self._offset += rows.length
        self._guesses.append(rows.episode)
        return Span(film, first)

    def _is_used_up(self, film: EpisodeVideo) -> bool:
        return film.whole and self._offset == film.frames

    def _does_not_fit(self, film: EpisodeVideo, first: int, length: int) -> str:
        """The end of a torn film, or, in a whole one, a sign that some guess before was wrong."""
        if film.whole:
            self.withdrawn += self._guesses
        if film.whole or film is not self._films[-1]:
            self.lose()
        self._offset = film.frames
        return _too_short(film, first, length)


def _told(rows: Rows, row: Row, films: Sequence[EpisodeVideo], key: str, fps: int) -> Span | str | None:
    """What the table of episodes says, if it is true."""
    begin_s, end_s = (row.get(f"videos/{key}/{end}_timestamp") for end in ("from", "to"))
    if begin_s is None or end_s is None:
        return None
    numbers = (row[f"videos/{key}/chunk_index"], row[f"videos/{key}/file_index"])
    film = next((film for film in films if film.numbers == numbers), None)
    if film is None:
        return f"its video {key} is missing"
    first, frames = round(begin_s * fps), round((end_s - begin_s) * fps)
    if abs(frames - rows.length) > 1:  # one: durations are rounded
        return f"it has {rows.length} rows and {frames} frames of {key}"
    if first + rows.length > film.frames:
        return _too_short(film, first, rows.length)
    return Span(film, first)


def _too_short(film: EpisodeVideo, first: int, length: int) -> str:
    name = "/".join(film.path.parts[-4:])
    if not film.frames:
        return f"{name} cannot be read"
    return f"{name} ends after {max(0, film.frames - first)} of its {length} frames"


def pictures(span: Span, length: int, wanted: Container[int], fps: int) -> Iterator[np.ndarray]:
    """Decode an episode's `length` frames and yield the `wanted` ones, by number, in order: uint8[H,W,3].

    Raises:
        ValueError: at the first frame that is not there or cannot be decoded; the message says which.
    """
    import av

    name, number = "/".join(span.film.path.parts[-4:]), 0
    try:
        with av.open(str(span.film.path)) as container:
            stream = container.streams.video[0]
            container.seek(max(0, round((span.first - 0.5) / fps / stream.time_base)), stream=stream)
            for frame in container.decode(stream):
                at = round(frame.pts * stream.time_base * fps) - span.first
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


def cut(source: Path, target: Path, frames: int) -> None:
    """Copy the first `frames` frames of a damaged video into a new one, bit for bit."""
    import av

    with av.open(str(source)) as damaged, av.open(str(target), "w", options={"movflags": "faststart"}) as output:
        stream = output.add_stream_from_template(damaged.streams.video[0])
        for packet, _ in zip(_packets(damaged), range(frames), strict=False):
            packet.stream = stream
            output.mux(packet)


def _packets(container: Any) -> Iterator[Any]:
    """The frames, compressed, up to the first that is torn."""
    for packet in container.demux(video=0):
        if packet.is_corrupt:
            return
        if packet.size:  # the last one marks the end
            yield packet


@contextmanager
def silent() -> Iterator[None]:
    """Keep ffmpeg's libraries from printing what they think of damaged files."""
    import av

    av.logging.set_libav_level(av.logging.PANIC)
    try:
        yield
    finally:
        av.logging.set_libav_level(av.logging.INFO)  # ffmpeg's default; it cannot be asked for
