"""The check of a whole LeRobotDataset v3.0: every episode by the rules, and the dataset against its description."""

import json
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from armchair_core.dataset_format.columns import camera_name
from armchair_core.dataset_format.layout import open_layout
from armchair_core.dataset_format.rows import read_rows
from armchair_core.dataset_format.videos import open_frame_readers
from armchair_core.files import write_atomically
from armchair_datasets.quality.consistency import dataset_findings, episode_findings
from armchair_datasets.quality.finding import LEVELS, Finding, Level, worst
from armchair_datasets.quality.signals import EpisodeSignals, OnPicture, numbers_only, read_signals
from armchair_datasets.quality.verdict import EpisodeQuality, describe, judge

FORMAT = 1  # of meta/quality.json


@dataclass(frozen=True)
class EpisodeVerdict:
    """An episode by its index in the dataset."""

    index: int
    verdict: EpisodeQuality


@dataclass(frozen=True)
class DatasetVerdict:
    """`findings` concern the dataset as a whole; `cameras` by the names used in sentences."""

    root: Path
    robot_type: str | None
    fps: float
    cameras: tuple[str, ...]
    tasks: tuple[str, ...]
    findings: tuple[Finding, ...]
    episodes: tuple[EpisodeVerdict, ...]

    @property
    def frames(self) -> int:
        """How many rows all episodes have."""
        return sum(episode.verdict.frames for episode in self.episodes)

    @property
    def level(self) -> Level:
        """The worst of everything."""
        levels = [episode.verdict.level for episode in self.episodes]
        return worst([*levels, *(finding.level for finding in self.findings)])

    @property
    def counts(self) -> dict[Level, int]:
        """How many episodes are good, odd and bad."""
        levels = [episode.verdict.level for episode in self.episodes]
        return {level: levels.count(level) for level in LEVELS}

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints and meta/quality.json holds. It does not depend on where the dataset lies."""
        return {
            "format": FORMAT,
            "level": self.level,
            "episodes": len(self.episodes),
            "frames": self.frames,
            "seconds": round(self.frames / self.fps, 1),
            "counts": dict(self.counts),
            "robot_type": self.robot_type,
            "fps": self.fps,
            "cameras": list(self.cameras),
            "tasks": list(self.tasks),
            "findings": [asdict(finding) for finding in self.findings],
            "verdicts": [
                {
                    "episode": episode.index,
                    "frames": episode.verdict.frames,
                    "level": episode.verdict.level,
                    "findings": [asdict(finding) for finding in episode.verdict.findings],
                }
                for episode in self.episodes
            ],
        }


# Told after each episode: (episodes done, episodes in all).
OnEpisode = Callable[[int, int], None]
# Told before an episode's pictures are read: (its index, episodes in all, its numbers). Answers who looks at them.
Watch = Callable[[int, int, EpisodeSignals], OnPicture]


def check(root: Path, on_episode: OnEpisode | None = None, watch: Watch | None = None) -> DatasetVerdict:
    """Judge the dataset in `root`. Reads every row and every picture once, and writes nothing.

    Memory holds the rows (some 150 MB a million frames of a six-joint arm), an episode's thumbnails, a picture.

    Raises:
        ArmchairError: if there is no dataset of version 3 there, or it cannot be read: it may need repair.
    """
    layout = open_layout(root)
    rows, readers, total = read_rows(layout), open_frame_readers(layout), len(layout.episodes)
    plain = {index: numbers_only(layout, one) for index, one in rows.items()}
    context, verdicts = describe(plain.values()), []
    with ExitStack() as stack:
        for reader in readers.values():
            stack.enter_context(closing(reader))
        for episode in layout.episodes:
            index = episode["episode_index"]
            look = watch(index, total, plain[index]) if watch else _look_away
            signals = read_signals(layout, episode, rows[index], readers, look)
            also = episode_findings(layout, episode, rows[index])
            verdicts.append(EpisodeVerdict(index, judge(signals, context, also)))
            if on_episode is not None:
                on_episode(len(verdicts), total)
    return DatasetVerdict(
        root=root,
        robot_type=layout.info.robot_type,
        fps=layout.info.fps,
        cameras=tuple(camera_name(key) for key in layout.cameras),
        tasks=tuple(layout.tasks[index] for index in sorted(layout.tasks)),
        findings=tuple(dataset_findings(layout, rows, readers)),
        episodes=tuple(verdicts),
    )


def _look_away(camera: str, frame: int, image: np.ndarray) -> None:
    """Do nothing with a picture."""


def save(verdict: DatasetVerdict) -> Path:
    """Write meta/quality.json into the dataset, where cards read it, and return its path."""
    path = verdict.root / "meta" / "quality.json"
    write_atomically(path, json.dumps(verdict.as_dict(), indent=2, ensure_ascii=False) + "\n")
    return path
