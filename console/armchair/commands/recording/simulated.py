"""The simulated recording of `armchair record`, with its words and its progress bar."""

from collections.abc import Callable

from armchair.terminal.progress import duration, meter
from armchair.terminal.say import say
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record


def record_step(request: SimulatedRecordingRequest, on_begun: Callable[[], None] = lambda: None) -> None:
    """Record as it is asked for; `on_begun` is called when the recording has its working folder.

    Raises:
        ArmchairError: as `record`.
    """
    say(f"Recording {request.episodes} episodes of {request.task} by the {request.hand}.")
    say(f"Writes a LeRobotDataset with pictures of {request.width} pixels square to {request.out}")
    with meter("recording") as shown:
        summary = record(
            request,
            on_episode=lambda at: shown.show("recording", at.kept / at.wanted, f"{at.kept} of {at.wanted}"),
            on_begun=on_begun,
        )
    failed = sum(summary.skipped.values())
    left_out = f" ({failed} failed attempts were left out)" if failed else ""
    say(f"Recorded {summary.episodes} episodes, {summary.frames:,} frames{left_out}, in {duration(summary.wall_s)}.")
