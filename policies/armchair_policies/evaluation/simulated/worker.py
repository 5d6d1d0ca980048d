"""The work of a worker process: one episode after another, in a rollout that it keeps open."""

from typing import TYPE_CHECKING

from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.simulated.episode import EpisodeJob, EpisodeRollout
from armchair_robot.loop.episode import Outcome

if TYPE_CHECKING:
    from armchair_policies.evaluation.simulated.env_episode import EnvRollout

_rollout: "EpisodeRollout | EnvRollout | None" = None


def play(job: EpisodeJob | None) -> Outcome | None:
    """Play a job in the rollout that this process keeps open, opened at the first one. None is no job."""
    global _rollout
    if job is None:
        return None
    if _rollout is None or _rollout.candidate != job.candidate:
        close_rollout()
        _rollout = _open(job.candidate)
    return _rollout.play(job)


def _open(candidate: Candidate) -> "EpisodeRollout | EnvRollout":
    if candidate.env is None:
        return EpisodeRollout(candidate)
    from armchair_policies.evaluation.simulated.env_episode import EnvRollout  # LeRobot, for a worker only

    return EnvRollout(candidate)


def close_rollout() -> None:
    """Free what `play` keeps open in this process."""
    global _rollout
    if _rollout is not None:
        _rollout.close()
    _rollout = None
