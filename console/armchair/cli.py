"""The `armchair` command line. Light to import: everything heavy is imported when a command runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from armchair import twin
from armchair.manners import calm_libraries, courteous
from armchair_sim.errors import ArmchairError, unknown_name
from armchair_sim.seeds import FIRST_EVALUATION_SEED

app = typer.Typer(
    help="Teach a robot arm from your armchair: record, train and judge policies on a simulated SO-101.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.add_typer(twin.app, name="twin")


def main() -> None:
    """Run the command line."""
    calm_libraries()
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"armchair {version('lerobot_robot_armchair')}")
        raise typer.Exit


@contextmanager
def _usage_errors() -> Iterator[None]:
    """A wrong name on the command line is a usage error: exit 2."""
    try:
        yield
    except ArmchairError as error:
        raise typer.BadParameter(str(error)) from None


def _known_task(name: str | None) -> str | None:
    from armchair_sim.tasks import get_task

    with _usage_errors():
        return name and get_task(name).name


def _known_hand(name: str) -> str:
    from armchair_robot.hands import hand_names

    return _one_of("hand", name, hand_names())


def _known_contender(name: str) -> str:
    from armchair_policies.contender import check_name

    with _usage_errors():
        check_name(name)
    return name


def _known_policy(name: str) -> str:
    return _one_of("policy", name, ("nano",))


def _one_of(kind: str, name: str, choices: tuple[str, ...]) -> str:
    with _usage_errors():
        if name not in choices:
            raise unknown_name(kind, name, choices)
    return name


Out = Annotated[Path, typer.Option(help="The folder to write, which must not exist yet.")]
Seed = Annotated[int, typer.Option(help="The first scene's seed.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes side by side. [default: all cores]")]
Task = Annotated[str, typer.Option(callback=_known_task, help="reach, lift, place or one of your own.")]


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
    episodes: Annotated[int | None, typer.Option(min=1, help="Episodes to record. [default: 200]")] = None,
    minutes: Annotated[float | None, typer.Option(help="Minutes to train. [default: 8]")] = None,
    out: Out = Path("armchair-demo"),
    quick: Annotated[
        bool, typer.Option("--quick", help="About two minutes: the whole chain, with a poor policy.")
    ] = False,
) -> None:
    """From nothing to a learned skill: record, train, judge, report."""
    from armchair.demo import make_plan, run_demo

    with courteous():
        run_demo(make_plan(task, out, quick, episodes, minutes))


@app.command()
def record(
    out: Out,
    task: Task = "lift",
    hand: Annotated[str, typer.Option(callback=_known_hand, help="Who moves the arm.")] = "expert",
    episodes: Annotated[int, typer.Option(help="Successful episodes to record.")] = 50,
    seed: Annotated[int | None, typer.Option(help="The first scene's seed. [default: the first new one]")] = None,
    image_size: Annotated[int, typer.Option(min=32, max=960, help="Pixels a side, for both cameras.")] = 96,
    workers: Workers = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted recording.")] = False,
    append: Annotated[bool, typer.Option("--append", help="Add to the dataset OUT.")] = False,
) -> None:
    """Record a hand's episodes into a LeRobotDataset."""
    from armchair.commands import beside, train_line
    from armchair.steps import record_step, say

    with courteous():
        record_step(task, hand, episodes, seed, image_size, out, workers, resume, append)
        say(f"Next: {train_line(out, 8, beside(out, 'policy'))}")


@app.command()
def train(
    dataset: Annotated[Path, typer.Argument(help="A LeRobotDataset v3.0 folder.")],
    out: Out,
    policy: Annotated[str, typer.Option(callback=_known_policy, help="What to train.")] = "nano",
    minutes: Annotated[float, typer.Option(help="How long to train.")] = 8,
    seed: Annotated[int, typer.Option(help="For the network's start and the order of examples.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in OUT.")] = False,
) -> None:
    """Train a policy on a dataset."""
    from armchair.commands import beside, train_line, typed
    from armchair.steps import say, train_step

    def how_to_go_on() -> str:
        kept = (out / "checkpoints" / "last").exists()
        line = train_line(dataset, minutes, out, seed, resume=kept)
        return f": {'what was learnt is kept' if kept else 'nothing was learnt yet'}; go on with `{line}`."

    with courteous(how_to_go_on):
        train_step(dataset, minutes, seed, out, resume)
        say(f"Next: {typed('eval', out, '--out', beside(out, 'report'))}")


@app.command("eval")
def evaluate(
    policy: Annotated[
        str,
        typer.Argument(callback=_known_contender, help="A policy's folder, or a hand's name such as expert."),
    ],
    out: Out,
    task: Annotated[
        str | None,
        typer.Option(callback=_known_task, help="reach, lift, place or one of your own. [default: the policy's own]"),
    ] = None,
    episodes: Annotated[int, typer.Option(help="Scenes to judge in.")] = 200,
    seed: Seed = FIRST_EVALUATION_SEED,
    workers: Workers = None,
) -> None:
    """Judge a policy in scenes that it has never seen, and write a report."""
    from armchair.steps import eval_step, say

    with courteous():
        eval_step(policy, task, episodes, seed, out, workers)
        say(f"Report: {out / 'report.html'}")
