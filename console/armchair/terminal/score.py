"""The score of an evaluation, with its interval and how the scenes ended."""

from armchair.terminal.say import say
from armchair_core.words import number_of
from armchair_policies.evaluation.results import EvalResult


def say_score(result: EvalResult) -> None:
    """Print the share of successes with its 95 % interval, and how often the scenes ended how."""
    low, high = result.interval_95
    say(
        f"{result.successes} of {number_of(result.episodes, 'scene')}: {result.success_rate:.1%} "
        f"(95 % interval {low:.1%} to {high:.1%})"
    )
    for ending, count in result.endings.items():
        say(f"  {count:4d}  {ending}")
