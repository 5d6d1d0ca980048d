"""The queue on the disk and the worker that outlives whoever filled it, against a real hub."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from armchair_datasets.push.content.payload import make_payload
from armchair_datasets.push.queue.queue import UploadJob, UploadQueue, enqueue, everywhere, here
from armchair_datasets.push.queue.worker import is_working, start_worker, work
from armchair_datasets.push.transfer.retry import RetryPolicy

COMMIT = ("POST", "/commit/")
QUICK = RetryPolicy(deadline_s=60, first_pause_s=0.05, longest_pause_s=0.1)


def states() -> dict[str, str]:
    return {job.payload.repo_id: job.state for job in here().jobs()}


WORKER = "armchair_datasets.push.queue.worker"


@pytest.fixture(autouse=True)
def no_worker_left(tmp_path, monkeypatch, wait_until, processes):
    monkeypatch.setenv("ARMCHAIR_STATE", str(tmp_path / "state"))
    yield
    for process in processes(WORKER):
        process.kill()
    wait_until(lambda: not processes(WORKER), 10)


def test_a_job_is_a_file_without_a_token(hub, policy, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_" + "s" * 34)
    job = enqueue(make_payload(policy, "me/nano", licence="mit", allowed=("path",)))
    (file,) = here().folder.glob("*.json")
    assert (file.name, UploadJob.from_json(json.loads(file.read_text()))) == ("policy--me--nano.json", job)
    assert "ssss" not in file.read_text() and job.endpoint == hub.url
    assert hub.requests == []


def test_asking_again_replaces_what_was_asked_for(hub, policy):
    first = enqueue(make_payload(policy, "me/nano"))
    second = enqueue(make_payload(policy, "me/nano", licence="mit"))
    here().update(first, state="sent")  # by a worker that is slower than the user
    assert here().jobs() == [second]
    here().update(second, state="sent")
    assert states() == {"me/nano": "sent"}


def test_each_hub_has_a_queue_of_its_own(hub, policy, monkeypatch):
    """What was meant for the classroom must not be sent elsewhere, nor with another hub's token."""
    enqueue(make_payload(policy, "me/here"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert here().jobs() == []
    enqueue(make_payload(policy, "me/there"))
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/")
    work(here(), QUICK)
    found = {job.payload.repo_id: job.state for queue in everywhere() for job in queue.jobs()}
    assert found == {"me/here": "sent", "me/there": "waiting"}


def test_one_bad_job_does_not_hold_up_the_others(hub, policy, make_fault, monkeypatch):
    from armchair_datasets.push.queue import worker

    (policy / "checkpoints/last/pretrained_model/notes.txt").write_text("/home/marta")
    enqueue(make_payload(policy, "me/unsafe"))
    enqueue(make_payload(policy, "me/buggy", allowed=("path",)))
    enqueue(make_payload(policy, "me/last", allowed=("path",)))
    original = worker.deliver

    def deliver(payload, *rest):
        if payload.repo_id == "me/buggy":
            raise ZeroDivisionError
        return original(payload, *rest)

    monkeypatch.setattr(worker, "deliver", deliver)
    hub.fail(make_fault(*COMMIT))
    work(here(), QUICK)
    jobs = {job.payload.repo_id: job for job in here().jobs()}
    assert {name: job.state for name, job in jobs.items()} == {
        "me/unsafe": "needs you", "me/buggy": "needs you", "me/last": "sent"
    }  # fmt: skip
    assert "add --allow path" in jobs["me/unsafe"].words
    assert jobs["me/buggy"].words == "a bug in Armchair, told in worker.log: ZeroDivisionError"
    last = jobs["me/last"]
    assert (last.attempts, last.commit) == (2, hub.commits("me/last", "model")[0]) and last.done == last.total > 0


def test_a_login_is_asked_for_and_then_it_goes_on(strict_hub, policy, monkeypatch):
    enqueue(make_payload(policy, "ana/nano"))
    work(here(), QUICK)  # with a token that is not the hub's
    (job,) = here().jobs()
    assert job.state == "needs login" and "type `hf auth login`" in job.words
    from armchair_datasets.hub.store.tokens import add_student

    monkeypatch.setenv("HF_TOKEN", add_student(strict_hub.folder, "ana"))
    work(here(), QUICK)
    assert states() == {"ana/nano": "sent"}


def test_when_time_is_up_it_is_tried_again_later(hub, policy, make_fault, monkeypatch):
    from armchair_datasets.push.queue import worker

    monkeypatch.setattr(worker, "_REST_S", 0.01)
    enqueue(make_payload(policy, "me/late"))
    hub.fail(make_fault("POST", "/api/repos/create"))
    work(here(), RetryPolicy(deadline_s=20, first_pause_s=60))  # one pass each time
    (job,) = here().jobs()
    assert (job.state, job.attempts) == ("sent", 2)


def test_the_worker_outlives_who_started_it_and_ends_by_itself(hub, policy, make_fault, wait_until, processes):
    """The recorder is killed with all of its session, as a closed terminal does."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from armchair_datasets.push.content.payload import make_payload\n"
        "from armchair_datasets.push.queue.queue import enqueue\n"
        "from armchair_datasets.push.queue.worker import start_worker\n"
        "enqueue(make_payload(Path(sys.argv[1]), 'me/outlived')); start_worker(); time.sleep(60)\n"
    )
    hub.fail(make_fault(*COMMIT, kind="stall", seconds=1))
    recorder = subprocess.Popen([sys.executable, "-c", code, str(policy)], start_new_session=True)
    wait_until(lambda: any(request.is_for(*COMMIT) for request in hub.requests))
    assert is_working(here()) and states() == {"me/outlived": "sending"}
    os.killpg(recorder.pid, signal.SIGKILL)
    recorder.wait()
    wait_until(lambda: states() == {"me/outlived": "sent"})
    wait_until(lambda: not processes(WORKER) and not is_working(here()), 10)
    assert len(hub.commits("me/outlived", "model")) == 2


def test_a_worker_that_was_killed_is_followed_by_another(hub, policy, make_fault, wait_until, processes):
    enqueue(make_payload(policy, "me/killed"))
    hub.fail(make_fault(*COMMIT, kind="stall", seconds=60))
    start_worker()
    wait_until(lambda: any(request.is_for(*COMMIT) for request in hub.requests))
    for process in processes(WORKER):
        process.kill()
    wait_until(lambda: not is_working(here()), 10)
    assert states() == {"me/killed": "sending"}
    hub.fail()
    start_worker()
    wait_until(lambda: states() == {"me/killed": "sent"})
    assert len(hub.commits("me/killed", "model")) == 2


@pytest.mark.slow
def test_two_workers_are_one(hub, policy, make_fault, wait_until, processes):
    """And what is asked for while it works is done by it."""
    enqueue(make_payload(policy, "me/one"))
    hub.fail(make_fault(*COMMIT, kind="stall", seconds=1))
    start_worker()
    wait_until(lambda: is_working(here()))
    start_worker()
    enqueue(make_payload(policy, "me/two"))
    wait_until(lambda: set(states().values()) == {"sent"})
    tried = [request.path for request in hub.requests if request.is_for(*COMMIT)]
    assert len(tried) == 3 and tried.count("/api/models/me/two/commit/main") == 1


def test_an_empty_queue_is_done_at_once(tmp_path):
    began_s = time.monotonic()
    work(UploadQueue(tmp_path))
    assert time.monotonic() - began_s < 1
