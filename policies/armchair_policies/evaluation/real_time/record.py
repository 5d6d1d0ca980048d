"""The recording of a policy's rollout in real time, interventions by a person included."""

from collections.abc import Callable
from pathlib import Path

from armchair_core.dataset_format.about import first_new_seed, used_seeds
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.record import RealTimeSummary, record_takes
from armchair_datasets.recording.real_time.session import Now
from armchair_datasets.recording.real_time.station import Station
from armchair_policies.evaluation.real_time.run import OnOpened, RealTimePlan, home_of, opened_arm
from armchair_policies.evaluation.real_time.trials import Turns
from armchair_sim.seeds import FIRST_EVALUATION_SEED, recording_seeds


def record_real_time(
    exam: RealTimePlan,
    out: Path,
    append: bool,
    on_opened: OnOpened,
    wishes: Callable[[], list[str]],
    on_moment: Callable[[Now, str, tuple[str, ...]], None],
    on_saved: Callable[[SavedEpisode, int], None],
    tell: Callable[[str], None] | None = None,
) -> RealTimeSummary:
    """Record what happens, a person's corrections included, as `record_takes` does; returns its `RealTimeSummary`.

    Raises:
        ArmchairError: as `record_takes`, or if the arm does not open.
    """
    known = {*exam.found.provenance.get("training_seeds", ()), *used_seeds(out)}
    first = first_new_seed({seed for seed in known if seed < FIRST_EVALUATION_SEED})
    with opened_arm(exam, recording_seeds(first, 1).start) as (robot, hand, scenes):
        on_opened(bool(exam.asked.takeover))
        turns = Turns(scenes, hand)
        about = {"task": exam.task, "hand": "policy", "policy": exam.asked.policy}
        about |= {"takeover": exam.asked.takeover} if exam.asked.takeover else {}
        station = Station(
            robot, hand, turns, exam.instruction, about, takeover=bool(exam.asked.takeover), limits=exam.asked.limits,
            home=home_of(exam, robot),
        )  # fmt: skip
        return record_takes(
            station, exam.rules, out, append=append, wishes=lambda: turns.hear(wishes()), on_saved=on_saved,
            on_moment=lambda now, kept: on_moment(now, hand.status, now.warnings), tell=tell,
        )  # fmt: skip
