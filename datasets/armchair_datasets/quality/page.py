"""The page of a dataset's verdict: one file for a projector, with pictures and joint plots."""

import io
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from armchair_core.files import write_atomically
from armchair_datasets.quality.check import DatasetVerdict
from armchair_datasets.quality.finding import LEVELS, Finding
from armchair_datasets.quality.signals import EpisodeSignals, OnPicture

MOMENTS = 5  # pictures of each camera and episode, from the first to the last
MOST_PICTURES = 1500  # on a page: 4 MB; beyond, each episode gets fewer
PICTURE_WIDTH = 144  # pixels at most
PLOT_POINTS = 90
PLOT_WIDTH, PLOT_HEIGHT = 600, 130
MARGIN = 0.06  # of a plot's height, above and below
# Colours that people with any colour vision tell apart (Okabe and Ito, 2008).
JOINT_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")


@dataclass
class Sight:
    """What the page shows of an episode: its numbers, and (second, data URI) of each camera's pictures."""

    signals: EpisodeSignals
    strips: dict[str, list[tuple[float, str]]] = field(default_factory=dict)


class Album:
    """Keeps small pictures while `check` reads: pass `watch` to it."""

    def __init__(self) -> None:
        self.sights: dict[int, Sight] = {}

    def watch(self, index: int, total: int, signals: EpisodeSignals) -> OnPicture:
        """Open a sheet for an episode of `total`, and return the function that looks at its pictures."""
        sight = self.sights[index] = Sight(signals)
        moments = int(np.clip(MOST_PICTURES // (2 * max(total, 1)), 1, MOMENTS))
        ends = np.linspace(0, signals.frames - 1, moments) if moments > 1 else [signals.frames / 2]
        wanted = {round(frame) for frame in ends}

        def look(camera: str, frame: int, image: np.ndarray) -> None:
            strip = sight.strips.setdefault(camera, [])
            if frame in wanted:
                strip.append((frame / signals.fps, _picture(image)))

        return look


def write_page(path: Path, verdict: DatasetVerdict, album: Album) -> None:
    """Write the page as one file."""
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    write_atomically(path, page.get_template("page.html.j2").render(_contents(verdict, album)))


def _contents(verdict: DatasetVerdict, album: Album) -> dict[str, Any]:
    scale = _scale([sight.signals for sight in album.sights.values()])
    cards = [_card(verdict, album, number, scale) for number in range(len(verdict.episodes))]
    first = next((sight.signals for sight in album.sights.values() if sight.signals.frames), None)
    joints = [first.joint(joint) for joint in range(first.state.shape[1] or first.action.shape[1])] if first else []
    return {
        "verdict": verdict,
        "name": verdict.root.resolve().name,
        "cards": sorted(cards, key=lambda card: -LEVELS.index(card["level"])),
        "in_order": cards,
        "joints": [(name, JOINT_COLOURS[joint % len(JOINT_COLOURS)]) for joint, name in enumerate(joints)],
        "plot": {"width": PLOT_WIDTH, "height": PLOT_HEIGHT},
        "one_scale": bool(first and first.is_so101),
    }


def _card(verdict: DatasetVerdict, album: Album, number: int, scale: np.ndarray) -> dict[str, Any]:
    episode = verdict.episodes[number]
    sight, one = album.sights[episode.index], episode.verdict
    return {
        "index": episode.index,
        "level": one.level,
        "frames": one.frames,
        "seconds": one.frames / one.fps,
        "findings": one.findings,
        "strips": sight.strips,
        "bands": [_band(finding, one.frames) for finding in one.findings if finding.frames],
        "lines": list(_lines(sight.signals, scale)),
    }


def _scale(episodes: list[EpisodeSignals]) -> np.ndarray:
    """Return each joint's (lowest, highest) value over the dataset, float[2, joints]; of all together for our arm."""
    values = [part[np.isfinite(part).all(axis=1)] for one in episodes for part in (one.state, one.action) if part.size]
    width = min((part.shape[1] for part in values), default=0)
    stacked = np.concatenate([part[:, :width] for part in values]) if values else np.zeros((0, 0))
    if not stacked.size:
        return np.array([[0.0], [1.0]])
    low, high = stacked.min(axis=0), stacked.max(axis=0)
    if episodes[0].is_so101:
        low, high = np.full(width, low.min()), np.full(width, high.max())
    return np.stack([low, np.where(high > low, high, low + 1)])


def _lines(signals: EpisodeSignals, scale: np.ndarray) -> Iterator[tuple[str, str, str]]:
    """Yield (what it is, colour, SVG points) of every joint: first what it was told, thin, then what it did."""
    if signals.frames < 2:
        return
    frames = np.unique(np.linspace(0, signals.frames - 1, PLOT_POINTS).round().astype(int))
    across = frames / (signals.frames - 1) * PLOT_WIDTH
    for kind, values in (("told", signals.action), ("did", signals.state)):
        for joint in range(min(values.shape[1], scale.shape[1])):
            low, high = scale[:, joint]
            share = (values[frames, joint] - low) / (high - low)
            down = PLOT_HEIGHT * (1 - MARGIN - (1 - 2 * MARGIN) * np.clip(share, -0.05, 1.05))
            points = [f"{x:.0f},{y:.1f}" for x, y in zip(across, down, strict=True) if np.isfinite(y)]
            yield kind, JOINT_COLOURS[joint % len(JOINT_COLOURS)], " ".join(points)


def _band(finding: Finding, frames: int) -> dict[str, Any]:
    """Return where a finding lies in the plot, at least a few pixels wide."""
    first, end = finding.frames or (0, 0)
    left, right = first / max(frames, 1) * PLOT_WIDTH, end / max(frames, 1) * PLOT_WIDTH
    return {"level": finding.level, "words": finding.words, "left": left, "width": max(right - left, 4.0)}


def _picture(image: np.ndarray) -> str:
    picture = Image.fromarray(image)
    picture.thumbnail((PICTURE_WIDTH, PICTURE_WIDTH))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=75)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode()}"
