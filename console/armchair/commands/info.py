"""`armchair info`: what a dataset holds, and what frame rate was really achieved."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.say import say
from armchair_core.words import number_of
from armchair_datasets.quality.summary import Clock, summarise_dataset


def info(
    dataset: Annotated[Path, typer.Argument(help="The folder of a LeRobotDataset v3.0.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, no more.")] = False,
) -> None:
    """Say what a dataset holds and how well it kept time."""
    with user_errors():
        found = summarise_dataset(dataset)
        if as_json:
            say(json.dumps(asdict(found)))
            return
        cameras = ", ".join(f"{name} {width} x {height}" for name, (height, width) in found.cameras.items())
        held = f"{number_of(found.episodes, 'episode')}, {number_of(found.frames, 'frame')}"
        say(f"{held}, {found.size_bytes / 1e6:.1f} MB")
        say(f"tasks    {'; '.join(' '.join(task.split()) for task in found.tasks) or 'none'}")
        say(f"cameras  {cameras or 'none'}")
        say(f"robot    {found.robot_type or 'not said'}")
        say(f"rate     {_rate(found.fps, found.clock)}")
        for name, (middle_s, worst_s) in (found.clock.ages_s if found.clock else {}).items():
            say(f"         {name}: pictures {middle_s * 1e3:.0f} ms old at the median, {worst_s * 1e3:.0f} at most")


def _rate(fps: float, clock: Clock | None) -> str:
    if clock is None:
        return f"{fps:g} Hz by its own word; measured times were not recorded"
    return (
        f"{clock.achieved_fps:.2f} Hz achieved of {fps:g}; {number_of(clock.late, 'interval')} late, "
        f"the longest {clock.longest_s * 1e3:.0f} ms"
    )
