"""Pull requests and discussions, by the stock client: nothing of them is in main before it is merged."""

import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError

from armchair_datasets.hub.server.app import create_app
from armchair_datasets.hub.store.store import Store
from armchair_datasets.hub.store.tokens import Tokens, add_student

LIFT = {"repo_id": "ana/lift", "repo_type": "dataset"}


def propose(api, path="more.txt", content=b"more", **also):
    return api.create_commit(
        operations=[CommitOperationAdd(path, content)], commit_message="Add more", create_pr=True, **LIFT, **also
    )


@pytest.fixture
def lift(api):
    api.create_repo(**LIFT)
    api.upload_file(path_or_fileobj=b"one", path_in_repo="one.txt", **LIFT)
    return api.dataset_info("ana/lift").sha


def test_a_pull_request_waits_beside_main(api, lift):
    made = propose(api)
    assert (made.pr_num, made.pr_revision) == (1, "refs/pr/1")
    assert made.pr_url == f"{api.endpoint}/datasets/ana/lift/discussions/1"
    assert api.dataset_info("ana/lift").sha == lift, "main stands where it stood"
    assert not api.file_exists("ana/lift", "more.txt", repo_type="dataset")
    assert api.list_repo_files(**LIFT, revision="refs/pr/1") == ["more.txt", "one.txt"]
    (listed,) = api.get_repo_discussions(**LIFT)
    assert (listed.title, listed.status, listed.git_reference) == ("Add more", "open", "refs/pr/1")
    refs = api.list_repo_refs(**LIFT, include_pull_requests=True)
    assert [each.ref for each in refs.pull_requests] == ["refs/pr/1"]
    assert [branch.name for branch in refs.branches] == ["main"]


def test_it_grows_and_is_merged_over_what_main_became(api, lift):
    propose(api)
    api.upload_file(path_or_fileobj=b"still more", path_in_repo="still.txt", revision="refs/pr/1", **LIFT)
    api.upload_file(path_or_fileobj=b"two", path_in_repo="two.txt", **LIFT)
    api.merge_pull_request(discussion_num=1, **LIFT)
    assert api.list_repo_files(**LIFT) == ["more.txt", "one.txt", "still.txt", "two.txt"]
    told = api.get_discussion_details(discussion_num=1, **LIFT)
    assert (told.status, told.merge_commit_oid) == ("merged", api.dataset_info("ana/lift").sha)
    with pytest.raises(HfHubHTTPError, match="1 is merged"):
        api.merge_pull_request(discussion_num=1, **LIFT)


def test_what_both_changed_is_not_merged(api, lift):
    propose(api, "one.txt", b"theirs")
    api.upload_file(path_or_fileobj=b"ours", path_in_repo="one.txt", **LIFT)
    assert api.get_discussion_details(discussion_num=1, **LIFT).conflicting_files == ["one.txt"]
    with pytest.raises(HfHubHTTPError, match=r"main has changed one\.txt since 1 began"):
        api.merge_pull_request(discussion_num=1, **LIFT)


def test_people_talk_about_it(api, lift):
    propose(api)
    api.comment_discussion(discussion_num=1, comment="Thank you!", **LIFT)
    api.rename_discussion(discussion_num=1, new_title="A better name", **LIFT)
    api.change_discussion_status(discussion_num=1, new_status="closed", **LIFT)
    told = api.get_discussion_details(discussion_num=1, **LIFT)
    assert (told.title, told.status) == ("A better name", "closed")
    assert [event.type for event in told.events] == ["commit", "comment", "title-change", "status-change"]
    assert api.create_discussion(title="A question", **LIFT).num == 2
    assert api.create_pull_request(title="To be filled", **LIFT).git_reference == "refs/pr/3"
    assert [one.num for one in api.get_repo_discussions(**LIFT, discussion_status="open")] == [3, 2]
    with pytest.raises(HfHubHTTPError, match="there is no discussion 9"):
        api.get_discussion_details(discussion_num=9, **LIFT)


def test_a_pull_request_to_a_branch_is_refused_and_changes_nothing(api, lift):
    api.create_branch(branch="other", **LIFT)
    with pytest.raises((HfHubHTTPError, ValueError), match="other"):
        propose(api, revision="other")
    assert list(api.get_repo_discussions(**LIFT)) == []


def test_whoever_may_read_may_propose_and_only_the_owner_merges(serve_app, tmp_path):
    store = Store(tmp_path / "strict")
    with store.served():
        url = serve_app(create_app(store, Tokens(store.folder)))
        off = {"xet": "off"}  # which sends files of 256 KiB and more ahead, where it may write
        ana, bob, eve = (HfApi(url, add_student(store.folder, name), user_agent=off) for name in ("ana", "bob", "eve"))
        ana.create_repo(**LIFT)
        assert propose(bob, content=bytes(300_000)).pr_num == 1
        bob.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", revision="refs/pr/1", **LIFT)
        with pytest.raises(HfHubHTTPError, match="eve may write to eve/"):
            eve.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", revision="refs/pr/1", **LIFT)
        for forbidden in (
            lambda: bob.merge_pull_request(discussion_num=1, **LIFT),
            lambda: bob.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", **LIFT),
            lambda: bob.delete_repo(**LIFT),
            lambda: bob.move_repo("ana/lift", "bob/lift", repo_type="dataset"),
        ):
            with pytest.raises(HfHubHTTPError, match="bob may write to bob/"):
                forbidden()
        with pytest.raises(HfHubHTTPError, match="eve may write"):
            eve.change_discussion_status(discussion_num=1, new_status="closed", **LIFT)
        ana.merge_pull_request(discussion_num=1, **LIFT)
        assert ana.list_repo_files(**LIFT) == ["more.txt", "x.txt"]
