"""The simulated rollout of `armchair run`, without an arm and without a twin: in the terminal and on film."""

from pathlib import Path

from armchair.terminal import picture
from armchair.terminal.next_command import beside
from armchair.terminal.progress import duration
from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_datasets.recording.workspace import nearest_free, refuse_used_folder
from armchair_policies.evaluation.plan import open_plan
from armchair_policies.evaluation.report.video_choice import video_name
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.results import load_result
from armchair_policies.evaluation.simulated.episode import EpisodeJob, EpisodeRollout
from armchair_policies.skills import locate_policy
from armchair_robot.loop.episode import Outcome, Tick
from armchair_sim.scene.world import FPS

SCENES = 3
_TICKS_A_PICTURE = 3


def run_simulated(
    policy: str, task: str | None, scenes: int, seed: int, out: Path | None, episode_s: float | None = None
) -> None:
    """Let `policy`, a folder or a skill, act in `scenes` scenes, live in the terminal if it can show it; film them.

    A scene may last `episode_s` seconds, None for as long as the task says.

    Raises:
        ArmchairError: if there is no such policy or task, it was trained on one of the scenes, or `out` is in use.
    """
    plan = open_plan(EvalRequest(policy, task, scenes, seed, out or Path(), episode_s=episode_s))
    candidate, seeds = plan.candidate, plan.seeds
    wanted = Path(f"armchair-run-{candidate.task}")
    folder = out or nearest_free(wanted)
    refuse_used_folder(folder)
    say(f"Playing {policy} in simulated scenes that it has never seen, seeds {seed} to {seeds[-1]}.")
    say(f"Writes a film of each to {folder}")
    rollout = EpisodeRollout(candidate)
    try:
        outcomes = [_play(rollout, number, folder) for number in seeds]
    finally:
        rollout.close()
    say(f"{sum(outcome.success for outcome in outcomes)} of {scenes} succeeded: too few to say how good it is.")
    at = ["--task", task] if task else []
    say(_how_good(policy) or f"How good it is: {typed('eval', policy, *at, '--out', beside(folder, 'report'))}")
    say(f"Through motors and cameras: {typed('twin', '--task', candidate.task)}, then in another terminal")
    say(f"  {typed('run', policy, '--arm', 'twin', '--out', beside(folder, 'twin'))}")


def _play(rollout: EpisodeRollout, seed: int, folder: Path) -> Outcome:
    screen, ticks = picture.PictureScreen(), 0

    def show(tick: Tick) -> None:
        nonlocal ticks
        if ticks % _TICKS_A_PICTURE == 0:
            screen.show(tick.observation["pixels"]["front"])
        ticks += 1

    film = folder / f"seed-{seed}.mp4"
    outcome = rollout.play(EpisodeJob(rollout.candidate, seed, film), [show] if picture.can_show() else [])
    film = film.rename(folder / video_name(outcome))
    say(f"scene {seed}: {outcome.ending} after {duration(outcome.steps / FPS)}, {film}")
    return outcome


def _how_good(policy: str) -> str:
    """What the card of a skill says, "" for any other policy."""
    skill = locate_policy(policy)
    if not (skill / "eval.json").is_file():
        return ""
    score = load_result(skill)
    low, high = score.interval_95
    return f"How good it is: {score.successes} of {score.episodes} ({low:.1%} to {high:.1%}), by `{score.command}`"
