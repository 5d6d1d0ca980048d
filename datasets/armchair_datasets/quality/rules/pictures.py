"""Rules for cameras, whose faults are seen in thumbnails of 16 x 16 grey pixels from 0 to 255.

Thresholds were measured on 110 expert episodes of all tasks (96 x 96, two cameras) and on the same pictures
frozen or halved in rate, at 96 to 480 pixels, as H.264 and as AV1 with LeRobot's settings, with and without noise.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from armchair_datasets.quality.finding import Finding, Level, counted, longest, runs, since
from armchair_datasets.quality.signals import THUMBNAIL, CameraSignals, EpisodeSignals

STUCK_S = 0.3  # a USB camera may take 0.1 s to set its exposure
# Two pictures STUCK_S apart differ by at least 0.1 of the usual while the arm moves, and by 0.00 when frozen: what
# the codec lets flicker is gone in the median of three.
STUCK_RATIO = 0.06
STUCK_CHANGE = 0.15  # of 255, where a camera never changes; a moving arm makes 0.6
# Three in four frames of a frozen picture change by 0.008 or less, lossy or not; of a still scene, a quarter changes by
# 0.06 and more, because a sensor's noise never stands still.
FROZEN_CHANGE = 0.01
MOVING_PACE = 0.5  # of the episode's mean: slower than this, a picture may well look like the one before
# A repeated picture changes 0.06 as much as those beside it at most, one in a thousand real ones 0.12 or less.
REPEAT_RATIO = 0.1
REPEATS_ODD = 0.05  # of the frames in motion; a 25 fps camera in a loop of 30 Hz repeats 0.17 of them
REPEATS_BAD = 0.4  # a camera at half the loop's rate repeats 0.5
FEWEST_REPEATS = 4
DARK = 20  # no pixel brighter: a cap on the lens, or a camera that had no light yet
PLAIN_SPREAD = 8  # between the darkest and the brightest pixel; the plainest sight of the table has 70
BURNT = 250  # a pixel that bright shows nothing any more
BURNT_SHARE = 0.5  # of the picture
SPOILT_S = 0.5  # less of it is a blink,
SPOILT_SHARE = 0.1  # unless it is so much of the episode
# Two cameras' pictures of one moment differed by 33 to 79 (median of each of 120 episodes); a codec adds about 0.1.
SAME_PIXELS = 1.5


def missing_pictures(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find rows without a picture."""
    for name, camera in signals.cameras.items():
        pictures = len(camera.thumbnails)
        if pictures != signals.frames:
            words = f"the {name} camera has {pictures} pictures for {signals.frames} rows"
            yield Finding("missing pictures", "bad", words, (min(pictures, signals.frames), signals.frames))


def stuck_pictures(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find a picture that stands still while the arm moves: frozen, or of a place where the arm was not."""
    for name, camera in _whole(signals):
        stuck = _stuck(camera, signals)
        if not stuck.any():
            continue
        first, end = longest(stuck)
        frozen = np.quantile(camera.change[first:end], 0.75) <= FROZEN_CHANGE
        words = f"the {name} camera {'stood still' if frozen else 'hardly changed'} for "
        words += f"{counted(end - first, signals.fps)} {since(first, signals.fps)}, while the arm moved{_times(stuck)}"
        words += "" if frozen else ": it was frozen, or does not see the arm"
        yield Finding("stuck pictures", "bad" if frozen else "odd", words, (first, end))


def repeated_pictures(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find single pictures that come twice, as from a camera slower than the loop."""
    for name, camera in _whole(signals):
        change, moving = camera.change, _moving(camera, signals) & ~_stuck(camera, signals)
        if not moving.any():
            continue
        beside = np.max([_shifted(change, by) for by in (-2, -1, 1, 2)], axis=0)
        lively = beside > np.quantile(change[moving], 0.75) / 4
        repeated = moving & lively & (change < REPEAT_RATIO * beside)
        count, share = int(repeated.sum()), repeated.sum() / moving.sum()
        if count >= FEWEST_REPEATS and share >= REPEATS_ODD:
            words = f"{count} of the {moving.sum()} pictures that the {name} camera took of the moving arm "
            words += "repeat the one before"
            places = np.flatnonzero(repeated)
            level: Level = "bad" if share >= REPEATS_BAD else "odd"
            yield Finding("repeated pictures", level, words, (int(places[0]), int(places[-1]) + 1))


def blind_pictures(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find pictures that are black, burnt out, or one plain surface."""
    for name, camera in signals.cameras.items():
        for look, mask in _blind(camera).items():
            if mask.any():
                first, end = longest(mask)
                words = f"the {name} camera {look} for {counted(end - first, signals.fps)} {since(first, signals.fps)}"
                spoilt = mask.sum() >= SPOILT_S * signals.fps or mask.mean() >= SPOILT_SHARE
                yield Finding("blind pictures", "bad" if spoilt else "odd", words + _times(mask), (first, end))


def same_pictures(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find two cameras that show the same: one of them was given twice."""
    seeing = [(name, camera) for name, camera in signals.cameras.items() if not np.any(list(_blind(camera).values()))]
    for (name, camera), (other, twin) in combinations(seeing, 2):
        if len(camera.thumbnails) and camera.thumbnails.shape == twin.thumbnails.shape:
            apart = np.abs(camera.thumbnails.astype(np.int16) - twin.thumbnails).mean(axis=(1, 2))
            if np.median(apart) <= SAME_PIXELS:
                words = f"the {name} and the {other} camera show the same pictures: one camera was given twice"
                yield Finding("same pictures", "bad", words, (0, signals.frames))


def _whole(signals: EpisodeSignals) -> Iterator[tuple[str, CameraSignals]]:
    """Yield the cameras whose pictures belong to rows one by one, of a robot that tells whether it moved."""
    for name, camera in signals.cameras.items():
        if len(camera.thumbnails) == signals.frames and signals.state.size:
            yield name, camera


def _stuck(camera: CameraSignals, signals: EpisodeSignals) -> np.ndarray:
    """Return the frames of a standstill that the moving arm contradicts: bool[frames], the last real one left out."""
    stuck, window = np.zeros(signals.frames, bool), max(3, round(STUCK_S * signals.fps))
    if signals.frames <= window + 1:
        return stuck
    pixels, moving = camera.thumbnails.astype(np.int16), _moving(camera, signals)
    away = np.abs(pixels[window:] - pixels[:-window]).mean(axis=(1, 2))
    away = np.median([_shifted(away, by) for by in (-1, 0, 1)], axis=0)
    usual = np.median(away[moving[window:]]) if moving[window:].any() else 0
    for first, end in runs(away <= max(STUCK_RATIO * usual, STUCK_CHANGE)):
        stuck[first + 1 : end + window] = moving[first + 1 : end + window].sum() >= window / 2
    return stuck


def _moving(camera: CameraSignals, signals: EpisodeSignals) -> np.ndarray:
    """Return in which frames this camera should have seen the arm move: bool[frames]. A blind one sees nothing."""
    return (signals.pace >= MOVING_PACE) & ~np.any(list(_blind(camera).values()), axis=0)


def _blind(camera: CameraSignals) -> dict[str, np.ndarray]:
    """Return how a camera saw nothing, and in which frames, bool[frames]."""
    pixels = camera.thumbnails.reshape(-1, THUMBNAIL**2)
    dark = pixels.max(axis=1) < DARK
    burnt = (pixels >= BURNT).mean(axis=1) >= BURNT_SHARE
    plain = (np.ptp(pixels, axis=1) < PLAIN_SPREAD) & ~dark & ~burnt
    return {"was black": dark, "was overexposed": burnt, "saw one plain surface": plain}


def _shifted(values: np.ndarray, by: int) -> np.ndarray:
    """Return each frame's neighbour `by` frames later, at the ends the last one there is."""
    return values[np.clip(np.arange(len(values)) + by, 0, len(values) - 1)]


def _times(mask: np.ndarray) -> str:
    more = len(runs(mask)) - 1
    return f" (and {more} more {'time' if more == 1 else 'times'})" if more else ""
