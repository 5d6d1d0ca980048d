"""What a page reads of datasets, and what it may change: over HTTP, with an arm that only listens."""

import json
import shutil

import av
import httpx
import numpy as np
import pytest

from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.recording.assemble import assemble
from armchair_datasets.recording.episode_folder import CameraTrack, Episode, write_episode
from armchair_datasets.recording.format import Format
from armchair_robot.loop.episode import Outcome

LENGTHS = [12, 20]


@pytest.fixture(scope="module")
def library(page):
    """A page beside a dataset of two episodes, called `pens`."""
    episodes = []
    for number, length in enumerate(LENGTHS):
        track = CameraTrack(48, 64, 30)
        for step in range(length):
            track.add(np.full((48, 64, 3), 10 * step, np.uint8))
        rows = {name: np.full((length, 6), number, np.float32) for name in ("state", "action")}
        folder = page.folder / "made" / f"{number:06d}"
        write_episode(folder, Outcome(number, True, length, "success"), rows, {"front": track})
        episodes.append(Episode(folder))
    assemble(episodes, page.folder / "pens", Format("Sort the pens.", FEATURE_NAMES, ("front",), 48, 64, 30), "a/pens")
    shutil.rmtree(page.folder / "made")
    return page


def get(page, path: str, headers=None, **params) -> httpx.Response:
    return httpx.get(page.url + path, params=params, headers=headers or {}, trust_env=False)


def post(page, path: str, **body) -> httpx.Response:
    return httpx.post(page.url + path, json=body, trust_env=False, timeout=60)


def test_datasets_episodes_and_joints_are_told(library):
    (pens,) = get(library, "/api/datasets").json()
    assert pens["name"] == "pens" and pens["episodes"] == 2 and pens["tasks"] == ["Sort the pens."]
    episodes = get(library, "/api/episodes", data="pens").json()["episodes"]
    assert [each["seconds"] for each in episodes] == [0.4, 0.67]
    one = get(library, "/api/episode", data="pens", index=1).json()
    assert np.shape(one["state"]) == np.shape(one["action"]) == (20, 6) and set(one["state"][0]) == {1.0}
    assert one["videos"] == {"front": {"from_s": pytest.approx(0.4), "to_s": pytest.approx(32 / 30)}}
    assert one["names"] == list(FEATURE_NAMES)


def test_videos_are_sent_in_parts(library):
    whole = get(library, "/api/video", data="pens", index=1, camera="front")
    assert whole.headers["content-type"] == "video/mp4" and b"ftyp" in whole.content[:16]
    part = get(library, "/api/video", {"Range": "bytes=100-299"}, data="pens", index=1, camera="front")
    assert part.status_code == 206 and part.content == whole.content[100:300]
    assert "media-src 'self'" in part.headers["content-security-policy"]


@pytest.mark.parametrize("index", [0, 1])
def test_for_other_browsers_there_is_a_film_of_the_episode_alone(library, index, tmp_path):
    answer = get(library, "/api/film", data="pens", index=index, camera="front")
    assert answer.headers["content-type"] == "video/mp4"
    (tmp_path / "film.mp4").write_bytes(answer.content)
    with av.open(str(tmp_path / "film.mp4")) as film:
        stream = film.streams.video[0]
        greys = [frame.to_ndarray(format="rgb24").mean() for frame in film.decode(stream)]
        assert stream.pix_fmt == "yuv420p" and stream.average_rate == 30
    assert np.abs(greys - 10.0 * np.arange(LENGTHS[index])).max() < 4
    assert get(library, "/api/film", data="pens", index=index, camera="front").content == answer.content


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/api/episodes", {"data": "../pens"}), ("/api/episodes", {"data": "/etc"}), ("/api/episodes", {"data": "no"}),
        ("/api/episode", {"data": "pens", "index": 2}), ("/api/video", {"data": "pens", "index": 0, "camera": "frnt"}),
        ("/api/video", {"data": "pens", "index": 0, "camera": "../../x"}),
        ("/api/film", {"data": "pens", "index": 2, "camera": "front"}),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_in_a_sentence(library, path, params):
    answer = get(library, path, **params)
    assert answer.status_code == 409 and answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("template", ["/etc/passwd", "../../{chunk_index}", "videos/{video_key}/../../../x"])
def test_a_dataset_that_names_files_outside_is_not_trusted(library, template):
    evil = library.folder / "evil"
    shutil.copytree(library.folder / "pens", evil)
    info = json.loads((evil / "meta" / "info.json").read_text())
    (evil / "meta" / "info.json").write_text(json.dumps(info | {"video_path": template}))
    try:
        answer = get(library, "/api/video", data="evil", index=0, camera="front")
        assert answer.status_code == 409 and "do not trust it" in answer.json()["detail"]
        trouble = {each["name"]: each["trouble"] for each in get(library, "/api/datasets").json()}
        assert trouble["pens"] == "" and "do not trust it" in trouble["evil"]
    finally:
        shutil.rmtree(evil)


def test_a_video_that_is_a_link_to_elsewhere_is_not_sent(library, tmp_path):
    (tmp_path / "secret.mp4").write_text("secret")
    film = next((library.folder / "pens").rglob("*.mp4"))
    kept = film.rename(film.with_suffix(".kept"))
    film.symlink_to(tmp_path / "secret.mp4")
    try:
        assert get(library, "/api/video", data="pens", index=0, camera="front").status_code == 409
    finally:
        film.unlink()
        kept.rename(film)


def test_episodes_are_tagged(library):
    assert post(library, "/api/tags", data="pens", index=1, tags=["good"]).json() == {"tags": ["good"]}
    assert get(library, "/api/episodes", data="pens").json()["episodes"][1]["tags"] == ["good"]
    assert post(library, "/api/tags", data="pens", index=1, tags=["<b>"]).status_code == 409
    assert post(library, "/api/tags", data="pens", index=7, tags=["good"]).status_code == 409
    assert post(library, "/api/tags", data="pens", index=1, tags=[1]).status_code == 422


def test_nothing_is_removed_by_whoever_is_not_sure(library):
    for body in ({"data": "pens", "episodes": [0]}, {"data": "pens", "episodes": [0], "sure": False},
                 {"data": "pens", "episodes": [], "sure": True}):  # fmt: skip
        assert post(library, "/api/remove", **body).status_code == 422
    assert library.jobs.status() == []
    assert post(library, "/api/remove", data="no", episodes=[0], sure=True).status_code == 409


def test_the_expert_does_not_overwrite(library):
    wish = {"task": "lift", "episodes": 3, "image_size": 96}
    taken = post(library, "/api/expert", data="pens", **wish)
    assert taken.status_code == 409 and "pens-2 is free" in taken.json()["detail"]
    assert post(library, "/api/expert", data="new", **{**wish, "episodes": 0}).status_code == 422
    assert post(library, "/api/expert", data="new", **{**wish, "task": "lft"}).status_code == 409
    assert library.jobs.status() == []


def test_odd_folders_beside_it_hide_nothing(library):
    for name in ("-x.recording", ".hidden.recording"):
        (library.folder / name).mkdir()
        (library.folder / name / "recording.json").write_text("{}")
    assert [one["name"] for one in get(library, "/api/datasets").json()] == ["pens"]
    report = library.folder / "report"
    report.mkdir()
    for said in ("{", "[]", "{}", '{"policy": 1}'):
        (report / "eval.json").write_text(said)
        (told,) = get(library, "/api/judge").json()["evaluations"]
        assert told["name"] == "report" and told["trouble"]
    shutil.rmtree(report)
