"""The signals of an episode, which the rules look at: its numbers, and a thumbnail of every picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from armchair_core.dataset_format.columns import ACTION, OBSERVED_S, STATE, SUCCESS, camera_name
from armchair_core.dataset_format.layout import Layout
from armchair_core.dataset_format.rows import Rows
from armchair_core.dataset_format.videos import FrameReader
from armchair_core.so101.kinematics import FEATURE_NAMES

OnPicture = Callable[[str, int, np.ndarray], None]  # (camera, frame, uint8[H,W,3])

THUMBNAIL = 16  # pixels a side: enough to see that something moved, 256 bytes a frame
_STILL_JOINT = 0.01  # of the way of the joint that goes farthest: what moves less is noise


def summarize(image: np.ndarray) -> np.ndarray:
    """Return a picture, uint8[H,W,3] in RGB, as a grey thumbnail, uint8[16,16], each pixel the mean of its block.

    0.2 ms for 480 x 640 pixels, 0.01 ms for 96 x 96 (one core): cheap enough to call at every tick.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)


@dataclass(frozen=True)
class CameraSignals:
    """One camera over an episode: `thumbnails` uint8[frames,16,16] from `summarize`.

    `age_s`, float32[frames], is how old each picture was when it was used, where that was measured.
    """

    thumbnails: np.ndarray
    age_s: np.ndarray | None = None

    @classmethod
    def of(cls, thumbnails: Sequence[np.ndarray], age_s: Sequence[float] | np.ndarray | None = None) -> "CameraSignals":
        """Return the signals of what `summarize` answered, one thumbnail a frame."""
        stacked = np.array(thumbnails, np.uint8).reshape(-1, THUMBNAIL, THUMBNAIL)
        return cls(stacked, None if age_s is None else np.asarray(age_s, np.float32))

    @property
    def change(self) -> np.ndarray:
        """Mean change of the thumbnail's pixels since the frame before, float64[frames]; 0 for the first."""
        steps = np.abs(np.diff(self.thumbnails.astype(np.int16), axis=0, prepend=self.thumbnails[:1]))
        return steps.mean(axis=(1, 2))


@dataclass(frozen=True)
class EpisodeSignals:
    """One episode: `state` float32[frames,S] and `action` float32[frames,A] in the robot's own units.

    S is 0 for a robot that reports no state. `names` are the joints' of `state`, () if unknown. `observed_s`,
    float64[frames], is the measured time of each observation since the first. `success` is the operator's mark,
    None if there is none.
    """

    state: np.ndarray
    action: np.ndarray
    fps: float
    names: tuple[str, ...] = ()
    cameras: Mapping[str, CameraSignals] = field(default_factory=dict)
    observed_s: np.ndarray | None = None
    success: bool | None = None

    @property
    def frames(self) -> int:
        """How many rows the episode has."""
        return len(self.action)

    @property
    def finite(self) -> bool:
        """Whether every number of state and action is one."""
        return bool(np.isfinite(self.state).all() and np.isfinite(self.action).all())

    @property
    def is_so101(self) -> bool:
        """Whether the numbers are this arm's: degrees, and the gripper from 0 to 100."""
        return tuple(self.names) == FEATURE_NAMES and self.state.shape == self.action.shape

    def joint(self, index: int) -> str:
        """Return what to call a number of `state` or `action`: ``elbow_flex``, or ``number 2`` for want of a name."""
        return self.names[index].removesuffix(".pos") if index < len(self.names) else f"number {index}"

    @property
    def pace(self) -> np.ndarray:
        """How fast the robot moved at each frame, float64[frames]: 1 is its mean over the episode.

        The median over the joints that move at all, so that a gripper alone does not count as the robot.
        """
        state = np.nan_to_num(self.state).astype(np.float64)
        steps = np.abs(np.diff(state, axis=0, prepend=state[:1]))
        way = steps.sum(axis=0)
        moving = way > _STILL_JOINT * way.max(initial=0)
        if not moving.any():
            return np.zeros(self.frames)
        return np.median(steps[:, moving] * self.frames / way[moving], axis=1)


def read_signals(
    layout: Layout, episode: dict[str, Any], rows: Rows, readers: Mapping[str, FrameReader], look: OnPicture
) -> EpisodeSignals:
    """Return an episode as signals. `look` is shown every picture of every camera on the way."""
    cameras = {}
    for key, reader in readers.items():
        name, thumbnails = camera_name(key), []
        for frame, image in reader.pictures(episode, _times_s(layout, episode, rows)):
            thumbnails.append(summarize(image))
            look(name, frame, image)
        cameras[name] = CameraSignals.of(thumbnails, rows.picture_ages(name))
    return numbers_only(layout, rows, cameras)


def _times_s(layout: Layout, episode: dict[str, Any], rows: Rows) -> np.ndarray | None:
    """Return by which times an episode's pictures are found; None where rows and meta/episodes count differently."""
    return rows.times_s(layout.info.fps) if rows.frames == episode["length"] else None


def numbers_only(layout: Layout, rows: Rows, cameras: Mapping[str, CameraSignals] | None = None) -> EpisodeSignals:
    """Return an episode as signals, with the cameras that are given."""
    success = rows.numbers(SUCCESS)
    return EpisodeSignals(
        state=rows.vectors(STATE),
        action=rows.vectors(ACTION),
        fps=layout.info.fps,
        names=layout.names,
        cameras=cameras or {},
        observed_s=rows.numbers(OBSERVED_S),
        success=None if success is None or not success.size else bool(success.any()),
    )
