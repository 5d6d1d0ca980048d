"""What a worker process does: play one job after another on a stage that it keeps open."""

from typing import TYPE_CHECKING

from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.simulated.episode import EpisodeJob, EpisodeRollout
from armchair_robot.loop.episode import Outcome

if TYPE_CHECKING:
    from armchair_policies.evaluation.simulated.env_episode import EnvRollout

_stage: "EpisodeRollout | EnvRollout | None" = None


def play(job: EpisodeJob | None) -> Outcome | None:
    """`EpisodeRollout.play` on the stage that this process keeps open, opened at the first job. None is no job."""
    global _stage
    if job is None:
        return None
    if _stage is None or _stage.contender != job.contender:
        close_rollout()
        _stage = _open(job.contender)
    return _stage.play(job)


def _open(contender: Candidate) -> "EpisodeRollout | EnvRollout":
    if contender.env is None:
        return EpisodeRollout(contender)
    from armchair_policies.evaluation.simulated.env_episode import EnvRollout

    return EnvRollout(contender)


def close_rollout() -> None:
    """Free what `play` keeps open in this process."""
    global _stage
    if _stage is not None:
        _stage.close()
    _stage = None
