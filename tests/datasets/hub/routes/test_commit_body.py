"""A commit's body, however it is cut into pieces."""

import base64
import itertools
import json
import os
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.limits import Limits
from armchair_datasets.hub.routes.commit_body import CommitBody
from armchair_datasets.hub.store.blobs import Blobs

FILES = {"a": b"", "b/ü": b"\x00\xff" * 50, 'c"content": "x': b"1", "d": os.urandom(1000)}
HEADER = {"summary": 'says "content": "not this"', "description": 'a \\"content\\": \\"', "parentCommit": "0" * 40}


def encode(files, spaced=True):
    separators = None if spaced else (",", ":")
    lines = [{"key": "header", "value": HEADER}]
    for path, content in files.items():
        value = {"content": base64.b64encode(content).decode(), "path": path, "encoding": "base64"}
        if not spaced:  # the other order is as good
            value = dict(reversed(value.items()))
        lines.append({"key": "file", "value": value})
    lines.append({"key": "lfsFile", "value": {"path": "l", "algo": "sha256", "oid": "1" * 64, "size": 7}})
    lines.append({"key": "deletedFile", "value": {"path": "old"}})
    lines.append({"key": "deletedFolder", "value": {"path": "older/"}})
    return b"\n".join(json.dumps(line, separators=separators).encode() for line in lines)


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return Blobs(tmp_path_factory.mktemp("hub"))


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 2500), max_size=40), spaced=st.booleans())
def test_says_the_same_in_any_pieces(blobs, cuts, spaced):
    whole = encode(FILES, spaced)
    ends = [0, *sorted(cuts), len(whole)]
    body = CommitBody(blobs.draft, Limits())
    for start, end in itertools.pairwise(ends):
        body.feed(whole[start:end])
    body.finish()
    for draft in body.files.values():
        draft.seal()
    assert {path: draft.path.read_bytes() for path, draft in body.files.items()} == FILES
    assert (body.header.summary, body.header.description) == (HEADER["summary"], HEADER["description"])
    assert (body.header.parent, body.lfs_files["l"].size) == ("0" * 40, 7)
    assert (body.deleted_files, body.deleted_folders) == (["old"], ["older/"])
    body.discard()
    assert blobs.size == 0


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 2400), junk=st.binary(max_size=3))
def test_damage_is_refused_or_harmless(blobs, place, junk):
    """Whatever stands in the middle of a body: a refusal, or a commit, and no other error."""
    whole = encode(FILES)
    body = CommitBody(blobs.draft, Limits())
    try:
        body.feed(whole[:place] + junk + whole[place + 2 :])
        body.finish()
    except HubError as refusal:
        assert refusal.status_code in (400, 413)
    finally:
        body.discard()
    assert blobs.size == 0


def test_a_large_file_stays_out_of_memory(blobs):
    piece = base64.b64encode(bytes(3 * 2**18))
    body = CommitBody(blobs.draft, Limits())
    tracemalloc.start()
    body.feed(b'{"key": "header", "value": {"summary": "x"}}\n{"key": "file", "value": {"content": "')
    for _ in range(64):
        body.feed(piece)
    body.feed(b'", "path": "large", "encoding": "base64"}}')
    body.finish()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert body.files["large"].size == 48 * 2**20
    assert peak < 8 * 2**20
    body.discard()
