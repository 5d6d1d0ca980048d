"""`armchair remove`: episodes taken out of a dataset."""

from pathlib import Path
from typing import Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.questions import Questions
from armchair.terminal.say import say
from armchair_core.command_line import named
from armchair_core.dataset_format.info import read_info
from armchair_core.words import number_of
from armchair_datasets.editing.remove import remove_episodes


def remove(
    dataset: Annotated[Path, typer.Argument(help="The folder of a LeRobotDataset v3.0.")],
    episodes: Annotated[list[int], typer.Argument(min=0, help=f"Which, by their numbers in `{named('check')}`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take episodes out of a dataset for good, their pictures too. The others keep every bit and move up."""
    with user_errors():
        read_info(dataset)  # before anybody is asked
        numbers = ", ".join(map(str, sorted(set(episodes))))
        if not yes and not Questions(False).really(f"Remove episode {numbers} of {dataset} for good?"):
            say("Nothing was changed.")
            return
        say(f"{dataset} has {number_of(remove_episodes(dataset, set(episodes)), 'episode')} left.")
