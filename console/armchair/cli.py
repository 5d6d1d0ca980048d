"""The command line `armchair`: a table of commands, each imported when it is called."""

import os
from importlib import import_module
from importlib.metadata import version
from itertools import groupby
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from armchair.terminal.errors import calm_libraries
from armchair.terminal.help_layout import fit

# command: (where its function or its group of commands is, what `armchair --help` says of it)
COMMANDS = {
    "demo": ("commands.demo:demo", "From nothing to a learned skill: record, train, judge, report."),
    "setup": (
        "commands.setup:setup",
        "Write armchair.toml: which arms and cameras stand here, for all other commands.",
    ),
    "setup-motors": (
        "commands.setup_motors:setup_motors",
        "Give a new arm's motors their ids, one plugged in at a time.",
    ),
    "calibrate": (
        "commands.calibrate:calibrate",
        "Calibrate an arm: move it by hand, see what is measured, redo a joint.",
    ),
    "record": ("commands.record:record", "Record episodes into a LeRobotDataset."),
    "teleoperate": (
        "commands.teleoperate:teleoperate",
        "Move an arm without recording, until q or Ctrl-C. Its motors are off afterwards.",
    ),
    "console": (
        "commands.console:console",
        "Open a page on which the arm is seen, moved and examined, until Ctrl-C. Without an arm it starts a twin.",
    ),
    "train": ("commands.train:train", "Train a policy on a dataset."),
    "eval": ("commands.evaluate:evaluate", "Judge a policy in scenes that it has never seen, and write a report."),
    "compare": (
        "commands.compare:compare",
        "Say which of two is better, from the scenes that both were judged in, or that nobody can tell yet.",
    ),
    "run": (
        "commands.run:run",
        "Let a policy move an arm, and judge it: the twin's simulation does, or you. With neither, it plays by itself.",
    ),
    "info": ("commands.info:info", "Say what a dataset holds and how well it kept time."),
    "check": (
        "commands.check:check",
        "Judge every episode of a dataset, and the dataset itself. Changes nothing unless --save is given.",
    ),
    "doctor": (
        "commands.doctor:doctor",
        "Find out why an arm does not work. Writes nothing and moves nothing unless --wiggle is given.",
    ),
    "repair": (
        "commands.repair:repair",
        "Recover what a crash left of a LeRobotDataset; the broken one is kept beside it.",
    ),
    "remove": (
        "commands.remove:remove",
        "Take episodes out of a dataset for good, their pictures too. The others keep every bit and move up.",
    ),
    "push": (
        "commands.push:push",
        "Upload a dataset or a policy to the Hub: private, with a card, tagged, and checked when it is there.",
    ),
    "twin": (
        "commands.twin:app",
        "A simulated arm on a serial port that stock LeRobot commands take for a real one.",
    ),
    "hub": (
        "commands.hub:app",
        "A Hub for the classroom: stock LeRobot and hf push to it and load from it, offline.",
    ),
}


# What `armchair --help` shows, in the order in which newcomers need it.
GROUPS = {
    "Begin here": ("demo", "console", "run"),
    "Teach": ("record", "train", "eval", "compare"),
    "Datasets": ("info", "check", "repair", "remove", "push"),
    "A real arm": ("setup", "setup-motors", "calibrate", "doctor", "teleoperate"),
    "Without an arm, without the internet": ("twin", "hub"),
}
_MORE = "More"


class _Table(TyperGroup):
    """The group of all commands. Only the one that is called is imported: PyTorch alone takes seconds."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As Typer's, with the command itself in the place of its line in the table."""
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = load_command(args[0])
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: Any) -> Any:
        """As Typer's, laid out for this terminal."""
        fit(self)
        return super().get_help(self.context_class(self, info_name=ctx.info_name, parent=ctx.parent))

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, in the order of their groups."""
        return sorted(COMMANDS, key=lambda name: [*GROUPS, _MORE].index(_group(name)))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each group under its name, whole sentences where a box would cut them."""
        for group, names in groupby(self.list_commands(ctx), _group):
            with formatter.section(group):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


def _group(name: str) -> str:
    return next((group for group in GROUPS if name in GROUPS[group]), _MORE)


app = typer.Typer(
    cls=_Table,
    help="Teach a robot arm from your armchair: record, train and judge policies on a simulated SO-101.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _name, (_, _line) in COMMANDS.items():
    app.command(_name, help=_line, rich_help_panel=_group(_name))(lambda: None)


def load_command(name: str) -> Any:
    """Import a command of the table, and return it as Typer's group calls it."""
    module, attribute = COMMANDS[name][0].split(":")
    found = getattr(import_module(f"armchair.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        found = alone
    command: Any = typer.main.get_command(found)
    fit(command)
    return command


def main() -> None:
    """Run the command line.

    Project folders come from other people, and a Python that we start would import what lies there before what is
    installed: a planted numpy.py would run. So no process of ours looks there.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    calm_libraries()
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"armchair {version('lerobot_robot_armchair')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
