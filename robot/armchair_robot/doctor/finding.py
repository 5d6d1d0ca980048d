"""A finding, one thing that is wrong: what, how serious, how sure, what to do next."""

from dataclasses import dataclass

LEVELS = ("broken", "wrong", "notice")  # does not work · works badly or does damage · worth knowing


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `code` is for programs and stays; `what` and `todo` are sentences for people.

    `level` is one of LEVELS, `sure` is certain, likely or possible, `at` is a joint, a camera or a port.
    """

    code: str
    level: str
    sure: str
    what: str
    todo: str
    at: str = ""


def broken(code: str, sure: str, what: str, todo: str, at: str = "") -> Finding:
    """Return a finding of what does not work, or will not in a moment."""
    return Finding(code, "broken", sure, what, todo, at)


def wrong(code: str, sure: str, what: str, todo: str, at: str = "") -> Finding:
    """Return a finding of what works badly, or does damage in time."""
    return Finding(code, "wrong", sure, what, todo, at)


def notice(code: str, sure: str, what: str, todo: str, at: str = "") -> Finding:
    """Return a finding that is worth knowing, and no fault by itself."""
    return Finding(code, "notice", sure, what, todo, at)


def ranked(findings: list[Finding]) -> list[Finding]:
    """Return the most serious first; equals stay in their order, for a bad line explains what comes after it."""
    return sorted(findings, key=lambda one: LEVELS.index(one.level))


def listed(names: list[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
