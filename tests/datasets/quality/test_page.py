"""The page: complete by itself, true to the verdict, and careful with names that strangers chose."""

import base64
import io
import re

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from armchair_datasets.quality.check import check
from armchair_datasets.quality.page import Album, write_page


@pytest.fixture
def make_page(tmp_path):
    """(root) -> (html, verdict)"""

    def make(root) -> tuple:
        album = Album()
        verdict = check(root, watch=album.watch)
        write_page(tmp_path / "page.html", verdict, album)
        return (tmp_path / "page.html").read_text(encoding="utf-8"), verdict

    return make


def test_every_episode_has_its_pictures_and_its_plot(recording, make_page):
    html, verdict = make_page(recording)
    pictures = re.findall(r'src="data:image/webp;base64,([^"]+)"', html)
    assert len(pictures) == 6 * 2 * 5
    sizes = {Image.open(io.BytesIO(base64.b64decode(picture))).size for picture in pictures}
    assert sizes == {(64, 64)}
    assert html.count("<article") == html.count('role="img"') == 6
    assert html.count("<polyline") == 6 * 2 * 6
    ids = re.findall(r'id="episode-(\d+)"', html)
    assert sorted(map(int, ids)) == [episode.index for episode in verdict.episodes]
    assert html.count("<figcaption>0.0 s</figcaption>") == 6 * 2


def test_it_needs_nothing_else(recording, make_page):
    html, _ = make_page(recording)
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|<script|<link|url\(|@import", html)


def test_findings_are_told_and_marked(copy, edit_rows, make_page):
    rows = pq.read_table(copy / "data/chunk-000/file-000.parquet")
    first = rows["episode_index"].to_pylist().count(0)

    def slip(states):
        states[40:first, 2] += 60
        return states

    edit_rows(copy, "observation.state", slip)
    html, verdict = make_page(copy)
    (jump,) = [finding for finding in verdict.episodes[0].verdict.findings if finding.rule == "jump"]
    assert jump.sentence in html
    band = re.search(r'<rect class="band bad" x="([\d.]+)" width="([\d.]+)"', html)
    frames = verdict.episodes[0].verdict.frames
    assert float(band[1]) == pytest.approx(39 / frames * 600, abs=0.1)
    assert html.index('id="episode-0"') < html.index('id="episode-1"')
    assert "Worth a look" in html and "Good</h2>" in html


def test_names_of_strangers_are_only_text(copy, edit_json, make_page):
    edit_json(copy / "meta/info.json", robot_type="<script>alert(1)</script>")
    html, _ = make_page(copy)
    assert "<script" not in html and "&lt;script&gt;" in html


def test_numbers_that_are_none_leave_the_plot_whole(copy, edit_rows, make_page):
    edit_rows(copy, "action", lambda actions: np.where(np.arange(len(actions))[:, None] % 5 == 0, np.nan, actions))
    html, _ = make_page(copy)
    assert "nan" not in "".join(re.findall(r'points="([^"]*)"', html))


def test_many_episodes_get_fewer_pictures(episodes):
    few, many = Album(), Album()
    for album, total in ((few, 10), (many, 400)):
        look = album.watch(0, total, episodes[0])
        for frame in range(episodes[0].frames):
            look("front", frame, np.zeros((480, 640, 3), np.uint8))
    assert (len(few.sights[0].strips["front"]), len(many.sights[0].strips["front"])) == (5, 1)
    (second, uri) = many.sights[0].strips["front"][0]
    assert second == pytest.approx(episodes[0].frames / 30 / 2, abs=0.1)
    assert Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).size == (144, 108)
