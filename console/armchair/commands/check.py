"""`armchair check`: what is wrong with the episodes of a LeRobotDataset, as text, JSON or a page with pictures."""

import json
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.options import refuse_used_page
from armchair.terminal.say import say
from armchair_core.command_line import quoted, typed
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of

if TYPE_CHECKING:
    from armchair_datasets.quality.check import DatasetVerdict
    from armchair_datasets.quality.verdict import EpisodeQuality

_COLOURS = {"good": "green", "odd": "yellow", "bad": "red"}


def check(
    dataset: Annotated[Path, typer.Argument(help="A LeRobotDataset v3.0 folder, recorded with any tool.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with pictures to this file.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if anything is bad.")] = False,
    save: Annotated[bool, typer.Option("--save", help="Keep the verdict in the dataset's meta/quality.json.")] = False,
) -> None:
    """Judge every episode of a dataset, and the dataset itself. Changes nothing unless --save is given."""
    if as_json and html is not None:
        raise typer.BadParameter("--json and --html exclude each other: give one of them.")
    with user_errors():
        verdict = _judged(dataset, html, quiet=as_json)
        if save:
            from armchair_datasets.quality.check import save as keep

            keep(verdict)
        if as_json:
            print(json.dumps(verdict.as_dict(), indent=2, ensure_ascii=False))
        else:
            _tell(verdict)
            _say_next(verdict, html, save)
    if strict and verdict.level == "bad":
        raise typer.Exit(1)


def _judged(dataset: Path, html: Path | None, quiet: bool) -> "DatasetVerdict":
    """Read everything once, and write the page if one is wanted."""
    from armchair.terminal.progress import meter
    from armchair_datasets.quality.check import check as check_dataset
    from armchair_datasets.quality.page import Album, write_page

    if html is not None:
        _refuse_page(html, dataset)
    album = Album() if html is not None else None
    watch = album.watch if album else None
    if quiet:
        verdict = check_dataset(dataset, watch=watch)
    else:
        with meter("checking") as shown:
            verdict = check_dataset(
                dataset,
                lambda done, total: shown.show("checking", done / total, f"{done} of {number_of(total, 'episode')}"),
                watch,
            )
    if html is not None and album is not None:
        write_page(html, verdict, album)
    return verdict


def _refuse_page(html: Path, dataset: Path) -> None:
    """Raise ArmchairError if the page would overwrite something or lie in the dataset."""
    if html.resolve().is_relative_to(dataset.resolve()):
        free = quoted("--html", Path(f"{dataset.name}-check.html"))
        raise ArmchairError(f"{html} lies in the dataset, which is not changed: use {free}.")
    refuse_used_page(html, "check.html")


def _free_page(root: Path) -> Path:
    """Return where a page about the dataset would overwrite nothing, in the folder that one is in."""
    page = Path(f"{root.resolve().name}-check.html")
    numbered = (page.with_stem(f"{page.stem}-{number}") for number in count(2))
    return next(free for free in (page, *islice(numbered, 1000)) if not free.exists())


def _tell(verdict: "DatasetVerdict") -> None:
    """One line an episode and sentence, then what concerns the dataset, then the totals."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("episode", justify="right")
    table.add_column("length", justify="right", no_wrap=True)
    table.add_column("verdict")
    table.add_column("what was found")
    for episode in verdict.episodes:
        one = episode.verdict
        length = f"{one.frames / one.fps:.1f} s"
        table.add_row(str(episode.index), length, Text(one.level, style=_COLOURS[one.level]), Text(_sentences(one)))
    console = Console()
    console.print(table)
    for finding in verdict.findings:
        line = Text(f"{finding.level}: ", style=_COLOURS[finding.level])
        console.print(line + Text(finding.sentence, style="default"), soft_wrap=True)
    counts = ", ".join(f"{count} {level}" for level, count in verdict.counts.items() if count)
    judged = f"{number_of(len(verdict.episodes), 'episode')}, {number_of(verdict.frames, 'frame')}"
    say(f"{judged}: {counts or 'nothing to judge'}.")


def _sentences(verdict: "EpisodeQuality") -> str:
    return "\n".join(finding.sentence for finding in verdict.findings)


def _say_next(verdict: "DatasetVerdict", html: Path | None, save: bool) -> None:
    if html is not None:
        say(f"Page: {html}")
    elif verdict.level != "good":
        say(f"See it: {typed('check', verdict.root, '--html', _free_page(verdict.root))}")
    if save:
        say(f"Saved: {verdict.root / 'meta' / 'quality.json'}")
