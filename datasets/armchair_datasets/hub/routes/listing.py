"""The listings of a commit's files in the words of the Hub's API.

(huggingface_hub 1.33, hf_api.py: RepoFile, RepoFolder, ModelInfo)
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from armchair_datasets.hub.store.blobs import git_sha1_of
from armchair_datasets.hub.store.commits import Commit, Entry


def tree(files: Mapping[str, Entry], folder: str, recursive: bool) -> list[dict[str, Any]]:
    """Return the files and folders in a folder ("" is the whole repo), with `recursive` also those below it."""
    folders: dict[str, Any] = {}
    found = []
    for path, entry in files.items():
        for parent in _folders_between(path, folder):
            folders.setdefault(parent, hashlib.sha1(usedforsecurity=False)).update(f"{path} {entry.sha1}\n".encode())
        if _lies_in(path, folder, recursive):
            found.append(file_item(path, entry))
    for path, content in folders.items():
        if _lies_in(path, folder, recursive):
            found.append({"type": "directory", "oid": content.hexdigest(), "size": 0, "path": path})
    return sorted(found, key=lambda item: item["path"])


def file_item(path: str, entry: Entry) -> dict[str, Any]:
    """Return a file as an item of a list."""
    item = {"type": "file", "oid": entry.sha1, "size": entry.size, "path": path}
    if entry.lfs:
        lfs = {"oid": entry.sha256, "size": entry.size, "pointerSize": len(entry.pointer)}
        return {**item, "oid": git_sha1_of(entry.pointer), "lfs": lfs}
    return item


def repo_info(repo_id: str, about: Mapping[str, Any], commit: Commit, with_sizes: bool) -> dict[str, Any]:
    """Return a repo at one of its commits."""
    return {
        "id": repo_id,
        "author": repo_id.split("/")[0],
        "sha": commit.oid,
        "createdAt": about["created"],
        "lastModified": commit.date,
        "private": about["private"],
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "siblings": [_sibling(path, entry, with_sizes) for path, entry in commit.files.items()],
    }


def _sibling(path: str, entry: Entry, with_sizes: bool) -> dict[str, Any]:
    if not with_sizes:
        return {"rfilename": path}
    item = file_item(path, entry)
    lfs = {**item["lfs"], "sha256": entry.sha256} if entry.lfs else None
    return {"rfilename": path, "size": entry.size, "blobId": item["oid"], "lfs": lfs}


def _folders_between(path: str, folder: str) -> Iterator[str]:
    """Yield the folders that hold `path`, below `folder`."""
    for parent in PurePosixPath(path).parents:
        if str(parent) != "." and (not folder or str(parent).startswith(f"{folder}/")):
            yield str(parent)


def _lies_in(path: str, folder: str, recursive: bool) -> bool:
    if folder and not path.startswith(f"{folder}/"):
        return False
    return recursive or "/" not in path[len(folder) :].lstrip("/")
