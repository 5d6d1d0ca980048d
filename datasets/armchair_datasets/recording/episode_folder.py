"""The episode folder: one finished episode on disk, written once.

    000012/
        episode.json     how it ended: seed, success, steps, ending
        frames.npz       state and action, float32[frames,6], and <camera>_counts, int64[3,256]; of a simulated
                         recording also shoved, bool[frames]; of one in real time also sent, float32[frames,6],
                         observed_s and <camera>_age_s, float[frames]; of both intervention, bool[frames]
        front.mp4, …     one video a camera, as many frames as rows

A failed episode keeps `episode.json` only: its number is taken and nobody learns from it. Whoever records
(simulated or real, paced or not) writes these folders, and `assemble` makes a LeRobotDataset of them.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from armchair_core.durable import write_folder
from armchair_datasets.recording.video_encoder import VideoEncoder
from armchair_robot.loop.episode import Outcome, Tick

_COUNTED_ROWS = 96  # of larger pictures every n-th pixel is counted, as LeRobot does for its statistics


class CameraTrack:
    """One camera's frames, compressed as they come, and the counts that its statistics need."""

    def __init__(self, height: int, width: int, fps: int) -> None:
        self._video = VideoEncoder(height, width, fps)
        self._stride = max(1, height // _COUNTED_ROWS)
        self.frames = 0
        self.counts = np.zeros((3, 256), np.int64)

    def add(self, image: np.ndarray) -> None:
        """Append a uint8[H,W,3] image."""
        self._video.add(image)
        self.counts += count_values(image[:: self._stride, :: self._stride])
        self.frames += 1

    def finish(self) -> bytes:
        """Return the mp4. Nothing may be added afterwards."""
        return self._video.finish()


class EpisodeWriter:
    """A listener of `run_episode` that compresses frames as they come and writes the folder at the end.

    Memory stays at the size of the compressed episode. One writer serves one episode.
    """

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._states: list[np.ndarray] = []
        self._actions: list[np.ndarray] = []
        self._shoved: list[bool] = []
        self._intervention: list[bool] = []
        self._tracks: dict[str, CameraTrack] = {}

    def __call__(self, tick: Tick) -> None:
        """Append a tick: its observation's state and pictures, and its action."""
        self._states.append(np.array(tick.observation["agent_pos"], dtype=np.float32))
        self._actions.append(np.array(tick.action, dtype=np.float32))
        self._shoved.append(tick.shoved)
        self._intervention.append(tick.intervention)
        for camera, image in tick.observation["pixels"].items():
            if camera not in self._tracks:
                height, width = image.shape[:2]
                self._tracks[camera] = CameraTrack(height, width, self._fps)
            self._tracks[camera].add(image)

    def save(self, folder: Path, outcome: Outcome) -> None:
        """Write the episode durably, or only its outcome if it failed.

        Raises:
            OSError: if the disk refuses; then `folder` does not exist.
        """
        rows = {}
        if outcome.success:
            rows = {
                "state": np.stack(self._states),
                "action": np.stack(self._actions),
                "shoved": np.array(self._shoved),
                "intervention": np.array(self._intervention),
            }
        write_episode(folder, outcome, rows, self._tracks)


def write_episode(
    folder: Path, outcome: Outcome, rows: Mapping[str, np.ndarray], tracks: Mapping[str, CameraTrack]
) -> None:
    """Write an episode durably, `rows` being arrays with one row a frame; only the outcome if it failed.

    Raises:
        OSError: if the disk refuses; then `folder` does not exist.
        RuntimeError: if rows and pictures are not equally many.
    """
    files = outcome_files(outcome)
    if outcome.success:
        lengths = {name: len(values) for name, values in rows.items()}
        lengths |= {camera: track.frames for camera, track in tracks.items()}
        if len(set(lengths.values())) != 1:
            raise RuntimeError(f"rows and pictures of {folder} differ in number: {lengths}")
        counts = {f"{camera}_counts": track.counts for camera, track in tracks.items()}
        files["frames.npz"] = _npz({**rows, **counts})
        files |= {f"{camera}.mp4": track.finish() for camera, track in tracks.items()}
    write_folder(folder, files)


def outcome_files(outcome: Outcome) -> dict[str, bytes]:
    """Return the files of an episode folder from which nobody shall learn: its outcome only."""
    facts = {name: value for name, value in asdict(outcome).items() if name != "object_at"}
    return {"episode.json": json.dumps(facts).encode()}


def count_values(image: np.ndarray) -> np.ndarray:
    """Count how often each value occurs in each colour of a uint8[H,W,3] image: int64[3,256].

    All image statistics follow exactly from these counts, 20 times faster than from the pixels.
    """
    return np.stack([np.bincount(image[..., colour].ravel(), minlength=256) for colour in range(3)])


@dataclass(frozen=True)
class Episode:
    """A finished episode folder, read back. Arrays are read when first asked for."""

    folder: Path

    @cached_property
    def outcome(self) -> Outcome:
        """How the episode ended."""
        return Outcome(**json.loads((self.folder / "episode.json").read_text()))

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything in `frames.npz`, by name."""
        with np.load(self.folder / "frames.npz") as arrays:
            return dict(arrays)

    def video(self, camera: str) -> Path:
        """Return where this camera's video lies."""
        return self.folder / f"{camera}.mp4"


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # numpy's stub fears that one is called allow_pickle
    return buffer.getvalue()
