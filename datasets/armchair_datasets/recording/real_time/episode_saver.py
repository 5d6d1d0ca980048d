"""The episode saver: takes judged and written by a thread of their own, while the arm goes on moving.

Invariant: a take is reported as saved only when its folder is on the disk for good.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from armchair_core.durable import replace_folder
from armchair_datasets.quality.rules.demonstration import Context
from armchair_datasets.quality.verdict import EpisodeQuality, judge
from armchair_datasets.recording.episode_folder import Episode, outcome_files
from armchair_datasets.recording.real_time.episode_buffer import EpisodeBuffer
from armchair_robot.loop.episode import Outcome

REFUSED = "refused by the verdict"


@dataclass(frozen=True)
class SavedEpisode:
    """A take that is safe: how it ended, its verdict, and how long writing it took beyond compressing (s)."""

    outcome: Outcome
    verdict: EpisodeQuality | None
    save_s: float


class EpisodeSaver:
    """The episode folders of a recording, in order. `strict` refuses takes with a bad verdict."""

    def __init__(self, folder: Path, strict: bool = False) -> None:
        self._folder, self._strict = folder, strict
        self._saver = ThreadPoolExecutor(1)
        self._saving: Future[SavedEpisode] | None = None
        episodes = self._episodes()
        outcomes = [episode.outcome for episode in episodes]
        self._lengths = [outcome.steps for outcome in outcomes if outcome.success]
        self.number = int(episodes[-1].folder.name) + 1 if episodes else 0  # of the next take

    @property
    def kept(self) -> int:
        """How many takes are safe and will be in the dataset."""
        return len(self._lengths)

    @property
    def is_saving(self) -> bool:
        """Whether a take is being written, or has been and waits for `collect`."""
        return self._saving is not None

    def save(self, buffer: EpisodeBuffer, outcome: Outcome) -> None:
        """Begin to make a take safe; `collect` tells when it is."""
        self._saving = self._saver.submit(self._save, buffer, self._folder / f"{self.number:06d}", outcome)
        self.number += 1

    def collect(self, block: bool = False) -> SavedEpisode | None:
        """Return the take that has been made safe since the last call, if there is one; `block` waits for it.

        Raises:
            OSError: if the disk refused it.
        """
        if self._saving is None or not (block or self._saving.done()):
            return None
        saving, self._saving = self._saving, None
        saved = saving.result()
        if saved.outcome.success:
            self._lengths.append(saved.outcome.steps)
        return saved

    def take_back(self, ending: str) -> None:
        """Make the last take a failure that ended so: its number stays taken, its pictures go."""
        episodes = self._episodes()
        if episodes and episodes[-1].outcome.success:
            outcome = replace(episodes[-1].outcome, success=False, ending=ending)
            replace_folder(episodes[-1].folder, outcome_files(outcome))
            self._lengths.pop()

    def close(self) -> None:
        """Wait for what is being written."""
        self._saver.shutdown()

    def _save(self, buffer: EpisodeBuffer, folder: Path, outcome: Outcome) -> SavedEpisode:
        buffer.finish()
        verdict = None
        if outcome.success:
            verdict = judge(buffer.signals(outcome.success), Context(lengths=tuple(self._lengths)))
            if self._strict and verdict.level == "bad":
                outcome = replace(outcome, success=False, ending=REFUSED)
        began_s = time.perf_counter()
        buffer.save(folder, outcome)
        return SavedEpisode(outcome, verdict, time.perf_counter() - began_s)

    def _episodes(self) -> list[Episode]:
        return [Episode(folder) for folder in sorted(self._folder.glob("[0-9]" * 6))]
