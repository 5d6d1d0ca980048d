"""Uploads that a page asks for: nothing without consent, nothing that gives something away, all of it in the queue."""

import json
import shutil

import httpx
import pytest

from armchair_datasets.push.queue.queue import here


@pytest.fixture
def sharing(page, tmp_path, monkeypatch):
    """A page beside what looks like a dataset, and a queue of its own whose worker is only counted."""
    for name, value in {"HF_ENDPOINT": "http://127.0.0.1:9", "ARMCHAIR_STATE": str(tmp_path / "state")}.items():
        monkeypatch.setenv(name, value)
    features = {"observation.images.front": {"dtype": "video", "shape": [4, 4, 3], "names": None}}
    info = {"codebase_version": "v3.0", "fps": 30, "features": features}
    info |= {"total_episodes": 0, "total_frames": 0, "total_tasks": 0}
    (page.folder / "pens" / "meta").mkdir(parents=True)
    (page.folder / "pens" / "meta" / "info.json").write_text(json.dumps(info))
    (page.folder / "pens" / "videos" / "observation.images.front").mkdir(parents=True)
    page.started = []
    monkeypatch.setattr("armchair_datasets.push.queue.worker.start_worker", lambda: page.started.append(1))
    monkeypatch.setattr("armchair_datasets.push.transfer.permissions.check_rights", lambda repo_id: "ana")
    monkeypatch.setattr("armchair_datasets.push.content.completeness.check_complete", lambda parcel: None)
    yield page
    shutil.rmtree(page.folder / "pens")


def post(page, path: str, **body) -> httpx.Response:
    return httpx.post(page.url + path, json=body, trust_env=False, timeout=30)


WISH = {"name": "pens", "repo_id": "ana/pens"}


def test_where_and_what_is_said_before_anything_is_sent(sharing):
    choices = httpx.get(f"{sharing.url}/api/share", trust_env=False).json()
    assert choices == {"datasets": ["pens"], "policies": [], "where": "http://127.0.0.1:9", "is_the_hub": False}
    look = post(sharing, "/api/share/look", **WISH).json()
    assert look["url"] == "http://127.0.0.1:9/datasets/ana/pens" and look["kind"] == "dataset"
    assert look["what"] == "pens, 0 episodes" and look["seen_by"]["public"] == "everybody"
    assert "everybody who may use the hub at http://127.0.0.1:9" in look["seen_by"]["private"]
    assert look["files"] == 1 and look["findings"] == [] and not look["never"]
    assert here().jobs() == [] and sharing.started == []


def test_what_was_agreed_to_waits_in_the_queue(sharing):
    assert post(sharing, "/api/share", **WISH, agreed=True).json()["who"] == "ana"
    (job,) = here().jobs()
    assert not job.payload.public and job.payload.repo_id == "ana/pens" and sharing.started == [1]
    (told,) = httpx.get(f"{sharing.url}/api/share/queue", trust_env=False).json()
    assert told["folder"] == "pens" and told["in_words"] == "waits; nobody is sending"


@pytest.mark.parametrize("change", [{"agreed": False}, {"agreed": 1}, {"repo_id": 7}, {"name": "../pens"}, {"to": "x"},
                                    {"allowed": ["token"]}])  # fmt: skip
def test_without_consent_nothing_leaves(sharing, change):
    assert post(sharing, "/api/share", **{**WISH, "agreed": True, **change}).status_code == 422
    assert post(sharing, "/api/share", **WISH).status_code == 422
    assert here().jobs() == []


def test_footage_does_not_become_public_unasked_and_secrets_never_leave(sharing):
    refused = post(sharing, "/api/share", **WISH, agreed=True, public=True)
    assert refused.status_code == 409 and "people and their homes" in refused.json()["detail"]
    (sharing.folder / "pens" / "notes.txt").write_text("hf_" + "a" * 30 + " in /home/marta/pens")
    look = post(sharing, "/api/share/look", **WISH).json()
    assert look["never"] and set(look["kinds"]) == {"token", "path"} and "a" * 10 not in str(look["findings"])
    refused = post(sharing, "/api/share", **WISH, agreed=True, allowed=["path", "name"])
    assert refused.status_code == 409 and "invalid where it was issued" in refused.json()["detail"]
    assert post(sharing, "/api/share/look", name="pens", repo_id="pens").status_code == 409
    assert here().jobs() == []
