"""The video encoder: one camera's frames as H.264 in memory, and videos joined without encoding them again.

A frame seen in training differs from the frame that the policy will see on the arm by what is lost here, so
that the settings buy quality with bytes. Per frame and core, against the frame itself:

    96 x 96, simulated      ours      0.24 ms    1.6 kB   41.2 dB (worst frame 36.6)
                            stock     1.1 ms     0.7 kB   29.3 dB (24.5)
    480 x 640, with noise   ours      2.0 ms     8.8 kB   35.7 dB
                            veryfast  4.6 ms     8.2 kB   35.3 dB
                            stock    10.6 ms     3.3 kB   35.8 dB

Stock is LeRobot 0.6.1's AV1 (preset 12, crf 30). Two cameras of 480 x 640 at 30 Hz are 12 % of one core with
ours and 64 % with stock's.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

CODEC: Final = "h264"
KEYFRAME_EVERY = 2  # as stock LeRobot: a random frame costs at most one frame more to decode
EXTRA_OPTIONS = {
    # No B-frames: every frame keeps its place in decode order, so joined videos need no edit lists.
    "bf": "0",
    # No look-ahead: below 64 pixels of width x264's reads memory that it never wrote, and the same frames came
    # out as different bytes in one encoding of ten. Nor is there anything to look for with a keyframe this near.
    "rc-lookahead": "0",
    "weightp": "0",
}
_LARGE = 240  # rows of pixels


@dataclass(frozen=True)
class Settings:
    """What x264 is told, in LeRobot's words (configs/video.py); `options` as x264 takes them."""

    pix_fmt: str
    crf: int
    preset: str
    options: Mapping[str, str] = field(default_factory=lambda: EXTRA_OPTIONS)


# Full colour resolution: halving it costs 9 dB by itself, as a cube is a few pixels wide. The price: Chrome and
# every ffmpeg-based reader play it, Firefox and Safari do not.
SMALL = Settings("yuv444p", 12, "veryfast")
# As every player takes it. The quickest preset is also the better one: it spends no effort on a camera's noise.
LARGE = Settings("yuv420p", 23, "ultrafast")


def settings_for(height: int) -> Settings:
    """Return the settings for pictures of `height` rows."""
    return SMALL if height < _LARGE else LARGE


class VideoEncoder:
    """Encodes uint8 RGB frames of one size as they come, holding only the compressed video in memory.

    One thread, so that the same frames give the same bytes on any number of cores. No container is open
    before `finish`: PyAV 15 crashes the process when one that writes to memory is thrown away unfinished.
    """

    def __init__(self, height: int, width: int, fps: int) -> None:
        self._fps = fps
        self._frames = 0
        self._compressed = io.BytesIO()
        self._codec = av.CodecContext.create(CODEC, "w")
        settings = settings_for(height)
        self._codec.height, self._codec.width, self._codec.pix_fmt = height, width, settings.pix_fmt
        self._codec.framerate, self._codec.time_base = Fraction(fps), Fraction(1, fps)
        self._codec.thread_count = 1
        self._codec.options = {
            "crf": str(settings.crf), "g": str(KEYFRAME_EVERY), "preset": settings.preset, **settings.options,
        }  # fmt: skip

    def add(self, image: np.ndarray) -> None:
        """Append one uint8[H,W,3] image."""
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts, frame.time_base = self._frames, self._codec.time_base
        self._write(self._codec.encode(frame))
        self._frames += 1

    def finish(self) -> bytes:
        """Return the complete mp4. Nothing may be added afterwards."""
        self._write(self._codec.encode(None))
        self._compressed.seek(0)
        target, options = io.BytesIO(), {"framerate": str(self._fps)}
        with (
            av.open(self._compressed, "r", format="h264", options=options) as source,
            av.open(target, "w", format="mp4") as output,
        ):
            stream = copied_stream(output, source.streams.video[0])
            written = _append(source, output, stream, 0, self._fps)
        if written != self._frames:
            raise RuntimeError(f"{self._frames} frames became {written} pictures of the video")
        return target.getvalue()

    def _write(self, packets: Sequence[av.Packet]) -> None:
        for packet in packets:
            self._compressed.write(bytes(packet))


def copied_stream(output: OutputContainer, source: VideoStream) -> VideoStream:
    """Return a stream for packets of `source` as they are, of whatever codec.

    PyAV looks for an encoder otherwise, and under the name of the decoder, which AV1 has none of.
    """
    return output.add_stream_from_template(source, opaque=True)


def join_videos(parts: Sequence[Path], target: Path, fps: int) -> list[int]:
    """Write the parts one after another into `target`, bit for bit, and return each part's number of frames.

    The parts must come from `VideoEncoder` with one size and frame rate. LeRobot's `concatenate_video_files`
    does the same through a list file in the system's temporary folder; here nothing leaves the target's disk.
    """
    lengths: list[int] = []
    with av.open(str(target), "w", options={"movflags": "faststart"}) as output:
        stream = None
        for part in parts:
            with av.open(str(part)) as source:
                if stream is None:
                    stream = copied_stream(output, source.streams.video[0])
                lengths.append(_append(source, output, stream, sum(lengths), fps))
    return lengths


def _append(source: InputContainer, output: OutputContainer, stream: VideoStream, first: int, fps: int) -> int:
    """Copy every packet of `source` into `stream` behind `first` frames and return how many there were."""
    count = 0
    for packet in source.demux(video=0):
        if packet.size == 0:  # the demuxer's end mark
            continue
        packet.time_base = Fraction(1, fps)
        packet.pts = packet.dts = first + count
        packet.duration, packet.stream = 1, stream
        output.mux(packet)
        count += 1
    return count


def last_frame(path: Path) -> np.ndarray:
    """Return the last picture of a video: uint8[H,W,3]."""
    with av.open(str(path)) as container:
        *_, frame = container.decode(video=0)
    return frame.to_ndarray(format="rgb24")
