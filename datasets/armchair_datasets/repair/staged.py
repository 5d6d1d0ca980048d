"""Staged pictures: those of an episode that never reached its camera's video file.

Stock LeRobot stages frames as PNG files under `images/`, encodes them to a video in a folder `tmp…` when the
episode is saved, and appends that to the camera's file. Killed in between, or broken by its own
`batch_encoding_size` (lerobot 0.6.1), it leaves whole episodes in one of these two places.
"""

from pathlib import Path

from lerobot.configs import RGBEncoderConfig
from lerobot.datasets.utils import DatasetInfo
from lerobot.datasets.video_utils import encode_video_frames
from PIL import Image, UnidentifiedImageError

from armchair_datasets.repair.videos import Span, VideoFile, read_video


def find_staged(root: Path, key: str, episode: int, length: int, fps: float) -> Span | None:
    """Return all frames of the episode, if they are there: alone in a video file or in a folder of PNG files."""
    for path in sorted(root.glob(f"tmp*/*_{episode:03d}.mp4")):
        video = read_video(path, (0, 0), fps)
        if path.name == f"{key}_{episode:03d}.mp4" and (video.frames, video.whole) == (length, True):
            return Span(video, 0)
    folder = root / "images" / key / f"episode-{episode:06d}"
    names = [f"frame-{frame:06d}.png" for frame in range(length)]
    if sorted(path.name for path in folder.glob("*.png")) == names and all(_is_whole(folder / name) for name in names):
        return Span(VideoFile(folder, (0, 0), length, True), 0)
    return None


def _is_whole(picture: Path) -> bool:
    try:
        with Image.open(picture) as image:
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError):
        return False
    return True


def encode_staged(folder: Path, target: Path, info: DatasetInfo, key: str) -> None:
    """Encode the PNG files as LeRobot would have done."""
    encoder = RGBEncoderConfig.from_video_info(info.features[key].get("info"))
    encode_video_frames(folder, target, info.fps, video_encoder=encoder)


def unfinished_episodes(root: Path) -> set[int]:
    """Return the episodes that left pictures under `images/`."""
    names = {path.parent.name for path in (root / "images").glob("*/episode-*/*")}
    return {int(name.removeprefix("episode-")) for name in names if name.removeprefix("episode-").isdigit()}


def has_leftovers(root: Path) -> bool:
    """Return whether pictures or videos of an unfinished episode lie about.

    They are no mere litter: the next recording's episode of that number would take them up into its video.
    """
    return bool(unfinished_episodes(root)) or any(root.glob("tmp*/*.mp4"))
