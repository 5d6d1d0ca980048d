"""From one classroom hub to another, by the stock client."""

from pathlib import Path

import pytest
from huggingface_hub import HfApi

from armchair_core.errors import ArmchairError
from armchair_datasets.hub.protocol.names import Repo
from armchair_datasets.hub.server.app import create_app
from armchair_datasets.hub.store.store import Store
from armchair_datasets.hub.store.tokens import Tokens, add_student
from armchair_datasets.hub.sync.client import check_namespaces, plain_words
from armchair_datasets.hub.sync.sync import name_there, sync

LIFT = Repo("datasets", "ana", "lift")
FILES = {"README.md": b"---\nlicense: mit\n---\n# Ours", "data/0.bin": b"0" * 5000, "data/1.bin": b"1" * 5000}


@pytest.fixture
def store(classroom_hub):
    return Store(classroom_hub.folder)


@pytest.fixture
def there(tmp_path, serve_app):
    return HfApi(endpoint=serve_app(create_app(Store(tmp_path / "there"))), token="any")


@pytest.fixture
def tree(tmp_path, api):
    """A folder that was pushed to the first hub as ana/lift, with a tag as LeRobot sets it."""
    folder = tmp_path / "tree"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    api.create_repo("ana/lift", repo_type="dataset")
    push(api, folder)
    return folder


def push(api, folder):
    api.upload_folder(repo_id="ana/lift", folder_path=folder, repo_type="dataset", delete_patterns="*")
    if api.list_repo_refs("ana/lift", repo_type="dataset").tags:
        api.delete_tag("ana/lift", tag="v3.0", repo_type="dataset")
    api.create_tag("ana/lift", tag="v3.0", repo_type="dataset")


def read(there):
    names = there.list_repo_files("ana/lift", repo_type="dataset", revision="v3.0")
    return {name: Path(there.hf_hub_download("ana/lift", name, repo_type="dataset")).read_bytes() for name in names}


def commits(there):
    return len(there.list_repo_commits("ana/lift", repo_type="dataset"))


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


def test_everything_arrives_once(store, there, tree):
    done = sync(store, LIFT, there, "ana/lift")
    assert (done.sent, done.size, done.deleted, done.tags) == (3, sum(map(len, FILES.values())), 0, ("v3.0",))
    assert read(there) == FILES
    assert there.dataset_info("ana/lift").private
    assert commits(there) == 2  # the repo's first, and ours
    again = sync(store, LIFT, there, "ana/lift")
    assert (again.sent, again.deleted, again.tags) == (0, 0, ())
    assert commits(there) == 2


def test_later_changes_follow_and_so_do_deletions(store, there, tree, api):
    sync(store, LIFT, there, "ana/lift")
    (tree / "data" / "1.bin").unlink()
    (tree / "data" / "0.bin").write_bytes(b"new")
    push(api, tree)
    done = sync(store, LIFT, there, "ana/lift")
    assert (done.sent, done.deleted, done.tags) == (1, 1, ("v3.0",))
    assert read(there) == {"README.md": FILES["README.md"], "data/0.bin": b"new"}


def test_what_was_left_undone_is_done_by_the_next_one(store, there, tree):
    there.create_repo("ana/lift", repo_type="dataset", private=True)
    there.upload_file(
        path_or_fileobj=FILES["data/0.bin"], path_in_repo="data/0.bin", repo_id="ana/lift", repo_type="dataset"
    )
    assert sync(store, LIFT, there, "ana/lift").sent == 2
    there.delete_tag("ana/lift", tag="v3.0", repo_type="dataset")
    done = sync(store, LIFT, there, "ana/lift")
    assert (done.sent, done.tags) == (0, ("v3.0",))
    assert read(there) == FILES


def test_what_others_did_there_stays(store, there, tree, api):
    sync(store, LIFT, there, "ana/lift")
    theirs = {"README.md": b"# Edited by hand", "notes.txt": b"theirs"}
    for name, content in theirs.items():
        there.upload_file(path_or_fileobj=content, path_in_repo=name, repo_id="ana/lift", repo_type="dataset")
    (tree / "README.md").write_bytes(b"# A newer one of ours")
    (tree / "data" / "0.bin").write_bytes(b"new")
    push(api, tree)
    done = sync(store, LIFT, there, "ana/lift")
    assert (done.sent, done.kept_readme) == (1, True)
    assert read(there) == {**FILES, "data/0.bin": b"new", **theirs}

    there.upload_file(path_or_fileobj=b"theirs", path_in_repo="data/0.bin", repo_id="ana/lift", repo_type="dataset")
    before = commits(there)
    with pytest.raises(ArmchairError, match=r"data/0\.bin in ana/lift was changed there"):
        sync(store, LIFT, there, "ana/lift")
    assert commits(there) == before


def test_a_public_repo_needs_to_be_asked_for(store, there, tree):
    there.create_repo("ana/lift", repo_type="dataset", private=False)
    with pytest.raises(ArmchairError, match="is public there"):
        sync(store, LIFT, there, "ana/lift")
    assert there.list_repo_files("ana/lift", repo_type="dataset") == []
    assert sync(store, LIFT, there, "ana/lift", private=False).sent == 3


def test_where_a_repo_goes():
    assert name_there(LIFT, None) == "ana/lift"
    assert name_there(LIFT, "ana") == "ana/lift"
    assert name_there(LIFT, "school") == "school/ana-lift"


def test_mistakes_are_said_in_one_sentence(tmp_path, serve_app, store, tree):
    folder = tmp_path / "there"
    store_there = Store(folder)
    ben = add_student(folder, "ben")
    url = serve_app(create_app(store_there, Tokens(folder)))
    with plain_words(url), pytest.raises(ArmchairError, match=r"ben may not write to ana/\.\.\. .*--namespace ben"):
        check_namespaces(HfApi(endpoint=url, token=ben), ["ana/lift"])
    with pytest.raises(ArmchairError, match="does not know your token: type `hf auth login`"), plain_words(url):
        check_namespaces(HfApi(endpoint=url, token="hf_of_another_hub"), ["ana/lift"])
    with pytest.raises(ArmchairError, match=r"refused \(403\).*ben may write to ben/... only"), plain_words(url):
        sync(store, LIFT, HfApi(endpoint=url, token=ben), "ana/lift")
    with pytest.raises(ArmchairError, match="does not answer"), plain_words("http://127.0.0.1:9"):
        check_namespaces(HfApi(endpoint="http://127.0.0.1:9", token="any"), ["ana/lift"])
