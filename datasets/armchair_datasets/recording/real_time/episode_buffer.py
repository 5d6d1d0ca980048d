"""The episode buffer of one take: rows in memory, pictures compressed by a thread a camera; the arm never waits.

Compressing lets go of Python's lock, and a queue between bridges what it takes longer. Frames are never dropped:
a queue that is full ends the take, with what has been recorded until then.
"""

import queue
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.quality.signals import CameraSignals, EpisodeSignals, summarize
from armchair_datasets.recording.episode_folder import CameraTrack, write_episode
from armchair_robot.loop.episode import Outcome
from armchair_robot.loop.moment import Moment

QUEUE_FRAMES = 60  # two seconds of 480 x 640 pictures, 55 MB a camera


class EpisodeBuffer:
    """The moments of a take at `fps`, which become an episode folder or are thrown away."""

    def __init__(self, cameras: Mapping[str, tuple[int, int]], fps: int) -> None:
        """`cameras`: (height, width) by name."""
        self._fps = fps
        self._moments: list[tuple[np.ndarray, np.ndarray, np.ndarray, float, dict[str, float], bool]] = []
        self._tracks = {name: _TrackThread(height, width, fps) for name, (height, width) in cameras.items()}

    def __len__(self) -> int:
        """Return how many frames were taken."""
        return len(self._moments)

    @property
    def waiting(self) -> int:
        """How many pictures of one camera wait to be compressed, at most."""
        return max((track.waiting for track in self._tracks.values()), default=0)

    def add(self, moment: Moment) -> bool:
        """Take a moment, without waiting; False if the machine is behind and no more can be taken."""
        if any(track.is_full for track in self._tracks.values()):
            return False
        for name, track in self._tracks.items():
            track.put(moment.observation[name])
        self._moments.append(
            (moment.state, moment.asked, moment.sent, moment.observed_s, moment.ages_s, moment.intervention)
        )
        return True

    def finish(self) -> None:
        """Wait until all pictures are compressed. Nothing may be added afterwards.

        Raises whatever a camera's thread has died of.
        """
        for track in self._tracks.values():
            track.end()
        for track in self._tracks.values():
            track.join()

    def abandon(self) -> None:
        """Throw the take away; its threads end by themselves."""
        for track in self._tracks.values():
            track.end()

    def signals(self, success: bool) -> EpisodeSignals:
        """Return what the verdict is reached from; after `finish`."""
        rows = self.rows()
        cameras = {
            name: CameraSignals.of(track.thumbnails, rows[f"{name}_age_s"]) for name, track in self._tracks.items()
        }
        return EpisodeSignals(
            rows["state"], rows["action"], self._fps, FEATURE_NAMES, cameras, rows["observed_s"], success
        )

    def rows(self) -> dict[str, np.ndarray]:
        """Return the arrays of the episode folder, one row a frame."""
        state, asked, sent, observed_s, ages_s, intervention = zip(*self._moments, strict=True)
        ages = {
            f"{name}_age_s": np.array([age_s.get(name, np.inf) for age_s in ages_s], np.float32)
            for name in self._tracks
        }
        since_s = np.array(observed_s) - observed_s[0]
        return {"state": np.stack(state), "action": np.stack(asked), "sent": np.stack(sent)} | {
            "observed_s": since_s,
            **ages,
            "intervention": np.array(intervention),
        }

    def save(self, folder: Path, outcome: Outcome) -> None:
        """Write the episode durably; after `finish`.

        Raises:
            OSError: if the disk refuses; then `folder` does not exist.
        """
        tracks = {name: track.track for name, track in self._tracks.items()}
        write_episode(folder, outcome, self.rows() if outcome.success else {}, tracks)


class _TrackThread:
    """A camera's track, fed through a bounded queue."""

    def __init__(self, height: int, width: int, fps: int) -> None:
        self.track = CameraTrack(height, width, fps)
        self.thumbnails: list[np.ndarray] = []
        self._queue: queue.Queue[np.ndarray | None] = queue.Queue()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    @property
    def is_full(self) -> bool:
        return self.waiting >= QUEUE_FRAMES

    def put(self, image: np.ndarray) -> None:
        self._queue.put(image)

    def end(self) -> None:
        self._queue.put(None)

    def join(self) -> None:
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (image := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self.track.add(image)
                    self.thumbnails.append(summarize(image))
                except Exception as error:  # told by `join`, in the thread that can do something about it
                    self._error = error
