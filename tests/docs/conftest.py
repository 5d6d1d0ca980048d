"""The command lines that documents show."""

import re
import shlex
from typing import NamedTuple

import pytest

_BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"^(?:\$ )?((?:[A-Z_]+=\S+ )*)(?:uv run )?((?:armchair|lerobot-[a-z-]+) .+)")


class Line(NamedTuple):
    """A line that calls Armchair or LeRobot, the kind of its block, and what it sets in the environment."""

    kind: str
    environment: dict[str, str]
    words: list[str]


class Paper:
    """A document in Markdown."""

    def __init__(self, text: str) -> None:
        self._text = text

    def lines(self) -> list[Line]:
        """The lines of its blocks, in order; one that goes on behind a backslash is one."""
        found = []
        for kind, block in _BLOCK.findall(self._text):
            for line in block.replace("\\\n", " ").splitlines():
                if match := _LINE.match(line):
                    environment = dict(each.split("=", 1) for each in match[1].split())
                    found.append(Line(kind, environment, shlex.split(match[2], comments=True)))
        return found

    def named(self) -> list[list[str]]:
        """What is named between the blocks: `armchair eval`."""
        between = _BLOCK.sub("", self._text).replace(" && ", "`; `")
        return [shlex.split(words) for words in re.findall(r"`(?:uv run )?(armchair [a-z][^`\n]*)`", between)]


@pytest.fixture(scope="session")
def paper() -> type[Paper]:
    return Paper
