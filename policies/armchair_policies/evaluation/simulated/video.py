"""The video of an episode: frames into an MP4 that every browser plays. Writes one file."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import gymnasium as gym
import numpy as np
from av.video.stream import VideoStream

CRF = 28  # keeps a ten-second episode near 100 kB, and a report embeds several


class Video:
    """H.264 in yuv420p with the index in front, which browsers need to start before all is read.

    Used as a context manager. The file appears under its name only when it is complete.
    """

    def __init__(self, path: Path, fps: int | Fraction, crf: int = CRF) -> None:
        self._path, self._fps, self._crf = path, fps, crf
        self._partial = path.with_name(path.name + ".partial")
        self._stream: VideoStream | None = None

    def __enter__(self) -> "Video":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._container = av.open(str(self._partial), "w", format="mp4", options={"movflags": "+faststart"})
        return self

    def add(self, frame: np.ndarray) -> None:
        """Append an RGB picture, uint8[H, W, 3], of one size in every frame; an odd line at an edge is left out."""
        frame = np.ascontiguousarray(frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2])  # as 4:2:0 wants it
        if self._stream is None:
            self._stream = self._open_stream(*frame.shape[:2])
        self._mux(self._stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))

    def look(self, env: gym.Env) -> None:
        """Append what the environment shows to people.

        Raises:
            TypeError: if it shows no picture.
        """
        frame = env.render()
        if not isinstance(frame, np.ndarray):
            raise TypeError(f"{env} renders {type(frame).__name__}, and no picture")
        self.add(frame)

    def _open_stream(self, height: int, width: int) -> VideoStream:
        stream = self._container.add_stream(
            "libx264", rate=Fraction(self._fps), options={"crf": str(self._crf), "preset": "veryfast"}
        )
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        return stream

    def _mux(self, packets: Iterable[av.Packet]) -> None:
        for packet in packets:
            self._container.mux(packet)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._stream is not None:
                self._mux(self._stream.encode())
        finally:
            self._container.close()
            if kind is not None:
                self._partial.unlink(missing_ok=True)
        if kind is None:
            self._partial.replace(self._path)
