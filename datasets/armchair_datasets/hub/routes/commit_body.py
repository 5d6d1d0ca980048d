"""The body of a commit request, taken apart as it arrives.

It is one JSON object a line, and a file travels as base64 within its line, so that a line can be a gigabyte:

    {"key": "header", "value": {"summary": "...", "description": "...", "parentCommit": "..."}}
    {"key": "file", "value": {"content": "<base64>", "path": "...", "encoding": "base64"}}
    {"key": "lfsFile", "value": {"path": "...", "algo": "sha256", "oid": "...", "size": 1}}
    {"key": "deletedFile" | "deletedFolder", "value": {"path": "..."}}

(huggingface_hub 1.33, _commit_api.py, _prepare_commit_payload). Contents go to drafts on the disk as they are
decoded; what is left of a line is short and is parsed when the line ends.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.limits import Limits, in_words
from armchair_datasets.hub.protocol.names import SHA256
from armchair_datasets.hub.store.blobs import Draft

_LINE = 2**17  # the longest line, in bytes, without the content in it
# A quote inside of a JSON string is escaped, so that this can only be the start of a content.
_CONTENT = re.compile(rb'"content"\s*:\s*"')


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class Header(_Strict):
    """What the commit is about."""

    summary: str = Field(max_length=1000)
    description: str = Field(default="", max_length=100_000)
    parent: str | None = Field(default=None, alias="parentCommit", pattern="^[0-9a-f]{40}$")


class InlineFile(_Strict):
    """A file whose content was in the line."""

    path: str
    content: Literal[""]
    encoding: Literal["base64"]


class LfsFile(_Strict):
    """A file whose content was sent before."""

    path: str
    algo: Literal["sha256"] = "sha256"
    oid: str = Field(pattern=SHA256)
    size: int | None = Field(default=None, ge=0)


class Deleted(_Strict):
    """A file or folder to delete."""

    path: str


class _HeaderLine(_Strict):
    key: Literal["header"]
    value: Header


class _FileLine(_Strict):
    key: Literal["file"]
    value: InlineFile


class _LfsLine(_Strict):
    key: Literal["lfsFile"]
    value: LfsFile


class _DeletedLine(_Strict):
    key: Literal["deletedFile", "deletedFolder"]
    value: Deleted


_LINES = TypeAdapter(Annotated[_HeaderLine | _FileLine | _LfsLine | _DeletedLine, Field(discriminator="key")])


class CommitBody:
    """Takes the bytes of a body one after the other, and holds what they said.

    `files` are the contents that came along, by path. Whoever makes one calls `discard` in the end: it removes the
    drafts that nobody has kept.
    """

    def __init__(self, new_draft: Callable[[], Draft], limits: Limits) -> None:
        self.header: Header | None = None
        self.files: dict[str, Draft] = {}
        self.lfs_files: dict[str, LfsFile] = {}
        self.deleted_files: list[str] = []
        self.deleted_folders: list[str] = []
        self._new_draft, self._limits = new_draft, limits
        self._lines = 0
        self._line = bytearray()
        self._content: Draft | None = None  # of the present line
        self._inside = False  # whether the next byte belongs to it
        self._encoded = b""  # up to three characters that wait for a fourth

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            HubError: 400 if they are not a commit's, 413 if something is too large.
            OSError: if the disk refuses.
        """
        while data:
            data = self._take_content(data) if self._inside else self._take_text(data)

    def finish(self) -> Header:
        """Say that this was all, and return what the commit is about.

        Raises:
            HubError: 400 if it ended too early.
        """
        if self._inside:
            raise _not_a_commit("it ends in the middle of a file")
        if self._line.strip():
            self._end_line()
        if self.header is None:
            raise _not_a_commit("it has no header")
        return self.header

    def discard(self) -> None:
        """Remove what was received, except for drafts that were kept."""
        for draft in [*self.files.values(), *([self._content] if self._content else [])]:
            draft.discard()

    def _take_text(self, data: bytes) -> bytes:
        text, newline, rest = data.partition(b"\n")
        self._line += text
        if self._content is None and (found := _CONTENT.search(self._line)):
            begun = bytes(self._line[found.end() :])
            del self._line[found.end() :]
            self._content, self._inside = self._new_draft(), True
            return begun + newline + rest
        if len(self._line) > _LINE:
            raise HubError(413, f"a line of the commit is longer than {in_words(_LINE)} without the file in it.")
        if newline:
            self._end_line()
        return rest

    def _take_content(self, data: bytes) -> bytes:
        assert self._content is not None  # as long as the bytes are inside of one
        encoded, quote, rest = data.partition(b'"')
        encoded = self._encoded + encoded
        whole = len(encoded) if quote else (len(encoded) - 1) // 4 * 4  # the last four may be padded: wait for the end
        if not quote and b"=" in encoded[:whole]:
            raise _not_a_commit("a file in it goes on behind its end")
        try:
            self._content.write(a2b_base64(encoded[:whole], strict_mode=True))
        except Base64Error:
            raise _not_a_commit("a file in it is not base64") from None
        self._limits.check_file(self._content.size, self._limits.inline)
        self._encoded, self._inside = encoded[whole:], not quote
        return quote + rest

    def _end_line(self) -> None:
        text, content = bytes(self._line), self._content
        self._line.clear()
        self._lines += 1
        if self._lines > self._limits.commit_files:
            raise HubError(413, f"a commit may change {self._limits.commit_files:,} files: make several.")
        if not text.strip():
            return
        try:
            line = _LINES.validate_json(text)
        except ValidationError as error:
            raise _not_a_commit(f"line {self._lines}: {error.errors()[0]['msg']}") from None
        self._note(line, content)

    def _note(self, line: _HeaderLine | _FileLine | _LfsLine | _DeletedLine, content: Draft | None) -> None:
        match line:
            case _HeaderLine() if self.header is None and self._lines == 1:
                self.header = line.value
            case _FileLine() if content and line.value.path not in self.files:
                self.files[line.value.path], self._content = content, None
            case _LfsLine():
                self.lfs_files[line.value.path] = line.value
            case _DeletedLine(key="deletedFile"):
                self.deleted_files.append(line.value.path)
            case _DeletedLine():
                self.deleted_folders.append(line.value.path)
            case _:
                raise _not_a_commit(f"line {self._lines}: a {line.key} has no place there")


def _not_a_commit(why: str) -> HubError:
    return HubError(400, f"this is no commit: {why}.")
