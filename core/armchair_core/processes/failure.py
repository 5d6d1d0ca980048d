"""The failure of another process: the reason that it gave, found in what it printed. No I/O.

The problem: the last line is seldom the reason. Progress bars close after a traceback, libraries warn at the very end
of a process, launchers put their own traceback behind that of what they launched, and boxes break sentences in two.
"""

import re
import signal
from collections.abc import Iterator

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# What tqdm draws: ``Training:   5%|▌    | 1/20 [00:01<00:20,  1.1s/it]``; often something else follows on its line.
_BAR = re.compile(r"[^\n\r]*?(\d+%\|[^|\n\r]*\||\d+it )[^\[\n\r]*\[[^\]\n\r]*\]")
# What torchcodec logs of each FFmpeg that is not there, and LeRobot then does without it.
_HARMLESS = re.compile(r"\[start of [^\]]* traceback\].*?\[end of [^\]]* traceback\]\.?", re.DOTALL)
_RANK = re.compile(r"^\[(rank|default)\d*\]:\s?")  # what torchrun puts in front of its workers' lines
_RAISED = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?:: (?P<words>.*)|:)?$")
# What launchers raise because another process has failed, which has said why before.
_SECOND_HAND = ("ChildFailedError", "CalledProcessError", "RemoteTraceback", "ProcessRaisedException", "SystemExit")
_LONGEST = 300


def reason_in(printed: str) -> str | None:
    """Return why a process failed, by its own words, without a full stop; None if it said nothing of use.

    Our own ``error: …`` first, then the box of a usage error, the last exception, and else the last line that is no
    progress bar.
    """
    lines = list(_lines(printed))
    said = [line.strip() for line in lines if line.strip() and not line.startswith((" ", "\t"))]
    found = _sentence(lines) or _exception(lines) or (said[-1] if said else None)
    return found[:_LONGEST].rstrip(". ") if found else None


def died_of(code: int) -> str | None:
    """Return what ended a process that was killed, by its exit code; None if it ended by itself."""
    if code >= 0:
        return None
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    memory = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"it was ended by {name}{memory}"


def is_bug(printed: str) -> bool:
    """Return whether a process ended in a traceback, and with no sentence of ours."""
    lines = list(_lines(printed))
    return _sentence(lines) is None and _exception(lines) is not None


def _lines(printed: str) -> Iterator[str]:
    """Yield the lines as a terminal shows them at the end, without colours, ranks and progress bars."""
    for line in re.split(r"[\n\r]", _BAR.sub("\n", _HARMLESS.sub("", _ESCAPES.sub("", printed)))):
        if plain := _RANK.sub("", line.rstrip()):
            yield plain


def _sentence(lines: list[str]) -> str | None:
    """Return what our commands say of a user's mistake."""
    ours = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return ours[-1] if ours else _boxed(lines)


def _boxed(lines: list[str]) -> str | None:
    """Return the sentence in the last box, such as Typer draws around a usage error."""
    begins = [number for number, line in enumerate(lines) if line.startswith(("╭", "+-")) and "Error" in line]
    if not begins:
        return None
    inside = [line.strip("│| ") for line in lines[begins[-1] + 1 :] if line.startswith(("│", "|"))]
    return " ".join(inside) or None


def _exception(lines: list[str]) -> str | None:
    """Return the last exception that nobody raised for another's sake."""
    found: list[str] = []
    inside = False
    for number, line in enumerate(lines):
        if line.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside and not line.startswith((" ", "\t")):
            inside = False
            if (raised := _RAISED.match(line)) and not raised["name"].rpartition(".")[2].startswith(_SECOND_HAND):
                found.append(_whole(line, lines[number + 1 :]))
    return found[-1] if found else None


def _whole(line: str, rest: list[str]) -> str:
    """Return an exception's line, with the next one if it only announces that."""
    follows = line.endswith(":") and rest and not rest[0].startswith("Traceback")
    return f"{line} {rest[0].strip()}" if follows else line
