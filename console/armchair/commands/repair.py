"""`armchair repair`: what was found, what was saved from it, where everything is now."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.progress import meter
from armchair.terminal.say import say
from armchair_core.command_line import named, typed
from armchair_core.words import number_of

if TYPE_CHECKING:
    from armchair_datasets.recording.workspace import Workspace
    from armchair_datasets.repair.repair import Report

MOST_LINES = 20


def repair(
    dataset: Annotated[Path, typer.Argument(help="The folder of a LeRobotDataset v3.0.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the repaired dataset there and leave DATASET as it is.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be recovered.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, no more.")] = False,
) -> None:
    """Recover what a crash left of a LeRobotDataset; the broken one is kept beside it."""
    # With Arrow, for which nobody waits who asks for --help.
    from armchair_datasets.recording.workspace import Workspace
    from armchair_datasets.repair.repair import repair as repair_dataset

    with user_errors():
        recording = Workspace(dataset.resolve().with_name(dataset.resolve().name.removesuffix(".recording")))
        if recording.episodes.is_dir():
            _finish(recording, dry_run)
            return
        report = repair_dataset(dataset, out, dry_run)
        if as_json:
            say(json.dumps({"healthy": report.healthy} | asdict(report)))
        else:
            _tell(report, dataset, out)


def _finish(recording: "Workspace", dry_run: bool) -> None:
    """An interrupted `armchair record` is not broken: its dataset is built of what it had finished."""
    finished, out = recording.finished(), recording.out
    if dry_run:
        safe = number_of(finished, "finished episode")
        say(f"{recording.root} is an interrupted recording with {safe}: nothing of that is lost.")
        say(f"Go on with the `{named('record')}` that began it and --resume, or build the dataset of what there is:")
        say(f"  {typed('repair', out)}")
        return
    joined = number_of(finished, "episode")
    with meter("building", f"LeRobot is loaded, then {joined} joined …") as shown:
        from armchair_datasets.recording.build import finish

        built = number_of(finish(out), "episode")
        shown.show("building", 1.0, "")
    say(f"Built {out} of the {built} that an interrupted recording had finished; none was lost.")
    say(f"Next: {typed('check', out)}")


def _tell(report: "Report", dataset: Path, out: Path | None) -> None:
    if report.healthy:
        whole = f"{number_of(len(report.recovered), 'episode')}, {number_of(report.frames, 'frame')}"
        say(f"{dataset} is healthy: {whole}. Nothing was changed.")
        say(f"Next: {typed('check', dataset)}")
        return
    say(f"Broken in {dataset}:")
    _say_some(report.faults)
    saved = "unknown" if report.saved is None else report.saved
    say()
    say(f"  episodes saved, by info.json  {saved:>7}")
    say(f"  episodes recovered            {len(report.recovered):>7}   ({number_of(report.frames, 'frame')})")
    say(f"  episodes lost                 {len(report.lost):>7}")
    _say_some([f"episode {episode}: {why}" for episode, why in report.lost.items()])
    say()
    if report.written is None:
        say("Nothing was changed. To repair it:")
        say(f"  {typed('repair', dataset, *(['--out', out] if out else []))}")
        return
    say(f"Repaired: {report.written}")
    if report.backup:
        say(f"The broken one is kept in {report.backup}")
    if report.recovered != list(range(len(report.recovered))):
        say("The episodes behind a lost one have moved up, as LeRobot numbers them without gaps.")
    say(f"Next: {typed('check', report.written)}")  # not `.`: whoever stands in the folder stands in the broken one


def _say_some(lines: list[str]) -> None:
    for line in lines[:MOST_LINES]:
        say(f"  {line}")
    if len(lines) > MOST_LINES:
        say(f"  … and {len(lines) - MOST_LINES} more")
