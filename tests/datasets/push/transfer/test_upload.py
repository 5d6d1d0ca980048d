"""What an upload leaves alone, what it refuses, and what it says."""

import json

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.card.card import is_ours
from armchair_datasets.push.errors import LoginNeededError
from armchair_datasets.push.transfer.progress import Progress


def readme(hub, repo_id, repo_type="dataset"):
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import get_session

    return get_session().get(hf_hub_url(repo_id, "README.md", repo_type=repo_type, endpoint=hub.url)).text


def write_readme(hub, repo_id, text):
    hub.api.upload_file(path_or_fileobj=text.encode(), path_in_repo="README.md", repo_id=repo_id, repo_type="dataset")


def test_our_own_card_is_kept_up_to_date(hub, send, dataset):
    send(dataset, "me/card")
    before = readme(hub, "me/card")
    (dataset / "meta/quality.json").write_text(json.dumps({"episodes": 2, "counts": {"good": 2}}))
    assert send(dataset, "me/card").notes == ()
    assert is_ours(before) and is_ours(readme(hub, "me/card"))
    assert "2 good" not in before and "2 good" in readme(hub, "me/card")


def test_a_card_that_a_person_edited_stays(hub, send, dataset):
    send(dataset, "me/edited")
    edited = readme(hub, "me/edited").replace("# edited", "# My first robot")
    write_readme(hub, "me/edited", edited)
    (dataset / "meta/quality.json").write_text("{}")
    receipt = send(dataset, "me/edited")
    assert receipt.notes == ("The README.md that is there was written by a person and was left as it is.",)
    assert readme(hub, "me/edited") == edited
    assert hub.api.file_exists("me/edited", "meta/quality.json", repo_type="dataset")


def test_a_readme_in_the_folder_goes_before_ours(hub, send, dataset):
    (dataset / "README.md").write_text("---\nlicense: mit\n---\n# By hand\n")
    send(dataset, "me/by-hand")
    assert readme(hub, "me/by-hand") == (dataset / "README.md").read_text()
    (dataset / "README.md").write_text("---\nlicense: mit\n---\n# By another hand\n")
    assert "was left as it is" in send(dataset, "me/by-hand").notes[0]
    assert readme(hub, "me/by-hand").endswith("# By hand\n")


def test_a_readme_that_the_hub_does_not_understand_is_explained(hub, send, dataset):
    (dataset / "README.md").write_text("---\nlicense: [mit\n---\n# By hand\n")
    with pytest.raises(ArmchairError, match=r"refused me/odd with 400 \(Invalid metadata .*YAML.*mend that"):
        send(dataset, "me/odd")


def test_an_edit_in_the_middle_of_the_upload_is_not_lost(hub, send, dataset, monkeypatch):
    """The commit names the state that it was made for; a pass that comes too late looks again."""
    from armchair_datasets.push.transfer import upload

    send(dataset, "me/raced")
    original, edits = upload._send, []

    def edit_meanwhile(*args):
        original(*args)
        if not edits:
            edits.append(write_readme(hub, "me/raced", "# Mine\n"))

    monkeypatch.setattr(upload, "_send", edit_meanwhile)
    (dataset / "meta/quality.json").write_text(json.dumps({"episodes": 2, "counts": {"good": 2}}))
    send.passes = 0
    assert "was left as it is" in send(dataset, "me/raced").notes[0]
    assert (readme(hub, "me/raced"), send.passes) == ("# Mine\n", 2)


def test_it_is_private_unless_asked_for(hub, send, dataset):
    send(dataset, "me/private")
    assert hub.api.repo_info("me/private", repo_type="dataset").private is True
    send(dataset, "me/public", public=True, footage_consent=True)
    assert hub.api.repo_info("me/public", repo_type="dataset").private is False


def test_nothing_private_goes_into_a_public_repo(hub, send, dataset):
    hub.api.create_repo("me/open", private=False, repo_type="dataset")
    with pytest.raises(ArmchairError, match=r"is there already and is public: add --public .* /?.*settings"):
        send(dataset, "me/open")
    assert hub.api.list_repo_files("me/open", repo_type="dataset") == []


def test_what_was_private_is_not_published_by_a_push(hub, send, dataset):
    send(dataset, "me/shy")
    receipt = send(dataset, "me/shy", public=True, footage_consent=True)
    assert receipt.notes == (
        f"It was private before and stays so; that is changed at {hub.url}/datasets/me/shy/settings.",
    )
    assert hub.api.repo_info("me/shy", repo_type="dataset").private is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"total_episodes": 30}, "holds a dataset of 30 episodes, more than the 2 here: .* add --replace"),
        ({"fps": 50}, r"holds a dataset of another form \(features or frame rate\)"),
        ({"features": {}}, "of another form"),
    ],
)
def test_another_dataset_is_not_replaced_unasked(hub, send, dataset, changes, words, request):
    repo_id = f"me/other-{request.node.callspec.indices['changes']}"
    send(dataset, repo_id)
    file = dataset / "meta/info.json"
    ours = file.read_text()
    there = json.dumps(json.loads(ours) | changes)
    hub.api.upload_file(
        path_or_fileobj=there.encode(), path_in_repo="meta/info.json", repo_id=repo_id, repo_type="dataset"
    )
    before = hub.commits(repo_id)
    with pytest.raises(ArmchairError, match=words):
        send(dataset, repo_id)
    assert hub.commits(repo_id) == before
    send(dataset, repo_id, replace=True)
    assert hub.commits(repo_id)[1:] == before  # which is still in the history


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, LoginNeededError, r"does not accept this login \(No more\): type `hf auth login`, then push again"),
        (403, ArmchairError, r"this login may not write to me/refused \(No more\): use a name of your own"),
        (413, ArmchairError, r"has no room for me/refused \(No more\): make room"),
        (507, ArmchairError, r"has no room for me/refused"),
        (422, ArmchairError, r"the Hub refused me/refused with 422 \(No more\): mend that"),
    ],
)
def test_what_a_person_must_mend_is_said_at_once(hub, send, dataset, make_fault, status, error, words):
    for path in ("/preupload/", "/commit/", "/tag/"):
        hub.fail(make_fault("POST", path, status=status, times=99, headers={"X-Error-Message": "No more."}))
        send.passes = 0
        with pytest.raises(error, match=words):
            send(dataset, "me/refused")
        assert send.passes == 1
        (dataset / "noise.bin").write_bytes(path.encode() * 1000)  # something new to commit
    hub.fail()
    assert send(dataset, "me/refused").commit == hub.commits("me/refused")[0]


def test_the_hub_says_when_to_come_back(hub, send, dataset, make_fault, monkeypatch):
    from armchair_datasets.push.transfer import retry

    pauses = []
    monkeypatch.setattr(retry.time, "sleep", pauses.append)
    hub.fail(make_fault("POST", "/commit/", status=429, headers={"Retry-After": "7"}), make_fault("POST", "/tag/"))
    send(dataset, "me/patient")
    told = [pause for pause in pauses if pause >= 7]
    assert told == [7.0] and 0 < pauses[-1] < 1


def test_pauses_grow_and_are_never_quite_the_same():
    from armchair_datasets.push.errors import TransientError
    from armchair_datasets.push.transfer.retry import RetryPolicy, _pause_s

    pauses = [
        _pause_s(tries, TransientError("x"), RetryPolicy(first_pause_s=2, longest_pause_s=60)) for tries in range(9)
    ]
    assert all(min(2 * 2**tries, 60) / 2 <= pause <= min(2 * 2**tries, 60) for tries, pause in enumerate(pauses))
    assert len(set(pauses)) == 9


def test_bytes_are_counted():
    told = []
    progress = Progress(told.append)
    progress.begin(1000)
    for _ in range(3):
        progress._told_s = 0
        progress.on_sent(200)
    progress.settle(500)
    progress._told_s = 0
    progress.on_sent(9000)  # with headers and base64, more than the files
    progress.all_sent()
    progress.on_sent(10)
    assert [news.done for news in told] == [0, 200, 400, 600, 500, 1000, 1000]
    assert [news.stage for news in told[-2:]] == ["sending", "checking"] and all(news.total == 1000 for news in told)
