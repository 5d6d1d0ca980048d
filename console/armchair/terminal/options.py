"""The options that several commands share, checked as they are read."""

from pathlib import Path
from typing import Annotated

import typer

from armchair.terminal.errors import usage_errors
from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError, unknown_name

TASKS = "lift, place, push, reach, sort, stack"  # as `task_names`, which would take its time for a page of help


def known_task(name: str | None) -> str | None:
    """Return the name of a task of ours; None stays None. Another name is a usage error, here and below."""
    from armchair_sim.tasks import get_task

    with usage_errors():
        return name and get_task(name).name


def known_teleoperator(name: str) -> str:
    """Return the name of a scripted teleoperator."""
    from armchair_robot.teleoperators import teleoperator_names

    return one_of("hand", name, teleoperator_names())


def known_candidate(name: str) -> str:
    """Return `name` if it is a policy's folder, a skill or a scripted teleoperator."""
    from armchair_policies.evaluation.candidate import check_name

    with usage_errors():
        check_name(name)
    return name


def known_policy(name: str) -> str:
    """Return the name of a policy that can be trained."""
    if name != "nano":  # asking LeRobot for its own takes seconds
        from armchair_policies.training.lerobot.policy_types import find_policy_type

        with usage_errors():
            find_policy_type(name)
    return name


def known_preset(name: str | None) -> str | None:
    """Return the name of a preset; None stays None."""
    from armchair_policies.training.lerobot.presets import PRESETS

    return name and one_of("preset", name, PRESETS)


def known_tracker(name: str | None) -> str | None:
    """Return the name of a tracker; None stays None."""
    from armchair_policies.training.tracking import TRACKERS

    return name and one_of("tracker", name, TRACKERS)


def known_suite(name: str | None) -> str | None:
    """Return the name of a suite; None stays None."""
    return name and one_of("suite", name, ("robust",))


def one_of(kind: str, name: str, choices: tuple[str, ...]) -> str:
    """Return `name` if it is one of `choices`."""
    with usage_errors():
        if name not in choices:
            raise unknown_name(kind, name, choices)
    return name


def refuse_used_page(html: Path, usual_name: str) -> None:
    """Raise ArmchairError if the page could not be written, or would overwrite something."""
    from armchair_datasets.recording.workspace import free_name

    if html.is_dir():
        raise ArmchairError(f"{html} is a folder: use {quoted('--html', html / usual_name)}.")
    if html.exists():
        free = free_name(html.with_suffix(""))
        raise ArmchairError(f"{html} exists: use {quoted('--html', free.with_name(free.name + html.suffix))}.")
    if not html.absolute().parent.is_dir():
        raise ArmchairError(f"there is no folder {html.parent} for the page: use {quoted('--html', Path(html.name))}.")


Out = Annotated[Path, typer.Option(help="The folder to write, which must not exist yet.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print LeRobot's own command for it, no more.")]
Home = Annotated[
    bool, typer.Option("--home/--no-home", help="At the end take the arm back to where it stood; an arm let go falls.")
]
Seed = Annotated[int, typer.Option(help="The first scene's seed.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes side by side. (default: all cores)")]
Ray = Annotated[
    str | None, typer.Option(help="A Ray cluster that does it instead: its address, or local. (extra: ray)")
]
Task = Annotated[str, typer.Option(callback=known_task, help=f"{TASKS} or one of your own.")]
