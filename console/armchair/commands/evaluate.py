"""`armchair eval`: a policy's evaluation in unseen scenes, and the report."""

from dataclasses import dataclass
from typing import Annotated

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import TASKS, DryRun, Out, Ray, Seed, Workers, known_candidate, known_suite, known_task
from armchair.terminal.progress import Meter, meter
from armchair.terminal.request_options import request_options
from armchair.terminal.say import say
from armchair.terminal.score import say_score
from armchair_core.processes import parallel
from armchair_core.words import number_of
from armchair_policies.evaluation.evaluate import EvalProgress, Listener, run_plans
from armchair_policies.evaluation.plan import prepare_plan
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.results import EvalResult
from armchair_policies.evaluation.suite import SuiteRow, prepare_suite, run_suite
from armchair_sim.seeds import FIRST_EVALUATION_SEED


@dataclass(frozen=True, kw_only=True)
class EvalOptions:
    """What is typed behind `armchair eval`."""

    policy: Annotated[
        str,
        typer.Argument(callback=known_candidate, help="A policy's folder, or a hand's name such as expert."),
    ]
    out: Out
    task: Annotated[
        str | None,
        typer.Option(help=f"{TASKS} or one of your own. (default: the policy's own)"),
    ] = None
    episodes: Annotated[
        int | None, typer.Option(help="Scenes to judge in. (default: 200, with --suite 50 for each variation)")
    ] = None
    seed: Seed = FIRST_EVALUATION_SEED
    workers: Workers = None
    suite: Annotated[
        str | None,
        typer.Option(callback=known_suite, help="robust: also with other cameras, light, colours, delay, pushes …"),
    ] = None
    env: Annotated[
        str | None, typer.Option(help="Another environment that LeRobot knows, as its --env.type: pusht, aloha …")
    ] = None
    episode_s: Annotated[
        float | None, typer.Option("--episode-time", help="Seconds that a scene may last. (default: the task's)")
    ] = None
    ray: Ray = None
    resume: Annotated[bool, typer.Option("--resume", help="Finish an interrupted evaluation in OUT.")] = False
    dry_run: DryRun = False

    @property
    def request(self) -> EvalRequest:
        """The evaluation that is asked for."""
        scenes = self.episodes if self.episodes is not None else 50 if self.suite else 200
        return EvalRequest(
            self.policy, self.task, scenes, self.seed, self.out, self.env, self.episode_s, self.suite
        )  # fmt: skip


_LOADING = "each worker loads LeRobot, the simulation and the policy …"


@request_options
def evaluate(options: EvalOptions) -> None:
    """Judge a policy in scenes that it has never seen, and write a report."""
    if options.suite and options.env:
        raise typer.BadParameter("--suite varies our own world: leave --env away.")
    if options.env is None:
        known_task(options.task)
    with user_errors():
        if options.dry_run:
            print("\n".join(lerobot_command.evaluate(options.request)))
            return
        step = suite_step if options.suite else eval_step
        step(options.request, options.ray or options.workers, options.resume)
        say(f"Report: {options.out / 'report.html'}")


def eval_step(request: EvalRequest, workers: parallel.Workers = None, resume: bool = False) -> EvalResult:
    """Judge a policy or a scripted teleoperator; say before what is written, and afterwards the score."""
    plan = prepare_plan(request, resume)
    task, scenes = plan.request.task, plan.seeds
    say(f"Judging {request.policy} at {task} in {number_of(len(scenes), 'scene')}, seeds {scenes[0]} to {scenes[-1]}.")
    if resume:
        say(f"{len(plan.judged)} of them were judged before.")
    say(f"Writes eval.json, episodes.jsonl, videos and report.html to {request.out}")
    with meter("judging", _LOADING) as shown:
        result = run_plans([plan], workers, _teller(shown))[0]
    say_score(result)
    return result


def suite_step(request: EvalRequest, workers: parallel.Workers = None, resume: bool = False) -> None:
    """Judge as `eval_step` does, in the world as it was recorded and in its variations."""
    plans = prepare_suite(request, resume)
    task, scenes = plans[0].request.task, plans[0].seeds
    say(f"Judging {request.policy} at {task} {len(plans)} times, each in the scenes {scenes[0]} to {scenes[-1]}.")
    if resume:
        say(f"{sum(len(plan.judged) for plan in plans)} of these were judged before.")
    say(f"Writes robust.json, report.html and an evaluation for each variation to {request.out}")
    with meter("judging", _LOADING) as shown:
        rows = run_suite(plans, workers, _teller(shown))
    for row in rows:
        low, high = row.interval_95
        score = f"{row.successes:4d} of {row.episodes}: {row.success_rate:6.1%} ({low:.1%} to {high:.1%})"
        say(f"  {row.variation:<14} {score:<40} {_against_nominal(row)}".rstrip())
    say(
        "The intervals are 95 %; the verdicts pair the scenes with the nominal ones, corrected for their number (Holm)."
    )


def _against_nominal(row: SuiteRow) -> str:
    if row.verdict is None:
        return ""
    return f"{row.words}: {100 * row.change:+.1f} points, p = {row.verdict.p_value:.2g}"


def _teller(shown: Meter) -> Listener:
    """A listener that shows on a meter how far an evaluation is."""
    stages = {"scenes": "judging", "videos": "filming"}

    def tell(at: EvalProgress) -> None:
        successes = f" · {at.successes} successful" if at.stage == "scenes" else ""
        shown.show(stages[at.stage], at.done / at.total, f"{at.done} of {at.total}{successes}")

    return tell
