"""The estimate of what a training will take, said before it starts. No I/O."""

from armchair_core.words import number_of
from armchair_policies.training.lerobot.job import TrainingJob
from armchair_policies.training.lerobot.measure import Speed
from armchair_policies.training.lerobot.policy_types import PolicyType


def estimate(job: TrainingJob, kind: PolicyType, speed: Speed) -> list[str]:
    """Return sentences: the speed measured, the time of these steps, and that of as many as others needed."""
    said = [
        f"Measured: {job.policy} with the preset {job.preset.name} takes {_seconds(speed.step_s)} a step here "
        f"(mean of {speed.steps}, batch {job.preset.batch_size}, {job.preset.device}).",
        f"{number_of(job.steps, 'step')} take about {_long(job.steps * speed.step_s)}.",
    ]
    if kind.steps is not None and job.steps < kind.steps:
        faster = " A GPU is faster: --preset cuda on a machine that has one." if job.preset.device == "cpu" else ""
        said.append(
            f"Until it worked, others trained it for {number_of(kind.steps, 'step')} ({kind.source}): "
            f"{_long(kind.steps * speed.step_s)} at this speed.{faster}"
        )
    return said


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"


def _long(seconds: float) -> str:
    """Return a time roughly, as it is an estimate."""
    for limit_s, unit_s, name in ((90, 1, "seconds"), (5400, 60, "minutes"), (172_800, 3600, "hours")):
        if seconds < limit_s:
            return f"{seconds / unit_s:.0f} {name}"
    return f"{seconds / 86_400:.0f} days"
