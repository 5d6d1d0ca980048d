"""The words on a take for whoever teaches on the page: the question first, and no word of the computer. No I/O."""

from dataclasses import replace

from armchair_datasets.quality.finding import Level
from armchair_datasets.quality.verdict import EpisodeQuality
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode

# Findings that say nothing of the take, but that the computer, or a twin on it, is too slow.
_SLOW = ("late rows", "old pictures", "repeated pictures")
_TOO_SLOW = (
    "This computer is too slow just now: {words}. Takes like that teach less: close other programs and pages, or let "
    "the expert show it, who needs no clock."
)


def too_slow(verdict: EpisodeQuality | None) -> str:
    """Return what to tell of the computer, and what to do about it; "" if it kept up."""
    slow = [finding for finding in verdict.findings if finding.rule in _SLOW] if verdict else []
    return _TOO_SLOW.format(words=slow[0].words) if slow else ""


def in_words(saved: SavedEpisode, done: bool | None, task: str) -> tuple[str, Level]:
    """Return what whoever teaches reads of a take, the question first, and how good it is.

    `done` is what the twin saw, None if only the teacher knows; `task` is its sentence. What the computer did wrong is
    left out: `too_slow` says it.
    """
    verdict = saved.verdict
    if verdict is None:
        return f"Not kept: {saved.outcome.ending}.", "bad"
    own = replace(verdict, findings=tuple(each for each in verdict.findings if each.rule not in _SLOW))
    if done is None:
        return own.words, own.level
    also = "\n".join(finding.sentence for finding in own.findings[:2])
    if not done:
        return "\n".join(filter(None, (f"Not done: {task[:1].lower()}{task[1:].rstrip('.')}. Redo?", also))), "bad"
    again = " Redo?" if own.level == "bad" else ""
    return (f"Done, but look.{again}\n{also}" if also else f"Done: {own.words[:1].lower()}{own.words[1:]}"), own.level
