"""Uploads in processes of their own: whatever ends one, the next goes on, and none is left behind."""

import subprocess
import sys
import time

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import make_payload
from armchair_datasets.push.errors import TooLateError
from armchair_datasets.push.transfer.child_process import run_child
from armchair_datasets.push.transfer.retry import RetryPolicy, deliver

COMMIT = ("POST", "/commit/")
QUICK = RetryPolicy(deadline_s=60, first_pause_s=0.05, longest_pause_s=0.1)


UPLOADER = "armchair_datasets.push.transfer.child"


def test_an_uploader_that_is_killed_is_followed_by_another(hub, policy, make_fault, wait_until, processes):
    hub.fail(make_fault(*COMMIT, kind="stall", seconds=3))
    killed = []

    def kill(news):
        if news.stage == "sending" and not killed:
            wait_until(lambda: any(request.is_for(*COMMIT) for request in hub.requests))
            killed.append(processes(UPLOADER)[0].kill())

    told = []
    receipt = deliver(make_payload(policy, "me/killed"), QUICK, lambda news: (told.append(news), kill(news)))
    assert [news.note for news in told if news.stage == "waiting"] == ["the uploading process was ended by signal 9"]
    assert hub.commits("me/killed", "model")[0] == receipt.commit and len(hub.commits("me/killed", "model")) == 2


def test_killed_with_the_uploader_in_the_middle_and_run_again(hub, policy, make_fault, wait_until, processes):
    """What kill -9 leaves: no process behind, and nothing that the next run cannot finish."""
    code = (
        "import sys; from pathlib import Path\n"
        "from armchair_datasets.push.transfer.retry import deliver\n"
        "from armchair_datasets.push.content.payload import make_payload\n"
        "deliver(make_payload(Path(sys.argv[1]), 'me/rerun'))\n"
    )
    hub.fail(make_fault(*COMMIT, kind="stall", seconds=60))
    process = subprocess.Popen([sys.executable, "-c", code, str(policy)])
    wait_until(lambda: any(request.is_for(*COMMIT) for request in hub.requests))
    assert len(processes(UPLOADER)) == 1
    process.kill()
    process.wait()
    wait_until(lambda: not processes(UPLOADER), 5)
    hub.fail()
    receipt = deliver(make_payload(policy, "me/rerun"), QUICK)
    assert hub.commits("me/rerun", "model") == [receipt.commit, hub.commits("me/rerun", "model")[1]]


def test_a_silent_uploader_is_ended(hub, policy, make_fault, processes):
    """hf_xet, say, which has a client of its own."""
    hub.fail(make_fault("POST", "/api/repos/create", kind="stall", seconds=3, times=9))
    patience = RetryPolicy(deadline_s=2.5, silence_s=1.2, first_pause_s=0.05)
    began_s = time.monotonic()
    with pytest.raises(
        TooLateError, match=r"me/silent has not arrived within .* \(nothing was heard of the Hub for 1 s\)"
    ):
        deliver(make_payload(policy, "me/silent"), patience)
    assert time.monotonic() - began_s < 10 and not processes(UPLOADER)


def test_ctrl_c_leaves_no_process_behind(hub, policy, make_fault, processes):
    hub.fail(make_fault(*COMMIT, kind="stall", seconds=60))

    def interrupt(news):
        if news.stage == "sending":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(make_payload(policy, "me/interrupted"), QUICK, interrupt)
    assert not processes(UPLOADER)


def test_a_bug_keeps_its_traceback(hub, policy):
    with pytest.raises(RuntimeError, match=r"(?s)the uploading process failed:.*Traceback.*KeyError: 'parcel'"):
        run_child("upload", {}, time_s=30, silence_s=30)


def test_nothing_is_sent_before_it_was_searched(hub, policy):
    (policy / "checkpoints/last/pretrained_model/notes.txt").write_text("/home/marta")
    with pytest.raises(ArmchairError, match="--allow path"):
        deliver(make_payload(policy, "me/unsafe"), QUICK)
    assert hub.requests == []


def test_what_is_not_there_any_more_is_said(hub, dataset):
    payload = make_payload(dataset, "me/gone")
    episodes = next((dataset / "meta/episodes").rglob("*.parquet"))
    episodes.write_bytes(episodes.read_bytes()[:-20])  # as a crash leaves it
    with pytest.raises(ArmchairError, match=r"what .*lift says of its episodes cannot be read .*armchair repair"):
        deliver(payload, QUICK)
    dataset.rename(dataset.with_name("elsewhere"))
    with pytest.raises(ArmchairError, match=r"lift is gone: push it again from where it is now"):
        deliver(payload, QUICK)
    assert hub.requests == []


def test_half_a_dataset_is_not_published(hub, dataset):
    video = next((dataset / "videos/observation.images.wrist").rglob("*.mp4"))
    video.rename(dataset / "aside")
    with pytest.raises(ArmchairError, match=r"lacks videos/observation.images.wrist/.*mp4: mend it with `armchair rep"):
        deliver(make_payload(dataset, "me/half"), QUICK)
    (dataset / "aside").rename(video)
    info = dataset / "meta/info.json"
    info.write_text(info.read_text().replace('"total_episodes": 2', '"total_episodes": 3'))
    with pytest.raises(ArmchairError, match=r"says that it has 3 episodes and describes 2: mend it"):
        deliver(make_payload(dataset, "me/half"), QUICK)
    assert hub.requests == []
