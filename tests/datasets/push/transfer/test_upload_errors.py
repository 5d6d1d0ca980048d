"""Every request of an upload fails in every way that networks have, and the upload arrives all the same."""

import subprocess
import sys
import time

import pytest

from armchair_datasets.push.errors import TooLateError
from armchair_datasets.push.transfer.retry import RetryPolicy

CREATE = ("POST", "/api/repos/create")
LOOK = ("GET", r"^/api/datasets/\w+/[\w-]+$")
PREUPLOAD = ("POST", "/preupload/")
BATCH = ("POST", "/lfs/objects/batch")
PUT = ("PUT", "/lfs/")
VALIDATE = ("POST", "/api/validate-yaml")
COMMIT = ("POST", "/commit/")
REFS = ("GET", "/refs")
DELETE_TAG = ("DELETE", "/tag/")
TAG = ("POST", "/tag/")
TREE = ("GET", "/tree/")
EACH = {
    "create": CREATE, "look": LOOK, "preupload": PREUPLOAD, "batch": BATCH, "put": PUT, "validate": VALIDATE,
    "commit": COMMIT, "refs": REFS, "delete-tag": DELETE_TAG, "tag": TAG, "tree": TREE,
}  # fmt: skip
WAYS = {
    "503": {}, "503-twice": {"times": 2}, "503-four-times": {"times": 4},
    "429": {"status": 429, "headers": {"Retry-After": "0"}}, "dropped": {"kind": "drop"}, "lost": {"kind": "lost"},
}  # fmt: skip
# All ways for the requests that change something; two for those that only look.
ROWS = [
    pytest.param(request, way, id=f"{name}-{words}")
    for name, request in EACH.items()
    for words, way in WAYS.items()
    if request not in (LOOK, BATCH, VALIDATE, REFS, TREE) or words in ("503-twice", "dropped")
]


def check_there(hub, repo_id, receipt, pushes=1):
    """One commit a push behind the repo's first, and the tag at the last."""
    refs = hub.api.list_repo_refs(repo_id, repo_type="dataset")
    assert [(tag.name, tag.target_commit) for tag in refs.tags] == [("v3.0", receipt.commit)]
    assert refs.branches[0].target_commit == receipt.commit
    assert len(hub.commits(repo_id)) == 1 + pushes


@pytest.mark.parametrize(("request_", "way"), [pytest.param(*row.values, id=row.id) for row in ROWS])
def test_it_arrives_all_the_same(hub, send, dataset, make_fault, request, request_, way):
    repo_id = f"me/{request.node.callspec.id}"
    pushes = 1
    if request_ == DELETE_TAG:  # there must be one to delete
        send(dataset, repo_id)
        (dataset / "meta/quality.json").write_text("{}")
        pushes = 2
    fault = make_fault(*request_, **way)
    hub.fail(fault)
    receipt = send(dataset, repo_id)
    assert fault.times == 0  # it has struck
    check_there(hub, repo_id, receipt, pushes)


@pytest.mark.slow
def test_what_arrived_in_spite_of_it_loads(hub, send, dataset, make_fault):
    """With stock LeRobot, by name: which is looked at after every push, but takes seconds to import."""
    ways = list(WAYS.items())
    names = [f"me/{name}-then-{ways[number % len(ways)][0]}" for number, name in enumerate(EACH)]
    for number, (name, request) in enumerate(zip(names, EACH.values(), strict=True)):
        hub.fail(make_fault(*request, **ways[number % len(ways)][1]))
        send(dataset, name)
    hub.fail()
    hub.api.create_repo("me/empty", repo_type="dataset")
    hub.api.create_tag("me/empty", tag="v3.0", repo_type="dataset")
    code = (
        "import sys; from pathlib import Path\n"
        "from armchair_datasets.push.content.payload import make_payload\n"
        "from armchair_datasets.push.transfer.verify import check_loads\n"
        "for name in sys.argv[2:]:\n"
        "    try: print(name, check_loads(make_payload(Path(sys.argv[1]), name), total=0))\n"
        "    except Exception as error: print(name, type(error).__name__, error)\n"
    )
    words = [sys.executable, "-c", code, str(dataset), *names, "me/empty", "me/not-there"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    *loaded, empty, not_there = done.stdout.splitlines()
    assert loaded == [f"{name} None" for name in names]
    assert "datasets/me/empty arrived, but LeRobot cannot load it (" in empty
    assert not_there.startswith("me/not-there TransientError the Hub answered 404")


def test_a_silent_hub_is_not_waited_for(hub, send, dataset, make_fault):
    faults = [make_fault(*request, kind="stall", seconds=3) for request in (CREATE, PUT, COMMIT, TAG)]
    hub.fail(*faults)
    began_s = time.monotonic()
    receipt = send(dataset, "me/stalled", RetryPolicy(60, answer_s=0.5, first_pause_s=0.01))
    check_there(hub, "me/stalled", receipt)
    assert all(fault.times == 0 for fault in faults)
    assert time.monotonic() - began_s < 3 * len(faults)


def test_the_hub_is_started_anew_in_the_middle(hub, send, dataset, make_fault):
    fault = make_fault(*COMMIT)
    hub.fail(fault)
    from armchair_datasets.push.transfer import retry

    stopped = []

    def stop_once(seconds):
        if not stopped:
            hub.stop()
            hub.start()
        stopped.append(seconds)

    original, retry.time.sleep = retry.time.sleep, stop_once
    try:
        receipt = send(dataset, "me/restarted")
    finally:
        retry.time.sleep = original
    check_there(hub, "me/restarted", receipt)
    assert stopped and fault.times == 0


def test_what_has_arrived_is_not_sent_again(hub, send, dataset, make_fault):
    """Large files before the commit that failed, all files after the one that did not."""
    hub.fail(make_fault(*COMMIT, times=2), make_fault(*TAG, kind="drop"))
    send(dataset, "me/resumed")
    assert len([request for request in hub.requests if request.is_for(*COMMIT)]) == 3
    assert [request.size for request in hub.requests if request.is_for(*PUT)] == [6000]  # the others were there before
    hub.fail()
    send(dataset, "me/resumed")
    assert [request.method for request in hub.requests if request.is_for(*PUT) or request.is_for(*COMMIT)] == []
    assert sum(request.size for request in hub.requests) < 20_000  # names and beginnings


def test_an_episode_more_sends_only_what_is_new(hub, send, dataset):
    first = send(dataset, "me/appended")
    (dataset / "data/chunk-000/file-001.parquet").write_bytes(
        (dataset / "data/chunk-000/file-000.parquet").read_bytes()
    )
    (dataset / "meta/stats.json").write_text("{}")
    hub.fail()
    receipt = send(dataset, "me/appended")
    assert receipt.commit != first.commit and len(hub.commits("me/appended")) == 3
    assert sum(request.size for request in hub.requests if request.is_for(*COMMIT)) < 10_000


def test_what_an_earlier_version_left_is_not_loaded(hub, send, dataset):
    """LeRobot reads every parquet file in data/."""
    (dataset / "data/chunk-000/file-001.parquet").write_bytes(
        (dataset / "data/chunk-000/file-000.parquet").read_bytes()
    )
    first = send(dataset, "me/fewer")
    (dataset / "data/chunk-000/file-001.parquet").unlink()
    send(dataset, "me/fewer")
    name = "data/chunk-000/file-001.parquet"
    assert name not in hub.api.list_repo_files("me/fewer", repo_type="dataset")
    assert name in hub.api.list_repo_files("me/fewer", repo_type="dataset", revision=first.commit)


def test_a_folder_that_changes_meanwhile_is_sent_as_it_is_in_the_end(hub, send, dataset, make_fault, monkeypatch):
    from armchair_datasets.push.transfer import upload

    original, changed = upload._send, []

    def change(*args):
        original(*args)
        if not changed:
            changed.append((dataset / "meta/later.json").write_text("{}"))

    monkeypatch.setattr(upload, "_send", change)
    receipt = send(dataset, "me/changing")
    check_there(hub, "me/changing", receipt)
    assert send.passes == 2
    assert hub.api.file_exists("me/changing", "meta/later.json", repo_type="dataset")


def test_time_is_up_at_some_point(hub, send, dataset, make_fault):
    hub.fail(make_fault(*COMMIT, times=10_000))
    words = r"has not arrived within 0.01 minutes \(the Hub answered 503.*\): .*push again .*--deadline-minutes"
    with pytest.raises(TooLateError, match=words):
        send(dataset, "me/late", RetryPolicy(deadline_s=0.6, first_pause_s=0.01))
    assert len([request for request in hub.requests if request.is_for(*COMMIT)]) > 1


def test_a_policy_needs_no_tag(hub, send, policy, make_fault):
    hub.fail(make_fault(*COMMIT, kind="lost"))
    receipt = send(policy, "me/nano")
    assert hub.commits("me/nano", "model") == [receipt.commit, hub.commits("me/nano", "model")[1]]
    assert not [request for request in hub.requests if "/tag/" in request.path]
