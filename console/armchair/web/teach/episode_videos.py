"""Episode videos for browsers that do not play what the dataset holds: H.264 4:2:0, as they all do."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from fastapi.concurrency import run_in_threadpool

from armchair.web.teach.library import DatasetLibrary
from armchair_core.command_line import named
from armchair_core.errors import ArmchairError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_KEPT = 32  # films; some 100 kB each


class EpisodeVideos:
    """Episode videos, made when they are asked for, one at a time, and kept while the page's server runs."""

    def __init__(self, library: DatasetLibrary) -> None:
        self._library = library
        self._folder = TemporaryDirectory(prefix="armchair-films-")
        self._turn = asyncio.Lock()  # whoever waits for it keeps no thread from others

    async def film(self, name: str, index: int, camera: str) -> Path:
        """Return the file with a camera's pictures of one episode, and nothing else.

        Raises:
            ArmchairError: if there is no such episode or camera, or its video cannot be read.
        """
        async with self._turn:
            return await run_in_threadpool(self._film, name, index, camera)

    def _film(self, name: str, index: int, camera: str) -> Path:
        file, (from_s, to_s) = self._library.video(name, index, camera)
        identity = f"{file} {file.stat().st_mtime_ns} {from_s} {to_s}"
        film = Path(self._folder.name) / f"{hashlib.sha256(identity.encode()).hexdigest()}.mp4"
        if not film.exists():
            self._make(film, file, from_s, to_s)
        return film

    def _make(self, film: Path, file: Path, from_s: float, to_s: float) -> None:
        import av  # not before a film is asked for

        from armchair_policies.evaluation.simulated.video import Video

        for old in sorted(film.parent.glob("*.mp4"), key=lambda path: path.stat().st_mtime)[: 1 - _KEPT]:
            old.unlink()
        try:
            with av.open(str(file)) as source:
                stream = source.streams.video[0]
                rate, tick_s = stream.average_rate, stream.time_base
                if not rate or not tick_s:
                    raise IndexError("it says neither how fast it is nor when its pictures are shown")
                half_s = 0.5 / float(rate)
                source.seek(max(0, round((from_s - half_s) / tick_s)), stream=stream)
                with Video(film, rate, crf=20) as video:
                    for picture in _pictures(source, stream, from_s - half_s, to_s - half_s):
                        video.add(picture)
        except (av.FFmpegError, IndexError) as error:
            raise ArmchairError(f"the pictures in {file} cannot be read: see `{named('check')}`.") from error


def _pictures(source: "InputContainer", stream: "VideoStream", from_s: float, to_s: float) -> Iterator[np.ndarray]:
    """What is shown from `from_s` to before `to_s`, uint8[H, W, 3]; `source` has been sought to the place."""
    shown = 0
    for frame in source.decode(stream):
        if frame.time is None or frame.time >= to_s:
            break
        if frame.time >= from_s:
            yield frame.to_ndarray(format="rgb24")
            shown += 1
    if not shown:
        raise IndexError("no picture lies there")
