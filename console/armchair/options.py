"""What several commands take on their command line, checked as it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from armchair_sim.errors import ArmchairError, unknown_name


@contextmanager
def usage_errors() -> Iterator[None]:
    """A wrong name on the command line is a usage error: exit 2."""
    try:
        yield
    except ArmchairError as error:
        raise typer.BadParameter(str(error)) from None


def known_task(name: str | None) -> str | None:
    from armchair_sim.tasks import get_task

    with usage_errors():
        return name and get_task(name).name


def known_hand(name: str) -> str:
    from armchair_robot.hands import hand_names

    return one_of("hand", name, hand_names())


def known_contender(name: str) -> str:
    from armchair_policies.contender import check_name

    with usage_errors():
        check_name(name)
    return name


def known_policy(name: str) -> str:
    if name != "nano":  # asking LeRobot for its own takes seconds
        from armchair_policies.stock.kinds import find_kind

        with usage_errors():
            find_kind(name)
    return name


def known_preset(name: str | None) -> str | None:
    from armchair_policies.stock.presets import PRESETS

    return name and one_of("preset", name, PRESETS)


def known_tracker(name: str | None) -> str | None:
    from armchair_policies.tracking import TRACKERS

    return name and one_of("tracker", name, TRACKERS)


def one_of(kind: str, name: str, choices: tuple[str, ...]) -> str:
    with usage_errors():
        if name not in choices:
            raise unknown_name(kind, name, choices)
    return name


Out = Annotated[Path, typer.Option(help="The folder to write, which must not exist yet.")]
Seed = Annotated[int, typer.Option(help="The first scene's seed.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes side by side. (default: all cores)")]
Task = Annotated[str, typer.Option(callback=known_task, help="reach, lift, place or one of your own.")]
