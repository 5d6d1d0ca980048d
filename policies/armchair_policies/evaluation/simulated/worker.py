"""What a worker process does: play one job after another on a stage that it keeps open."""

from typing import TYPE_CHECKING

from armchair_policies.evaluation.candidate import Contender
from armchair_policies.evaluation.simulated.episode import Job, Stage
from armchair_robot.loop.episode import Outcome

if TYPE_CHECKING:
    from armchair_policies.evaluation.simulated.env_episode import EnvStage

_stage: "Stage | EnvStage | None" = None


def play(job: Job | None) -> Outcome | None:
    """`Stage.play` on the stage that this process keeps open, opened at the first job. None is no job."""
    global _stage
    if job is None:
        return None
    if _stage is None or _stage.contender != job.contender:
        close_stage()
        _stage = _open(job.contender)
    return _stage.play(job)


def _open(contender: Contender) -> "Stage | EnvStage":
    if contender.env is None:
        return Stage(contender)
    from armchair_policies.evaluation.simulated.env_episode import EnvStage

    return EnvStage(contender)


def close_stage() -> None:
    """Free what `play` keeps open in this process."""
    global _stage
    if _stage is not None:
        _stage.close()
    _stage = None
