"""Train: what a page asks for becomes the command that a person would type."""

import json

import httpx
import pytest

from armchair.web.routes.train import POINTS, TrainJobRequest, rows

WISH = {"datasets": ["data"], "policy": "nano", "minutes": 2, "out": "policy"}


@pytest.fixture(autouse=True)
def data(page):
    meta = page.folder / "data" / "meta"
    meta.mkdir(parents=True, exist_ok=True)
    (meta / "info.json").write_text(json.dumps({"total_episodes": 5, "total_frames": 700}))


def test_a_wish_is_a_command():
    assert TrainJobRequest(**WISH).words == ["train", "data", "--minutes", "2", "--out", "policy"]
    act = TrainJobRequest(datasets=["a"], policy="act", preset="laptop", steps=50, out="b/c")
    assert act.words == ["train", "a", "--policy", "act", "--preset", "laptop", "--steps", 50, "--out", "b/c"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0}, {"minutes": 1e9}, {"minutes": "2"}, {"minutes": None}, {"steps": 5}, {"datasets": []},
        {"datasets": ["../data"]}, {"datasets": ["--policy"]}, {"out": "/tmp/x"}, {"out": "-rf"}, {"out": "a/../.."},
        {"policy": "rm"}, {"preset": "huge"}, {"more": 1},
    ],
)  # fmt: skip
def test_anything_else_is_refused(page, wrong):
    answer = httpx.post(f"{page.url}/api/train", json={**WISH, **wrong}, trust_env=False)
    words = answer.json()["detail"]
    assert answer.status_code == 422 and words.endswith(".") and "pattern" not in words and "^" not in words


def test_what_is_not_there_is_said_in_a_sentence(page):
    for wrong, words in ({"datasets": ["other"]}, "no dataset other"), ({"out": "data"}, "data-2 is free"):
        answer = httpx.post(f"{page.url}/api/train", json={**WISH, **wrong}, trust_env=False)
        assert answer.status_code == 409 and words in answer.json()["detail"]


def test_it_is_chosen_from_what_is_there_and_started_as_a_job(page, monkeypatch):
    found = httpx.get(f"{page.url}/api/train", trust_env=False).json()
    assert found["datasets"] == [{"name": "data", "episodes": 5, "frames": 700, "task": None}]
    started = []
    monkeypatch.setattr(page.jobs, "start", lambda *words, **_: started.append(words) or {})
    for path in ("/api/train", "/api/train/estimate"):
        httpx.post(page.url + path, json=WISH, trust_env=False).raise_for_status()
    assert [(kind, words[-1]) for kind, _, words, *_ in started] == [("train", "policy"), ("estimate", "--estimate")]


def test_a_policy_is_trained_on_and_only_one_that_is_there(page, monkeypatch):
    longer = {"datasets": ["data"], "policy": "nano", "steps": 4000, "out": "learnt", "resume": True}
    assert TrainJobRequest(**longer).words[-3:] == ["--out", "learnt", "--resume"]
    answer = httpx.post(f"{page.url}/api/train", json=longer, trust_env=False)
    assert answer.status_code == 409 and "train one first" in answer.json()["detail"]
    (page.folder / "learnt" / "checkpoints" / "last").mkdir(parents=True)
    monkeypatch.setattr(page.jobs, "start", lambda kind, title, *rest, **more: {"title": title})
    assert "longer" in httpx.post(f"{page.url}/api/train", json=longer, trust_env=False).json()["title"]


def test_curves_are_thinned_out_and_keep_what_was_held_out(page):
    run = page.folder / "run"
    run.mkdir(exist_ok=True)
    lines = [f"{step},{step},0.5,0.1,{0.7 if step % 1000 == 999 else ''}" for step in range(5000)]
    (run / "loss.csv").write_text("\n".join(["step,elapsed_s,loss,learning_rate,val_loss", *lines, "5000,5,x"]))
    found = rows(run)
    assert len(found) <= POINTS + 6 and found[-1]["step"] == 4999
    assert sum(row["val_loss"] is not None for row in found) == 5
    assert httpx.get(f"{page.url}/api/train/curve?name=run", trust_env=False).json()["rows"] == found
    assert httpx.get(f"{page.url}/api/train/curve?name=../run", trust_env=False).status_code == 422
    assert httpx.get(f"{page.url}/api/train/curve?name=not-yet", trust_env=False).json()["rows"] == []
