"""The privacy scan: keys, home folders, names of people and computers, serial numbers must not leave the machine.

Text is searched line by line; of parquet, mp4 and safetensors files what can hold words (see `extract_text`).
"""

import getpass
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import Payload
from armchair_datasets.push.content.text_extraction import extract_text

TOKEN = "token"
# In plain words; all but the first can be let through by name.
KINDS = {
    TOKEN: "key or password",
    "path": "home folder",
    "serial": "serial number",
    "name": "name of this machine or its user",
}
# What it looks like, after a word in small letters without which it is not there: looking for those first is quick.
_PATTERNS = {
    TOKEN: (
        ("hf_", r"\bhf_[A-Za-z0-9]{20,}"),
        ("authorization", r"(?i:authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token)\s+[\w.~+/=-]{8,})"),
        ("api_key", r"(?i:api_key[\"']?\s*[:=]\s*[\"']?[\w.~+/=-]{12,})"),
        ("secret_key", r"(?i:secret_key[\"']?\s*[:=]\s*[\"']?[\w.~+/=-]{12,})"),
        ("password", r"(?i:\bpassword[\"']?\s*[:= ]\s*[\"']?[^\s\"',}]{8,})"),
        ("wandb", r"(?i:wandb[^\n]{0,80}?\b[0-9a-f]{40}\b)"),  # of Weights & Biases, as in ~/.netrc
        ("sk-", r"(?<![\w-])sk-[\w-]{20,}"),  # of OpenAI and those who write keys like it
        ("github_pat_", r"\bgithub_pat_\w{20,}"),
        *((f"gh{kind}_", rf"\bgh{kind}_[A-Za-z0-9]{{30,}}") for kind in "pousr"),
        ("akia", r"\bAKIA[0-9A-Z]{16}\b"),  # of Amazon
        ("aiza", r"\bAIza[\w-]{35}"),  # of Google
        ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ),
    "path": (
        ("/home/", r"/home/[^/\s\"'\\:,;<>|]+"),
        ("/users/", r"(?:\b[A-Za-z]:)?/Users/[^/\s\"'\\:,;<>|]+"),
        ("users\\", r"\b[A-Za-z]:\\+(?i:users)\\+[^\\/\s\"':,;<>|]+"),
    ),
    "serial": (
        ("/serial/by-id/", r"/dev/serial/by-id/[\w.:-]+"),
        ("usb-", r"\busb-\w[\w.:-]*-if\d\d\b"),
        ("tty.", r"\btty\.(?:usbmodem|usbserial-?|wchusbserial)\w{8,}"),
        ("cu.", r"\bcu\.(?:usbmodem|usbserial-?|wchusbserial)\w{8,}"),
        ("serial", r"(?i:\bserial[_ -]?(?:number|no)(?:_or_name)?[\"']?\s*[:=]\s*[\"']?[\w-]{6,})"),
    ),
}
# Names that say nothing about anybody, and words that are in every dataset.
_COMMON = {"action", "admin", "armchair", "debian", "desktop", "docker", "follower", "front", "home", "laptop",
           "leader", "lerobot", "localhost", "raspberrypi", "robot", "root", "runner", "student", "task", "test",
           "ubuntu", "user", "vagrant", "wrist"}  # fmt: skip
_SHORTEST_NAME = 4
_SHOWN = 6  # characters of a finding


@dataclass(frozen=True)
class Finding:
    """Where something was found, as ``meta/info.json:12``, and its beginning."""

    kind: str
    place: str
    shown: str

    def __str__(self) -> str:
        return f"{self.place}: {KINDS[self.kind]} {self.shown}"


@dataclass(frozen=True)
class Finder:
    """Finds one kind of thing, in text that has `word` in it."""

    kind: str
    word: str
    pattern: re.Pattern[str]


class UnsafeError(ArmchairError):
    """A payload would give something away. Nothing was sent."""

    def __init__(self, sentence: str, findings: list[Finding]) -> None:
        super().__init__(sentence)
        self.findings = findings


def check_safe(payload: Payload) -> None:
    """Raise if something that would be sent gives away what it must not.

    Raises:
        UnsafeError: if something was found that the payload does not allow; a token is never allowed.
    """
    findings = [finding for finding in scan(payload) if finding.kind not in payload.allowed]
    if not findings:
        return
    first, more = findings[0], f" and {len(findings) - 1} more like it" if len(findings) > 1 else ""
    found = f"{payload.folder} would give something away ({first}{more})"
    token = next((finding for finding in findings if finding.kind == TOKEN), None)
    if token is not None:
        raise UnsafeError(
            f"{found}: take the {KINDS[TOKEN]} out of {token.place}, and make it invalid where it was issued.", findings
        )
    allow = quoted(
        *(word for kind in KINDS if any(finding.kind == kind for finding in findings) for word in ("--allow", kind))
    )
    raise UnsafeError(f"{found}: take it out, or add {allow} if everybody may know.", findings)


def scan(payload: Payload) -> list[Finding]:
    """Return all that was found, each once a file and a line, in the order of the files.

    Raises:
        ArmchairError: if a file cannot be read as what its name says.
    """
    finders = [
        Finder(kind, word, re.compile(pattern)) for kind, patterns in _PATTERNS.items() for word, pattern in patterns
    ]
    # The user's name on the Hub is in the repo's own name.
    for name in sorted(own_names() - {payload.repo_id.partition("/")[0].lower()}):
        alone = rf"(?<![A-Za-z0-9])(?i:{re.escape(name)})(?![A-Za-z0-9])"
        finders.append(Finder("name", name, re.compile(alone)))
    return [finding for path, file in payload.files().items() for finding in _search(path, file, finders)]


def own_names() -> set[str]:
    """Return what this machine and its user are called, in small letters, without what everybody calls theirs."""
    host = socket.gethostname().lower()
    names = {host, host.partition(".")[0], getpass.getuser().lower()}
    return {name for name in names if len(name) >= _SHORTEST_NAME and name not in _COMMON}


def _search(path: str, file: Path, finders: Sequence[Finder]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for place, text in extract_text(file, [finder.word for finder in finders]):
        small = text.lower()
        for finder in finders:
            for found in finder.pattern.finditer(text) if finder.word in small else ():
                if not seen & {(finder.kind, found[0]), (finder.kind, place)}:
                    seen |= {(finder.kind, found[0]), (finder.kind, place)}
                    yield Finding(finder.kind, f"{path}{place}", f"{found[0][:_SHOWN]}…")
