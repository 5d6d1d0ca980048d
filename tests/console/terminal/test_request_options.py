"""Request objects as options: the same command line as a function that spells its options out."""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from armchair.terminal.request_options import request_options


def loud(word: str) -> str:
    if word == "quiet":
        raise typer.BadParameter("say it aloud")
    return word.upper()


@dataclass(frozen=True)
class Where:
    arm: Annotated[str | None, typer.Option(help="Which arm.")] = None
    arm_id: Annotated[str, typer.Option("--id", help="Its name.", rich_help_panel="Names")] = "mine"


@dataclass(frozen=True, kw_only=True)
class Request:
    names: Annotated[list[str], typer.Argument(callback=lambda words: [loud(word) for word in words])]
    out: Annotated[Path, typer.Option(help="Where to.")]
    where: Where
    times: Annotated[int, typer.Option(min=1)] = 3
    home: Annotated[bool, typer.Option("--home/--no-home")] = True


heard = []


@request_options
def with_a_request(asked: Request) -> None:
    """Do it."""
    heard.append(asked)


def spelt_out(
    names: Annotated[list[str], typer.Argument(callback=lambda words: [loud(word) for word in words])],
    out: Annotated[Path, typer.Option(help="Where to.")],
    arm: Annotated[str | None, typer.Option(help="Which arm.")] = None,
    arm_id: Annotated[str, typer.Option("--id", help="Its name.", rich_help_panel="Names")] = "mine",
    times: Annotated[int, typer.Option(min=1)] = 3,
    home: Annotated[bool, typer.Option("--home/--no-home")] = True,
) -> None:
    """Do it."""
    heard.append(Request(names=names, out=out, where=Where(arm, arm_id), times=times, home=home))


def call(function, *words: str):
    app = typer.Typer()
    app.command("do")(function)
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["a", "--out", "x"],
        ["a", "b", "--out", "x", "--arm", "twin", "--id", "blue", "--times", "7", "--no-home"],
        ["a"],
        ["a", "--out", "x", "--times", "0"],
        ["quiet", "--out", "x"],
        ["a", "--out", "x", "--tmies", "2"],
    ],
)
def test_nobody_can_tell_it_from_a_function_that_spells_its_options_out(words):
    heard.clear()
    one, other = call(with_a_request, *words), call(spelt_out, *words)
    assert (one.exit_code, one.output) == (other.exit_code, other.output)
    assert heard[::2] == heard[1::2] and len(heard) == (0 if one.exit_code or "--help" in words else 2)


def test_the_context_of_a_group_goes_through():
    app = typer.Typer()
    seen = []

    @app.callback(invoke_without_command=True)
    @request_options
    def start(context: typer.Context, asked: Where) -> None:
        seen.append((context.invoked_subcommand, asked))

    @app.command()
    def stop() -> None:
        pass

    assert CliRunner().invoke(app, ["--arm", "twin", "stop"]).exit_code == 0
    assert seen == [("stop", Where("twin"))]


def test_a_name_can_be_taken_once():
    @dataclass(frozen=True)
    class Twice:
        where: Where
        arm: str = "twin"

    def command(asked: Twice) -> None:
        pass

    command.__annotations__["asked"] = Twice
    with pytest.raises(ValueError, match="duplicate parameter name: 'arm'"):
        request_options(command)


def test_python_sees_the_options_too():
    assert list(inspect.signature(with_a_request).parameters) == ["names", "out", "arm", "arm_id", "times", "home"]
    assert with_a_request.__doc__ == "Do it."
