"""`armchair eval`: a candidate judged in unseen scenes, and the report."""

from typing import Annotated

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun, Out, Ray, Seed, Workers, known_candidate, known_suite, known_task
from armchair_sim.seeds import FIRST_EVALUATION_SEED


def evaluate(
    policy: Annotated[
        str,
        typer.Argument(callback=known_candidate, help="A policy's folder, or a hand's name such as expert."),
    ],
    out: Out,
    task: Annotated[
        str | None, typer.Option(help="lift, place, reach, sort or one of your own. (default: the policy's own)")
    ] = None,
    episodes: Annotated[
        int | None, typer.Option(help="Scenes to judge in. (default: 200, with --suite 50 for each variation)")
    ] = None,
    seed: Seed = FIRST_EVALUATION_SEED,
    workers: Workers = None,
    suite: Annotated[
        str | None,
        typer.Option(callback=known_suite, help="robust: also with other cameras, light, colours, delay, pushes …"),
    ] = None,
    env: Annotated[
        str | None, typer.Option(help="Another environment that LeRobot knows, as its --env.type: pusht, aloha …")
    ] = None,
    episode_s: Annotated[
        float | None, typer.Option("--episode-time", help="Seconds that a scene may last. (default: the task's)")
    ] = None,
    ray: Ray = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish an interrupted evaluation in OUT.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Judge a policy in scenes that it has never seen, and write a report."""
    from armchair.terminal.steps import eval_step, say, suite_step
    from armchair_policies.evaluation.request import EvalRequest

    if suite and env:
        raise typer.BadParameter("--suite varies our own world: leave --env away.")
    if env is None:
        known_task(task)
    scenes = episodes if episodes is not None else 50 if suite else 200
    request = EvalRequest(policy, task, scenes, seed, out, env, episode_s, suite)
    with user_errors():
        if dry_run:
            print("\n".join(lerobot_command.evaluate(request)))
            return
        (suite_step if suite else eval_step)(request, ray or workers, resume)
        say(f"Report: {out / 'report.html'}")
