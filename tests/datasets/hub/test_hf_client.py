"""The stock client and the stock command line against the classroom hub."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationDelete
from huggingface_hub.errors import HfHubHTTPError, RemoteEntryNotFoundError, RevisionNotFoundError

HF = Path(sys.executable).parent / "hf"
FILES = {
    "README.md": b"---\nlicense: mit\n---\n# A",
    "data/a b/\xc3\xbc.bin".encode().decode(): os.urandom(3_000_000),
    "empty": b"",
}


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def read(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def push(api, tree, repo_id="ana/lift", **more):
    api.create_repo(repo_id, repo_type="dataset", exist_ok=True)
    return api.upload_folder(repo_id=repo_id, folder_path=tree, repo_type="dataset", **more)


def test_a_folder_goes_there_and_comes_back(api, tree, tmp_path):
    commit = push(api, tree)
    for revision in ("main", "refs/heads/main", commit.oid):
        place = api.snapshot_download("ana/lift", repo_type="dataset", revision=revision, local_dir=tmp_path / revision)
        assert {name: content for name, content in read(place).items() if ".cache" not in name} == FILES


def test_unchanged_files_make_no_commit_and_are_not_sent(api, tree):
    first = push(api, tree)
    assert push(api, tree).oid == first.oid
    (tree / "empty").write_bytes(b"no more")
    second = push(api, tree)
    assert [commit.commit_id for commit in api.list_repo_commits("ana/lift", repo_type="dataset")][:2] == [
        second.oid,
        first.oid,
    ]


def test_files_are_described_as_the_hub_does(api, tree):
    push(api, tree)
    items = {item.path: item for item in api.list_repo_tree("ana/lift", recursive=True, repo_type="dataset")}
    assert set(items) == {*FILES, "data", "data/a b"}
    git = hashlib.sha1(b"blob %d\0" % len(FILES["README.md"]) + FILES["README.md"]).hexdigest()
    assert (items["README.md"].blob_id, items["README.md"].size) == (git, len(FILES["README.md"]))
    assert [item.path for item in api.list_repo_tree("ana/lift", "data", repo_type="dataset")] == ["data/a b"]
    found = api.get_paths_info("ana/lift", ["data", "empty", "nothing"], repo_type="dataset")
    assert [item.path for item in found] == ["data", "empty"]
    info = api.dataset_info("ana/lift", files_metadata=True)
    assert {file.rfilename: file.size for file in info.siblings} == {name: len(data) for name, data in FILES.items()}


def test_what_is_not_there_is_told_apart(api, tree):
    push(api, tree)
    assert not api.repo_exists("ana/push")
    assert not api.repo_exists("gpt2")
    assert not api.revision_exists("ana/lift", "v9", repo_type="dataset")
    assert not api.file_exists("ana/lift", "nothing", repo_type="dataset")
    with pytest.raises(RemoteEntryNotFoundError):
        list(api.list_repo_tree("ana/lift", "nothing", repo_type="dataset"))
    with pytest.raises(RevisionNotFoundError):
        api.delete_tag("ana/lift", tag="v9", repo_type="dataset")


def test_branches_and_tags(api, tree):
    first = push(api, tree)
    api.create_tag("ana/lift", tag="v3.0", repo_type="dataset")
    api.create_branch("ana/lift", branch="try/other", revision="v3.0", repo_type="dataset")
    api.upload_file(
        path_or_fileobj=b"x", path_in_repo="x", repo_id="ana/lift", repo_type="dataset", revision="try/other"
    )
    assert api.file_exists("ana/lift", "x", repo_type="dataset", revision="try/other")
    assert not api.file_exists("ana/lift", "x", repo_type="dataset", revision="main")
    refs = api.list_repo_refs("ana/lift", repo_type="dataset")
    assert [branch.name for branch in refs.branches] == ["main", "try/other"]
    assert {tag.name: tag.target_commit for tag in refs.tags} == {"v3.0": first.oid}
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_tag("ana/lift", tag="v3.0", repo_type="dataset")
    api.delete_tag("ana/lift", tag="v3.0", repo_type="dataset")
    api.delete_branch("ana/lift", branch="try/other", repo_type="dataset")
    with pytest.raises(HfHubHTTPError, match="main stays"):
        api.delete_branch("ana/lift", branch="main", repo_type="dataset")


def test_deletions_and_a_parent_that_is_not_head(api, tree):
    first = push(api, tree)
    delete = [CommitOperationDelete("data/", is_folder=True), CommitOperationDelete("empty")]
    done = api.create_commit("ana/lift", delete, commit_message="less", repo_type="dataset", parent_commit=first.oid)
    assert api.list_repo_files("ana/lift", repo_type="dataset") == ["README.md"]
    # The same request again, as a client sends it that has not heard the answer.
    assert api.create_commit("ana/lift", delete, commit_message="less", repo_type="dataset").oid == done.oid
    more = {"path_or_fileobj": b"x", "path_in_repo": "x", "repo_id": "ana/lift", "repo_type": "dataset"}
    with pytest.raises(HfHubHTTPError, match="412"):
        api.upload_file(**more, parent_commit=first.oid)


def test_metadata_that_is_no_yaml(api):
    api.create_repo("ana/lift")
    with pytest.raises(ValueError, match="not YAML"):
        api.upload_file(path_or_fileobj=b"---\na: [\n---\n", path_in_repo="README.md", repo_id="ana/lift")


CLIENT_WITHOUT_XET = """
import os
from huggingface_hub import HfApi
api = HfApi(user_agent={"xet": "off"})
api.create_repo("ana/act")
print(api.upload_file(path_or_fileobj=FILE, path_in_repo="model.safetensors", repo_id="ana/act").oid)
print(api.upload_file(path_or_fileobj=FILE, path_in_repo="model.safetensors", repo_id="ana/act").oid)
print(open(api.hf_hub_download("ana/act", "model.safetensors"), "rb").read() == open(FILE, "rb").read())
info, = api.get_paths_info("ana/act", "model.safetensors")
print(info.lfs.sha256)
"""


def test_large_files_go_by_lfs_for_clients_that_say_so(classroom_hub, run_client, tmp_path):
    file = tmp_path / "large"
    file.write_bytes(os.urandom(11_000_000))
    code = CLIENT_WITHOUT_XET.replace("FILE", repr(str(file)))
    first, second, same, oid = run_client(code, classroom_hub.url, HF_HUB_DISABLE_XET="1").split()
    assert (first, same) == (second, "True")
    assert oid == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_hf_command(classroom_hub, hub_env, tree, tmp_path):
    def hf(*words):
        done = subprocess.run(
            [HF, *words], env=hub_env(classroom_hub.url), capture_output=True, text=True, timeout=60, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    hf("repos", "create", "ana/lift", "--repo-type", "dataset")
    hf("upload", "ana/lift", str(tree), "--repo-type", "dataset")
    hf("repos", "tag", "create", "ana/lift", "v3.0", "--repo-type", "dataset")
    hf("download", "ana/lift", "--repo-type", "dataset", "--revision", "v3.0", "--local-dir", "back")
    assert {name: data for name, data in read(tmp_path / "back").items() if ".cache" not in name} == FILES
