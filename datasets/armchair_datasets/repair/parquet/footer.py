"""Parquet footers: files whose footer was never written, opened nevertheless.

The problem: a Parquet file is a row of pages, followed by a footer that says which column and which rows each
page holds. `pyarrow.parquet.ParquetWriter` sends the pages to the disk with every `write_table`, and the footer
when it is closed. Stock LeRobot closes it at the end of the session (lerobot/datasets/dataset_writer.py), so
that a killed session leaves pages that no reader finds.

Each page begins with a header that tells its size and how many values it holds. With the schema, which
info.json knows, that is enough to write the footer again:

    "PAR1" | page page … | page page … |             what is on the disk: columns in order, episode by episode
    "PAR1" | page page … | page page … | footer      what is read here, in memory

https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift has the field numbers.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from armchair_datasets.repair.parquet.thrift import I16, I32, I64, LIST, STRUCT, Reader, Struct, write_struct

MAGIC = b"PAR1"
_DATA, _DICTIONARY = 0, 2  # PageType
_ABOUT = {_DATA: 5, _DICTIONARY: 7}  # the header's field that tells the number of values
_PLAIN, _RLE, _RLE_DICTIONARY = 0, 3, 8  # Encoding


@dataclass(frozen=True)
class Page:
    """A page between the bytes `start` and `end` of its file, header included; `plain` is its size unpacked."""

    kind: int
    values: int
    start: int
    end: int
    plain: int


def open_without_footer(path: Path, schema: pa.Schema) -> pq.ParquetFile | None:
    """Return the rows of a file that `ParquetWriter(path, schema)` was killed over, as a readable file, or None.

    A row group that is not there to its last page is left out.
    """
    data = path.read_bytes()
    widths = _values_per_row(schema)
    groups = list(_row_groups(list(_pages(memoryview(data))), widths)) if widths else []
    if not groups:
        return None
    end = groups[-1][-1][-1].end
    rows = [sum(page.values for page in _data_pages(group[0])) // widths[0] for group in groups]
    footer = _footer(schema, groups, rows)
    whole = data[:end] + footer + len(footer).to_bytes(4, "little") + MAGIC
    return pq.ParquetFile(pa.BufferReader(whole))


def _pages(data: memoryview) -> Iterator[Page]:
    """Yield all pages from the start of the file up to the first that is not whole."""
    position = len(MAGIC) if bytes(data[: len(MAGIC)]) == MAGIC else len(data)
    while position < len(data) and (page := _page(data, position)):
        yield page
        position = page.end


def _page(data: memoryview, start: int) -> Page | None:
    """Return the page that begins at `start`, if one does and is there to its end."""
    reader = Reader(data, start)
    try:
        header = reader.struct()
        kind, plain, packed = (header[field][1] for field in (1, 2, 3))
        values = header[_ABOUT[kind]][1][1][1]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None  # whatever else stands there
    if not all(isinstance(number, int) and number >= 0 for number in (plain, packed, values)):
        return None
    end = reader.position + packed
    return Page(kind, values, start, end, reader.position - start + plain) if end <= len(data) else None


def _values_per_row(schema: pa.Schema) -> list[int]:
    """Return how many values a row has in each leaf column; nothing if that changes from row to row."""
    widths: list[int] = []
    for field in schema:
        kind, width = field.type, 1
        if isinstance(kind, pa.BaseExtensionType):  # datasets.Array2D and its like
            shape, kind = kind.shape, kind.storage_type
            for size in shape:
                width, kind = width * size, kind.value_type
        elif pa.types.is_fixed_size_list(kind):
            width, kind = kind.list_size, kind.value_type
        if pa.types.is_list(kind):
            return []
        leaves = kind.num_fields if pa.types.is_struct(kind) else 1
        widths += [width] * leaves
    return widths


def _row_groups(pages: Sequence[Page], widths: Sequence[int]) -> Iterator[list[list[Page]]]:
    """Yield the pages by row group and column, as long as row groups are whole."""
    position = 0
    while group := _row_group(pages, position, widths):
        yield group
        position += sum(map(len, group))


def _row_group(pages: Sequence[Page], start: int, widths: Sequence[int]) -> list[list[Page]] | None:
    """Return the row group that begins with the page number `start`, if it is whole.

    How many rows it has follows from its first column, but nothing marks where that column ends when the next
    one has no dictionary. Only one reading makes all columns equally long; the shortest that does is it.
    """
    values = 0
    for page in pages[start:]:
        values += page.values if page.kind == _DATA else 0
        if values and values % widths[0] == 0 and (group := _split(pages, start, widths, values // widths[0])):
            return group
    return None


def _split(pages: Sequence[Page], position: int, widths: Sequence[int], rows: int) -> list[list[Page]] | None:
    """Return one list of pages for each column, if each has exactly `rows` rows."""
    columns = []
    for width in widths:
        column: list[Page] = []
        missing = rows * width
        while missing > 0:
            if position == len(pages) or (column and pages[position].kind == _DICTIONARY):
                return None
            column.append(pages[position])
            missing -= pages[position].values if pages[position].kind == _DATA else 0
            position += 1
        if missing < 0:
            return None
        columns.append(column)
    return columns


def _data_pages(column: Sequence[Page]) -> list[Page]:
    return [page for page in column if page.kind == _DATA]


def _footer(schema: pa.Schema, groups: Sequence[list[list[Page]]], rows: Sequence[int]) -> bytes:
    """Return the footer that the writer would have written, without its statistics."""
    empty = io.BytesIO()
    pq.write_table(schema.empty_table(), empty, compression="snappy", use_dictionary=True)
    data = memoryview(empty.getvalue())
    footer = Reader(data, len(data) - 8 - int.from_bytes(data[-8:-4], "little")).struct()
    columns = [chunk[3][1] for chunk in footer[4][1][1][0][1][1][1]]  # of the empty file's only row group
    described = [
        _describe_group(number, group, columns, count)
        for number, (group, count) in enumerate(zip(groups, rows, strict=True))
    ]
    return write_struct(footer | {3: (I64, sum(rows)), 4: (LIST, (STRUCT, described))})


def _describe_group(number: int, group: list[list[Page]], columns: Sequence[Struct], rows: int) -> Struct:
    """Return a RowGroup."""
    chunks = [_describe_column(pages, column) for pages, column in zip(group, columns, strict=True)]
    packed, plain = (sum(chunk[3][1][field][1] for chunk in chunks) for field in (7, 6))
    return {
        1: (LIST, (STRUCT, chunks)),
        2: (I64, plain),
        3: (I64, rows),
        5: (I64, group[0][0].start),
        6: (I64, packed),
        7: (I16, number),
    }


def _describe_column(pages: list[Page], column: Struct) -> Struct:
    """Return a ColumnChunk; `column` is the ColumnMetaData of the same column in the empty file."""
    data = _data_pages(pages)
    meta = {field: column[field] for field in (1, 3, 4)}  # type, path_in_schema, codec
    meta |= {
        2: (LIST, (I32, [_PLAIN, _RLE, _RLE_DICTIONARY])),
        5: (I64, sum(page.values for page in data)),
        6: (I64, sum(page.plain for page in pages)),
        7: (I64, sum(page.end - page.start for page in pages)),
        9: (I64, data[0].start),
    }
    if pages[0].kind == _DICTIONARY:
        meta[11] = (I64, pages[0].start)
    return {2: (I64, 0), 3: (STRUCT, meta)}
