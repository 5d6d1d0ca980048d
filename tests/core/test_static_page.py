"""A built page: what is hashed is kept for a year, all else is asked for again, and what is packed goes packed."""

import gzip

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from armchair_core.static_page import PageHeaders, page_routes

SCRIPT = b"let a = 1;\n" * 100


@pytest.fixture
def client(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets/index-abcdefgh.js").write_bytes(SCRIPT)
    (tmp_path / "assets/index-abcdefgh.js.gz").write_bytes(gzip.compress(SCRIPT))
    app = FastAPI()
    app.add_middleware(PageHeaders)
    app.include_router(page_routes(tmp_path))
    return TestClient(app)


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip, deflate", True), ("br;q=1.0, GZIP;q=0.5", True), ("*", True), ("identity", False), ("gzip;q=0", False)],
)
def test_who_takes_it_packed_gets_it_so(client, accepted, packed):
    answer = client.get("/assets/index-abcdefgh.js", headers={"Accept-Encoding": accepted})
    assert answer.content == SCRIPT and answer.headers["vary"] == "accept-encoding"
    assert (answer.headers.get("content-encoding") == "gzip") == packed
    assert (int(answer.headers["content-length"]) < len(SCRIPT)) == packed


def test_what_has_a_hash_is_kept_for_a_year_and_the_rest_is_not(client):
    cached = {path: client.get(path).headers["cache-control"] for path in ("/assets/index-abcdefgh.js", "/", "/none")}
    assert cached == {
        "/assets/index-abcdefgh.js": "public, max-age=31536000, immutable", "/": "no-cache", "/none": "no-store",
    }  # fmt: skip


def test_a_packed_file_is_no_page_of_its_own(client):
    assert client.get("/assets/index-abcdefgh.js.gz").status_code == 404
