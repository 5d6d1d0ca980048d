"""The `armchair` command line. Light to import: everything heavy is imported when a command runs."""

from pathlib import Path
from typing import Annotated

import typer

from armchair import (
    calibrate,
    check,
    compare,
    doctor,
    hub,
    info,
    push,
    record,
    remove,
    repair,
    run,
    setup,
    setup_motors,
    stock,
    teleoperate,
    twin,
)
from armchair.console.command import console
from armchair.manners import calm_libraries, courteous
from armchair.options import (
    DryRun,
    Out,
    Ray,
    Seed,
    Task,
    Workers,
    known_contender,
    known_policy,
    known_preset,
    known_suite,
    known_task,
    known_tracker,
)
from armchair_sim.seeds import FIRST_EVALUATION_SEED

app = typer.Typer(
    help="Teach a robot arm from your armchair: record, train and judge policies on a simulated SO-101.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.add_typer(twin.app, name="twin")
app.add_typer(hub.app, name="hub")


def main() -> None:
    """Run the command line."""
    calm_libraries()
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"armchair {version('lerobot_robot_armchair')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    task: Task = "lift",
    episodes: Annotated[int | None, typer.Option(min=1, help="Episodes to record. (default: 100)")] = None,
    minutes: Annotated[float | None, typer.Option(help="Minutes to train. (default: 7)")] = None,
    out: Out = Path("armchair-demo"),
    quick: Annotated[
        bool, typer.Option("--quick", help="About two minutes: the whole chain, with a poor policy.")
    ] = False,
) -> None:
    """From nothing to a learned skill: record, train, judge, report."""
    from armchair.demo import make_plan, run_demo

    with courteous():
        run_demo(make_plan(task, out, quick, episodes, minutes))


app.command("setup")(setup.setup)
app.command("setup-motors")(setup_motors.setup_motors)
app.command("calibrate")(calibrate.calibrate)
app.command("record")(record.record)
app.command("teleoperate")(teleoperate.teleoperate)
app.command("console")(console)


@app.command()
def train(
    datasets: Annotated[
        list[Path], typer.Argument(help="A LeRobotDataset v3.0 folder; nano learns from several at once.")
    ],
    out: Out,
    policy: Annotated[
        str,
        typer.Option(
            callback=known_policy,
            help="nano, or one that LeRobot trains itself: act, diffusion, vqbet, smolvla or any other of its types.",
        ),
    ] = "nano",
    minutes: Annotated[float | None, typer.Option(help="How long to train. (default: 8)")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Train for so many steps, however long they take.")] = None,
    seed: Annotated[int, typer.Option(help="For the network's start and the order of examples.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in OUT.")] = False,
    base: Annotated[Path | None, typer.Option("--from", help="A policy's folder to start from.")] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            callback=known_preset,
            help="laptop, mps or cuda: sizes and batch of LeRobot's policies. For a laptop act and diffusion are made "
            "smaller: act learns with a quarter of the time a step. (default: what this machine has)",
        ),
    ] = None,
    track: Annotated[
        str | None, typer.Option(callback=known_tracker, help="trackio, tensorboard or wandb, beside loss.csv.")
    ] = None,
    allow_download: Annotated[
        bool, typer.Option("--allow-download", help="Let LeRobot fetch what the policy is made of from the Hub.")
    ] = False,
    target: Annotated[
        str | None, typer.Option(help="torchrun:N for N processes or GPUs here, hf:FLAVOR for HF Jobs.")
    ] = None,
    repo_id: Annotated[str | None, typer.Option(help="The dataset's name on the Hub, for HF Jobs.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what HF Jobs are sent.")] = False,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would take, from steps measured now, and begin nothing.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Train a policy on a dataset."""
    from armchair.commands import train_line
    from armchair.steps import say
    from armchair.training import Wish, fulfil, judge_line, stock_lines, tell_estimate

    wish = Wish(
        tuple(datasets), out, policy, 8 if minutes is None else minutes, steps, seed, resume, base, preset, track,
        allow_download, target, repo_id, yes,
    )  # fmt: skip

    def how_to_go_on() -> str:
        kept = (out / "checkpoints" / "last").exists()
        line = train_line(datasets, wish.minutes, out, seed, kept, steps, wish.shown)
        return f": {'what was learnt is kept' if kept else 'nothing was learnt yet'}; go on with `{line}`."

    with courteous(lambda: "." if estimate else how_to_go_on()):
        if dry_run:
            print("\n".join(stock_lines(wish)))
        elif estimate:
            tell_estimate(wish)
        elif fulfil(wish):
            say(f"Next: {judge_line(wish)}")


@app.command("eval")
def evaluate(
    policy: Annotated[
        str,
        typer.Argument(callback=known_contender, help="A policy's folder, or a hand's name such as expert."),
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
    from armchair.steps import eval_step, say, suite_step
    from armchair_policies.request import EvalRequest

    if suite and env:
        raise typer.BadParameter("--suite varies our own world: leave --env away.")
    if env is None:
        known_task(task)
    scenes = episodes if episodes is not None else 50 if suite else 200
    request = EvalRequest(policy, task, scenes, seed, out, env, episode_s, suite)
    with courteous():
        if dry_run:
            print("\n".join(stock.evaluate(request)))
            return
        (suite_step if suite else eval_step)(request, ray or workers, resume)
        say(f"Report: {out / 'report.html'}")


app.command("compare")(compare.compare)
app.command("run")(run.run)
app.command("info")(info.info)
app.command("check")(check.check)
app.command("doctor")(doctor.doctor)
app.command("repair")(repair.repair)
app.command("remove")(remove.remove)
app.command("push")(push.push)
