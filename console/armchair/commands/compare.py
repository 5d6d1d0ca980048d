"""`armchair compare`: which of two judged candidates is better, as text, JSON or a page."""

import json
from pathlib import Path
from typing import Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.options import refuse_used_page
from armchair.terminal.say import say
from armchair_core.command_line import named, typed
from armchair_core.words import number_of
from armchair_policies.evaluation.compare import Comparison, write_comparison
from armchair_policies.evaluation.compare import compare as pair_and_judge


def compare(
    a: Annotated[Path, typer.Argument(help=f"A folder that `{named('eval')}` wrote.")],
    b: Annotated[Path, typer.Argument(help="Another one, of the same task.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page to this file.")] = None,
) -> None:
    """Say which of two is better, from the scenes that both were judged in, or that nobody can tell yet."""
    if as_json and html is not None:
        raise typer.BadParameter("--json and --html exclude each other: give one of them.")
    with user_errors():
        if html is not None:
            refuse_used_page(html, "compare.html")
        found = pair_and_judge(a, b)
        if as_json:
            print(json.dumps(found.as_dict(), indent=2))
            return
        _tell(found)
        if html is not None:
            write_comparison(found, html, typed("compare", a, b))
            say(f"Page: {html}")


def _tell(found: Comparison) -> None:
    pairs = found.pairs
    say(f"{number_of(found.scenes, 'scene')} of {found.task} in common, seeds {found.seeds}")
    for name, side in (("A", found.a), ("B", found.b)):
        low, high = side.interval_95
        score = f"{side.success_rate:6.1%}  (95 % interval {low:.1%} to {high:.1%})"
        say(f"  {name}  {score}  {side.policy}, {side.folder}")
    say()
    counts = {"both succeeded": pairs.both, "only A": pairs.only_a, "only B": pairs.only_b, "neither": pairs.neither}
    for words, count in counts.items():
        say(f"  {count:5d}  {words}")
    say()
    _tell_how_sure(found)
    for warning in found.warnings:
        say(f"Beware: {warning}")
    say()
    say(str(found.verdict))


def _tell_how_sure(found: Comparison) -> None:
    verdict = found.verdict
    low, high = (100 * bound for bound in verdict.interval_95)
    interval = f"95 % interval {low:+.1f} to {high:+.1f}, Newcombe's method 10"
    say(f"A less B: {100 * verdict.difference:+.1f} points ({interval})")
    say(f"McNemar's exact test: p = {verdict.p_value:.3g}")
    if verdict.smallest_detectable is None:
        say("So few scenes cannot show any difference: judge in 50 or more.")
        return
    say(
        f"{found.scenes} scenes show a difference of {100 * verdict.smallest_detectable:.1f} points with 80 % power, "
        "if as many tell the two apart as here."
    )
