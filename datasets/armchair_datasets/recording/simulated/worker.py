"""The worker process of a recording: run an episode in its own environment and write it to disk."""

from pathlib import Path

from armchair_datasets.recording.episode_folder import Episode, EpisodeWriter
from armchair_datasets.recording.simulated.plan import RecordingPlan
from armchair_robot.loop.episode import EpisodeTeleoperator, Outcome, run_episode
from armchair_robot.teleoperators import open_teleoperator
from armchair_sim.env import ArmchairEnv
from armchair_sim.expert.expert import Disturbance
from armchair_sim.scene.variations import DESKS
from armchair_sim.scene.world import FPS
from armchair_sim.seeds import recording_seeds

# The environment and the teleoperator that this process has open, by what they were opened for.
_open: dict[tuple[str, str, int, int, str], tuple[ArmchairEnv, EpisodeTeleoperator]] = {}


def record_attempt(plan: RecordingPlan, episodes: Path, number: int) -> Outcome:
    """Run attempt `number` (from 0) of the plan unless it is on disk already, and return how it ended."""
    folder = episodes / f"{number:06d}"
    if folder.exists():
        return Episode(folder).outcome
    seed = recording_seeds(plan.seed, number + 1)[number]
    env, teleoperator = _open_rollout(plan)
    writer = EpisodeWriter(FPS)
    outcome = run_episode(env, teleoperator, seed, [writer], Disturbance(seed) if plan.disturbed else None)
    writer.save(folder, outcome)
    return outcome


def close_rollout() -> None:
    """Close the environment that recording in this process has left open."""
    while _open:
        _open.popitem()[1][0].close()


def _open_rollout(plan: RecordingPlan) -> tuple[ArmchairEnv, EpisodeTeleoperator]:
    """Return this process's environment and teleoperator, opened at the first episode: opening is dear."""
    key = (plan.task, plan.hand, plan.height, plan.width, plan.desks)
    if key not in _open:
        env = ArmchairEnv(plan.task, plan.height, plan.width, variation=DESKS[plan.desks])
        _open[key] = env, open_teleoperator(plan.hand, env)
    return _open[key]
