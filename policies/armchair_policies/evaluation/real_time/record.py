"""The recording of a policy's rollout in real time, interventions by a person included."""

from pathlib import Path

from armchair_core.dataset_format.about import first_new_seed, used_seeds
from armchair_datasets.recording.real_time.record import RealTimeSummary, RecordingRequest, record_takes
from armchair_datasets.recording.real_time.session import NOBODY, SessionOperator
from armchair_policies.evaluation.real_time.run import RealTimePlan, open_station
from armchair_sim.seeds import FIRST_EVALUATION_SEED, recording_seeds


def record_real_time(
    plan: RealTimePlan, out: Path, append: bool = False, operator: SessionOperator = NOBODY
) -> RealTimeSummary:
    """Record what happens, a person's corrections included, as `record_takes` does.

    Raises:
        ArmchairError: as `record_takes`, or if the arm does not open.
    """
    known = {*plan.found.provenance.get("training_seeds", ()), *used_seeds(out)}
    first = first_new_seed({seed for seed in known if seed < FIRST_EVALUATION_SEED})
    with open_station(plan, recording_seeds(first, 1).start) as station:
        operator.opened(station.takeover)
        return record_takes(station, RecordingRequest(plan.rules, out, append=append), operator)
