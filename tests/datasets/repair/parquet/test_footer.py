"""Footers written again, against pyarrow and against every place where a file can end."""

import contextlib

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from armchair_datasets.repair.parquet.footer import open_without_footer
from armchair_datasets.repair.parquet.thrift import (  # fmt: skip
    BINARY,
    BYTE,
    DOUBLE,
    FALSE,
    I16,
    I32,
    I64,
    LIST,
    STRUCT,
    TRUE,
    Reader,
    write_struct,
)

FEATURES = datasets.Features(
    {
        "state": datasets.Sequence(datasets.Value("float32"), length=6),
        "done": datasets.Value("bool"),
        "grid": datasets.Array2D((2, 3), "float32"),
        "flags": datasets.Sequence(datasets.Value("bool"), length=2),
        "picture": datasets.Image(),
        "timestamp": datasets.Value("float32"),
        "index": datasets.Value("int64"),
        "words": datasets.Value("string"),
    }
)


def table(rows: int, picture_bytes: int = 20) -> pa.Table:
    rng = np.random.default_rng(rows)
    columns = {
        "state": rng.normal(size=(rows, 6)).astype(np.float32).tolist(),
        "done": (rng.random(rows) > 0.5).tolist(),
        "grid": rng.normal(size=(rows, 2, 3)).astype(np.float32).tolist(),
        "flags": (rng.random((rows, 2)) > 0.5).tolist(),
        "picture": [{"bytes": rng.bytes(picture_bytes), "path": f"{row}.png"} for row in range(rows)],
        "timestamp": (np.arange(rows) / 30).tolist(),
        "index": list(range(rows)),
        "words": ["lift it"] * rows,
    }
    return datasets.Dataset.from_dict(columns, features=FEATURES).with_format("arrow")[:]


def unfinished(path, tables: list[pa.Table]) -> bytes:
    """The bytes on the disk before the writer is closed."""
    writer = pq.ParquetWriter(path, tables[0].schema, compression="snappy", use_dictionary=True)
    for each in tables:
        writer.write_table(each)
    content = path.read_bytes()
    writer.close()
    path.write_bytes(content)
    return content


def test_every_type_that_lerobot_writes_comes_back(tmp_path):
    """Pictures of 40 kB fill many pages and break off the dictionary; 50 000 rows fill many pages too."""
    path = tmp_path / "rows.parquet"
    tables = [table(100, 40_000), table(7), table(1), table(50_000)]
    unfinished(path, tables)
    with pytest.raises(pa.ArrowInvalid):
        pq.ParquetFile(path)
    recovered = open_without_footer(path, FEATURES.arrow_schema)
    assert recovered.num_row_groups == len(tables)
    assert recovered.schema_arrow.metadata == tables[0].schema.metadata
    for group, told in enumerate(tables):
        assert recovered.read_row_group(group).equals(told)


def test_wherever_the_file_ends_the_rows_before_it_come_back(tmp_path):
    path = tmp_path / "rows.parquet"
    tables = [table(rows) for rows in (3, 5, 4)]
    content = unfinished(path, tables)
    counts = []
    for end in [*range(0, len(content), 7), len(content)]:
        path.write_bytes(content[:end])
        recovered = open_without_footer(path, FEATURES.arrow_schema)
        counts.append(recovered.num_row_groups if recovered else 0)
        for group in range(counts[-1]):
            assert recovered.read_row_group(group).equals(tables[group])
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3}


@pytest.mark.parametrize("tail", [b"\0" * 500, b"PAR1" * 30, bytes(range(256))])
def test_rubbish_behind_the_rows_is_ignored(tmp_path, tail):
    path = tmp_path / "rows.parquet"
    path.write_bytes(unfinished(path, [table(3), table(2)]) + tail)
    recovered = open_without_footer(path, FEATURES.arrow_schema)
    assert recovered.num_row_groups == 2
    assert recovered.read_row_group(1).equals(table(2))


def test_flipped_bytes_end_in_fewer_rows_or_an_error_of_pyarrow(tmp_path):
    path = tmp_path / "rows.parquet"
    content = bytearray(unfinished(path, [table(3), table(5)]))
    rng = np.random.default_rng(0)
    for _ in range(150):
        damaged = bytearray(content)
        damaged[rng.integers(4, len(damaged))] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            recovered = open_without_footer(path, FEATURES.arrow_schema)
            for group in range(recovered.num_row_groups if recovered else 0):
                recovered.read_row_group(group)
        except (pa.ArrowException, OSError):
            pass


def test_no_rows_by_a_wrong_schema(tmp_path):
    path = tmp_path / "rows.parquet"
    unfinished(path, [table(3), table(5)])
    lacking = pa.schema([field for field in FEATURES.arrow_schema if field.name != "state"])
    assert open_without_footer(path, lacking) is None
    varying = pa.schema([("state", pa.list_(pa.float32()))])
    assert open_without_footer(path, varying) is None


def test_a_footer_of_pyarrow_survives_reading_and_writing(tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(table(9), path)
    content = path.read_bytes()
    size = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - size : -8]
    assert write_struct(Reader(memoryview(footer)).struct()) == footer


VALUES = {
    I16: st.integers(-(2**15), 2**15 - 1),
    I32: st.integers(-(2**31), 2**31 - 1),
    I64: st.integers(-(2**63), 2**63 - 1),
    BINARY: st.binary(max_size=300),
    BYTE: st.integers(0, 255),
    DOUBLE: st.floats(allow_nan=False),
}
plain = st.one_of(*(st.tuples(st.just(kind), values) for kind, values in VALUES.items()))
flags = st.sampled_from([(TRUE, True), (FALSE, False)])
lists = st.one_of(
    *(
        st.tuples(st.just(LIST), st.tuples(st.just(kind), st.lists(values, max_size=20)))
        for kind, values in VALUES.items()
    )
)
structs = st.recursive(
    st.dictionaries(st.integers(1, 200), plain | flags | lists, max_size=6),
    lambda inner: st.dictionaries(st.integers(1, 30), plain | st.tuples(st.just(STRUCT), inner), max_size=4),
    max_leaves=10,
)


@given(structs)
def test_structs_survive_writing_and_reading(fields):
    data = write_struct(fields)
    reader = Reader(memoryview(data))
    assert reader.struct() == fields
    assert reader.position == len(data)


@given(st.binary(max_size=60))
def test_rubbish_is_refused_in_one_way(data):
    with contextlib.suppress(ValueError):
        Reader(memoryview(data)).struct()
