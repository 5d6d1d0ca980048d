"""The choice of episodes that a report shows as videos. No I/O."""

from collections.abc import Iterable, Sequence

from armchair_robot.loop.episode import Outcome

FILMED_EACH = 2  # of successes, and of every kind of failure


def worth_a_video(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the first successes, then the first failures of every kind."""
    kinds: dict[str, list[Outcome]] = {"success": []}
    for outcome in outcomes:
        kinds.setdefault(outcome.ending, []).append(outcome)
    return [outcome for kind in kinds.values() for outcome in kind[:FILMED_EACH]]


def most_telling(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the one that shows most: the first failure, or the first success if there is none."""
    return next((outcome for outcome in outcomes if not outcome.success), outcomes[0])


def video_name(outcome: Outcome) -> str:
    """Return the name of its file: ``seed-100003-timed-out.mp4``."""
    return f"seed-{outcome.seed}-{'-'.join(outcome.ending.lower().split())}.mp4"
