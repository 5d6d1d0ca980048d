"""Text extraction from a file, whatever its format: [(":12", "the twelfth line"), …] or [(" (metadata)", …)]."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from armchair_core.command_line import named
from armchair_core.errors import ArmchairError

_BLOCK = 2**18  # bytes of text that are looked at together
_LONGEST_HEADER = 100_000_000  # bytes; as in the safetensors format's own definition


def extract_text(file: Path, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield where and what; `where` is the end of a place that begins with the file's name.

    Of a file without a format of its own, lines far from all of `words` (in small letters) are left out: 50 MB/s.

    Raises:
        ArmchairError: if the file is not what its name says.
    """
    by_lines = partial(_lines, words=[word.encode() for word in words])
    reader = {".parquet": _parquet, ".mp4": _video, ".safetensors": _safetensors}.get(file.suffix, by_lines)
    try:
        yield from reader(file)
    except (OSError, ValueError) as error:  # what pyarrow's and av's errors are
        raise ArmchairError(f"{file} cannot be read ({error}): mend it first, with `{named('repair')}`.") from error


def _lines(file: Path, words: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    number = 1
    with file.open("rb") as content:
        while block := content.read(_BLOCK) + content.readline(_BLOCK):
            small = block.lower()
            if any(word in small for word in words):
                for offset, line in enumerate(block.split(b"\n")):
                    yield f":{number + offset}", line.decode("utf-8", "replace")
            number += block.count(b"\n")


def _parquet(file: Path) -> Iterator[tuple[str, str]]:
    import pyarrow as pa  # not before something is searched: the console's server imports this file
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as table:
        for name, value in (table.schema_arrow.metadata or {}).items():
            yield f" (metadata {name.decode()})", value.decode("utf-8", "replace")
        for field in table.schema_arrow:
            plain = field.type
            while pa.types.is_list(plain) or pa.types.is_large_list(plain):
                plain = plain.value_type
            if pa.types.is_string(plain) or pa.types.is_large_string(plain):
                column = table.read([field.name])[field.name]
                while column.type != plain:
                    column = pc.list_flatten(column)
                yield from ((f" (column {field.name})", text or "") for text in pc.unique(column).to_pylist())


def _video(file: Path) -> Iterator[tuple[str, str]]:
    import av  # as late

    with av.open(str(file)) as video:
        labels: Iterable[dict[str, str]] = (video.metadata, *(stream.metadata for stream in video.streams))
        yield from ((f" (metadata {name})", f"{name}: {text}") for one in labels for name, text in one.items())


def _safetensors(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the JSON header, which follows its length in 8 bytes (https://huggingface.co/docs/safetensors/index)."""
    with file.open("rb") as content:
        length = int.from_bytes(content.read(8), "little")
        header = content.read(min(length, _LONGEST_HEADER))
    yield " (header)", json.dumps(json.loads(header).get("__metadata__", {}))
