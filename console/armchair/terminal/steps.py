"""The three jobs with their words and their bars, used by the commands and by the demo.

Each says before it starts what it will write and where, and afterwards what it found.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from armchair.terminal.progress import duration, meter
from armchair.terminal.say import say as say

if TYPE_CHECKING:
    from armchair_core.processes.parallel import Workers


def record_step(
    task: str,
    hand: str,
    episodes: int,
    seed: int | None,
    image_size: int,
    out: Path,
    workers: "Workers" = None,
    resume: bool = False,
    append: bool = False,
    on_begun: Callable[[], None] = lambda: None,
) -> None:
    """Record a dataset of square images of `image_size` pixels."""
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record

    request = SimulatedRecordingRequest(
        task, hand, episodes, seed, out, image_size, image_size, workers, resume=resume, append=append
    )
    say(f"Recording {episodes} episodes of {task} by the {hand}.")
    say(f"Writes a LeRobotDataset with pictures of {image_size} pixels square to {out}")
    with meter("recording") as shown:
        summary = record(
            request,
            on_episode=lambda at: shown.show("recording", at.kept / at.wanted, f"{at.kept} of {at.wanted}"),
            on_begun=on_begun,
        )
    failed = sum(summary.skipped.values())
    left_out = f" ({failed} failed attempts were left out)" if failed else ""
    say(f"Recorded {summary.episodes} episodes, {summary.frames:,} frames{left_out}, in {duration(summary.wall_s)}.")
