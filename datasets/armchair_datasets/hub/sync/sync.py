"""The synchronisation with another hub, mostly the Hugging Face Hub: each repo's head in one commit, with its tags.

The rule for what is there already: a file there is ours if it was in one of our commits, and then it follows ours,
deletions included. What was never here was put there by somebody else. A README of theirs stays; for any other file
of theirs that we would overwrite, the repo is left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from armchair_core.errors import ArmchairError
from armchair_datasets.hub.protocol.names import Repo
from armchair_datasets.hub.store.commits import Commit, Entry
from armchair_datasets.hub.store.repository import MAIN, Repository
from armchair_datasets.hub.store.store import Store

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

_README = "README.md"


@dataclass(frozen=True)
class Synced:
    """What was done: files sent (with their `size` in bytes) and deleted, tags set; `kept_readme` if theirs stays."""

    url: str
    sent: int
    size: int
    deleted: int
    tags: tuple[str, ...]
    kept_readme: bool


@dataclass(frozen=True)
class _Work:
    """What has to be done there. `sends` by path."""

    sends: Mapping[str, Entry]
    deletes: tuple[str, ...]
    kept_readme: bool


def name_there(repo: Repo, namespace: str | None) -> str:
    """Return the repo's id there: its own, or in another namespace with its student's name, ana/lift: x/ana-lift."""
    return repo.id if namespace in (None, repo.namespace) else f"{namespace}/{repo.namespace}-{repo.name}"


def sync(store: Store, repo: Repo, api: "HfApi", repo_id: str, private: bool = True) -> Synced:
    """Bring the head of a repo to `repo_id` there. Sends nothing that is there already, so that it can be repeated.

    Raises:
        ArmchairError: if files there are somebody else's, or the repo there is public and `private` was asked for.
        HfHubHTTPError, httpx.HTTPError: if the other hub refuses or does not answer.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete
    from huggingface_hub.hf_api import RepoFile

    repository, kind = store.open(repo), repo.kind.removesuffix("s")
    head = repository.commit(MAIN)
    url = str(api.create_repo(repo_id, repo_type=kind, private=private, exist_ok=True, **_space(kind)))
    info = api.repo_info(repo_id, repo_type=kind)
    if private and not info.private:
        raise ArmchairError(
            f"{repo_id} is public there: make it private there, or type the command with --public --footage-consent."
        )
    items = api.list_repo_tree(repo_id, recursive=True, repo_type=kind)
    there = {item.path: item for item in items if isinstance(item, RepoFile)}
    work = _compare(repository, head, there, repo_id)
    operations: list[Any] = [CommitOperationDelete(path) for path in work.deletes]
    operations += [CommitOperationAdd(path, store.blobs.path(entry.sha256)) for path, entry in work.sends.items()]
    oid = info.sha
    if operations:
        title = head.title or "Update"
        oid = api.create_commit(repo_id, operations, commit_message=title, repo_type=kind, parent_commit=oid).oid
    tags = _set_tags(repository, head, api, repo_id, kind, oid)
    size = sum(entry.size for entry in work.sends.values())
    return Synced(url, len(work.sends), size, len(work.deletes), tags, work.kept_readme)


def _compare(repository: Repository, head: Commit, there: Mapping[str, "RepoFile"], repo_id: str) -> _Work:
    once_here = [item for commit in repository.history(MAIN) for item in commit.files.items()]
    ours = {(path, content) for path, entry in once_here for content in (entry.sha256, entry.sha1)}
    theirs = {path for path, item in there.items() if (path, _content(item)) not in ours}
    sends = {path: entry for path, entry in head.files.items() if not _is_equal(there.get(path), entry)}
    clashes = sorted(theirs & set(sends) - {_README, ".gitattributes"})
    if clashes:
        raise ArmchairError(
            f"{clashes[0]} in {repo_id} was changed there and would be overwritten: delete it there, "
            "or send the repo to another place with --namespace."
        )
    kept = {path: entry for path, entry in sends.items() if path not in theirs}
    return _Work(kept, tuple(sorted(there.keys() - theirs - head.files.keys())), _README in theirs & sends.keys())


def _set_tags(
    repository: Repository, head: Commit, api: "HfApi", repo_id: str, kind: str, oid: str | None
) -> tuple[str, ...]:
    """Let our head's tags name the commit `oid` there, and say which had to be set."""
    wanted = [tag for tag, at in repository.refs("tags").items() if repository.commit(at).files == head.files]
    refs = api.list_repo_refs(repo_id, repo_type=kind)
    present = {tag.name: tag.target_commit for tag in refs.tags}
    missing = [tag for tag in wanted if present.get(tag) != oid]
    for tag in missing:
        if tag in present:  # as LeRobot does: there is no moving
            api.delete_tag(repo_id, tag=tag, repo_type=kind)
        api.create_tag(repo_id, tag=tag, revision=oid, repo_type=kind)
    return tuple(missing)


def _content(item: "RepoFile") -> str:
    return item.lfs.sha256 if item.lfs else item.blob_id


def _is_equal(item: "RepoFile | None", entry: Entry) -> bool:
    return item is not None and _content(item) in (entry.sha256, entry.sha1)


def _space(kind: str) -> dict[str, str]:
    """Return what runs a space, without which the Hub makes none."""
    return {"space_sdk": "static"} if kind == "space" else {}
