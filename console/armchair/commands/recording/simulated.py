"""The simulated recording of `armchair record`, with its words and its progress bar."""

from collections.abc import Callable

from armchair.terminal.progress import duration, meter
from armchair.terminal.say import say
from armchair_core.words import number_of
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record


def record_step(request: SimulatedRecordingRequest, on_begun: Callable[[], None] = lambda: None) -> None:
    """Record as it is asked for; `on_begun` is called when the recording has its working folder.

    Raises:
        ArmchairError: as `record`.
    """

    def begun() -> None:  # not before: what cannot begin writes nothing
        say(f"Recording {number_of(request.episodes, 'episode')} of {request.task} by the {request.hand}.")
        say(f"Writes a LeRobotDataset with pictures of {request.width} pixels square to {request.out}")
        on_begun()

    with meter("recording") as shown:
        summary = record(
            request,
            on_episode=lambda at: shown.show("recording", at.kept / at.wanted, f"{at.kept} of {at.wanted}"),
            on_begun=begun,
        )
    failed = sum(summary.skipped.values())
    left_out = f" ({number_of(failed, 'failed attempt')} left out)" if failed else ""
    recorded = f"{number_of(summary.episodes, 'episode')}, {number_of(summary.frames, 'frame')}"
    say(f"Recorded {recorded}{left_out}, in {duration(summary.wall_s)}.")
