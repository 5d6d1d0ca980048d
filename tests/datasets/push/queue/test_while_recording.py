"""A recording that is sent while it goes on, by the worker, against a real hub: whatever happens, all of it arrives."""

import json
import shutil
from pathlib import Path

import pytest

from armchair_datasets.push.content.payload import make_payload
from armchair_datasets.push.content.snapshot import make_snapshot
from armchair_datasets.push.queue import while_recording, worker
from armchair_datasets.push.queue.queue import enqueue, enqueue_recording, here
from armchair_datasets.push.queue.worker import work
from armchair_datasets.push.transfer.progress import UploadNews
from armchair_datasets.push.transfer.retry import RetryPolicy
from armchair_datasets.recording.build import finish

ONE_PASS = RetryPolicy(deadline_s=5, first_pause_s=60)


@pytest.fixture(autouse=True)
def at_once(send, monkeypatch):
    """What child processes do is done in this one, and nobody rests."""

    def deliver(payload, patience, tell):
        tell(UploadNews("starting"))
        return send(payload.folder, payload.repo_id, ONE_PASS)

    def run_child(task, request, *_):
        return make_snapshot(*map(Path, request.values()))

    monkeypatch.setattr(while_recording, "run_child", run_child)
    for module in (while_recording, worker):
        monkeypatch.setattr(module, "deliver", deliver)
    for module, name in (
        (while_recording, "_LOOK_S"),
        (while_recording, "_SHORTEST_REST_S"),
        (while_recording, "_SHARE"),
        (worker, "_REST_S"),
    ):
        monkeypatch.setattr(module, name, 0)


def there(hub, repo_id) -> list[int]:
    """The seeds of the episodes that the repo's tag names."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import get_session

    def read(path):
        url = hf_hub_url(repo_id, path, repo_type="dataset", endpoint=hub.url, revision="v3.0")
        return json.loads(get_session().get(url).text)

    seeds = read("meta/armchair.json")["seeds"]
    assert read("meta/info.json")["total_episodes"] == len(seeds)
    return seeds


def only_job():
    (job,) = here().jobs()
    return job


def test_interrupted_gone_on_with_and_finished(hub, start_recording, at_once):
    recording = start_recording()
    recording.add(0, 1, 2)
    enqueue_recording(recording.out, "me/followed")
    work(here())
    job = only_job()
    assert (job.state, job.words, job.commit) == ("paused", "2 episodes are there", hub.commits("me/followed")[0])
    assert there(hub, "me/followed") == [0, 1]
    recording.add(3)
    enqueue_recording(recording.out, "me/followed")  # `armchair record --resume --push`
    work(here())
    assert there(hub, "me/followed") == [0, 1, 2] and only_job().words == "3 episodes are there"
    finish(recording.out)  # `armchair repair`
    work(here())
    assert there(hub, "me/followed") == [0, 1, 2, 3] and only_job().state == "sent"
    assert not here().snapshots(job).exists()
    names = hub.api.list_repo_files("me/followed", repo_type="dataset")
    assert [name for name in names if name.startswith("data/")] == ["data/chunk-000/file-000.parquet"]


def test_what_was_sent_is_not_sent_again(hub, start_recording, small_is_large):
    recording = start_recording()
    recording.add(0, 1)
    enqueue_recording(recording.out, "me/grows")
    work(here())
    hub.fail()
    recording.add(2)
    work(here())
    sent = sum(request.size for request in hub.requests if request.method == "PUT")
    assert 0 < sent < 0.7 * only_job().total, "the second of two episodes"


def test_added_to_a_dataset(hub, dataset, start_recording):
    recording = start_recording(append=True)
    recording.add(0, 1)
    enqueue_recording(recording.out, "me/more")
    work(here())
    assert there(hub, "me/more") == [0, 2, 0]
    recording.end()
    work(here())
    assert there(hub, "me/more") == [0, 2, 0, 1]


def test_the_recording_ends_while_it_is_sent(hub, start_recording, monkeypatch):
    """Its recorder asks for the whole: nothing older is sent any more."""
    recording, deliver = start_recording(), while_recording.deliver
    recording.add(0, 1)
    enqueue_recording(recording.out, "me/ends")

    def deliver_late(payload, patience, tell):
        recording.end()
        enqueue(make_payload(recording.out, "me/ends"))
        return deliver(payload, patience, tell)

    monkeypatch.setattr(while_recording, "deliver", deliver_late)
    work(here())
    assert there(hub, "me/ends") == [0, 1] and only_job().state == "sent"
    assert len(hub.commits("me/ends")) == 2, "the first one made the repo"


def test_no_hub_until_the_end(hub, start_recording, make_fault):
    recording = start_recording()
    recording.add(0, 1)
    enqueue_recording(recording.out, "me/offline")
    hub.fail(make_fault("POST", "/api/repos/create", times=3))
    work(here())
    assert hub.network.faults[0].times == 0 and only_job().attempts == 4
    assert there(hub, "me/offline") == [0]


def test_given_up(hub, start_recording):
    """Nothing of it is left, nor of what was copied."""
    recording = start_recording()
    recording.add(0, 1)
    job = enqueue_recording(recording.out, "me/nothing")
    make_snapshot(recording.out, here().snapshots(job))
    shutil.rmtree(recording.work.root)
    work(here())
    assert here().jobs() == [] and not here().snapshots(job).exists()


def test_what_must_not_leave_is_told_by_the_name_that_the_user_knows(hub, start_recording, monkeypatch):
    from armchair_datasets.push.transfer.retry import check_safe

    recording, deliver = start_recording(), while_recording.deliver
    recording.add(0, 1)
    about = recording.work.root / "recording.json"
    about.write_text(about.read_text().replace('"expert"', '"/home/marta/expert"'))

    def scanning(payload, *words):
        check_safe(payload)
        return deliver(payload, *words)

    monkeypatch.setattr(while_recording, "deliver", scanning)
    enqueue_recording(recording.out, "me/unsafe")
    work(here())
    assert only_job().state == "needs you"
    assert only_job().words.startswith(f"{recording.out} would give something away (")
    assert "/home/…" in only_job().words


def test_whether_somebody_records(start_recording):
    recording = start_recording()
    assert not recording.work.is_held()
    with recording.work.locked():
        assert recording.work.is_held()
    (recording.work.root / "holder").write_text("4000000")
    assert not recording.work.is_held()
