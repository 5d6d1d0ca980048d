"""The words on a take for whoever teaches on the page: the question first, and no word of the computer. No I/O."""

from dataclasses import replace

from armchair_datasets.quality.finding import Level
from armchair_datasets.quality.verdict import EpisodeQuality
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode

# Findings that say nothing of the take, but that the computer, or a twin on it, is too slow.
_SLOW = ("late rows", "old pictures", "repeated pictures")
_TOO_SLOW = (
    "This computer is too slow just now, and such takes teach less: close other programs and pages, or let the expert "
    "show it, who needs no clock."
)


def too_slow(verdict: EpisodeQuality | None) -> str:
    """Return what to tell of the computer, and what to do about it; "" if it kept up."""
    return _TOO_SLOW if verdict and any(finding.rule in _SLOW for finding in verdict.findings) else ""


def in_words(saved: SavedEpisode, done: bool | None, undone: str) -> tuple[str, Level]:
    """Return what whoever teaches reads of a take, and how good it is.

    The first line is the question, others say what was found. `done` is what the twin saw, None if only the teacher
    knows; `undone` is how it is said that the task is not done. What the computer did wrong is left out: `too_slow`
    says it.
    """
    verdict = saved.verdict
    if verdict is None:
        return f"Not kept: {saved.outcome.ending}.", "bad"
    own = replace(verdict, findings=tuple(each for each in verdict.findings if each.rule not in _SLOW))
    if done is None:
        return own.words, own.level
    found = [finding.sentence for finding in own.findings[:2]]
    if not done:
        return "\n".join((f"{undone}. Redo?", *found)), "bad"
    first = "Done, but look." if found else "Done."
    redo = " Redo?" if own.level == "bad" else ""
    return "\n".join((f"{first}{redo}", *(found or [own.words]))), own.level
