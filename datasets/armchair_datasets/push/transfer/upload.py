"""One pass of an upload: one commit with everything in it, then its tag, then the check that all arrived.

Every step first looks what is there, so that a pass can be broken off anywhere and done again: a pass after a
successful one changes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    get_session,
    hf_hub_url,
    hf_raise_for_status,
)
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # exported, but not so marked

from armchair_core.dataset_format.info import INFO
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.card.card import README, is_ours, make_card
from armchair_datasets.card.json_file import read_json
from armchair_datasets.push.content.payload import Payload, codebase_version
from armchair_datasets.push.errors import TransientError
from armchair_datasets.push.transfer.progress import Progress, Receipt
from armchair_datasets.push.transfer.verify import check_arrival

_DATASET_FOLDERS = ("data", "meta", "videos", "images")  # a dataset's loader reads whatever lies there
_GROUP_BYTES, _GROUP_FILES = 64_000_000, 256


@dataclass(frozen=True)
class RemoteState:
    """The repo before the commit: its head, its files, its README and its info.json if it has them."""

    head: str
    private: bool
    paths: frozenset[str]
    readme: str | None
    info: dict[str, Any] | None


def upload(payload: Payload, api: HfApi, progress: Progress) -> Receipt:
    """Send the payload, tag it and compare what arrived.

    Raises:
        ArmchairError: if a person must decide something first.
        TransientError, or what huggingface_hub raises: see `network_errors.explained`.
    """
    files = payload.files()
    stamps = _stamps(files)
    cards = make_card(payload)
    contents: dict[str, bytes | Path] = {**files, **cards}
    there = _open_repo(payload, api)
    _refuse_another(payload, there)
    readme, notes = _choose_readme(payload, cards[README].decode(), files.get(README), there)
    del contents[README]
    if readme is not None:
        contents[README] = readme.encode()
    additions = [CommitOperationAdd(path, content) for path, content in sorted(contents.items())]
    _send(payload, api, additions, progress)
    if _stamps(payload.files()) != stamps:
        raise TransientError(f"{payload.folder} changed while it was sent")
    commit = api.create_commit(
        payload.repo_id,
        [*additions, *_deletions(payload, there, contents)],
        commit_message=f"Push {payload.kind} with Armchair",
        repo_type=payload.repo_type,
        parent_commit=there.head,  # if somebody edits meanwhile, look again
    ).oid
    if payload.kind == "dataset":
        _tag(payload, api, commit)
    progress.all_sent()
    check_arrival(payload, api, commit, additions)
    return Receipt(payload.url, commit, len(additions), progress.total, tuple(notes))


def _stamps(files: Mapping[str, Path]) -> dict[str, tuple[int, int]]:
    """Return that by which a change is noticed: size and time of each file."""
    return {path: (file.stat().st_size, file.stat().st_mtime_ns) for path, file in files.items()}


def _open_repo(payload: Payload, api: HfApi) -> RemoteState:
    """Make the repo if need be, and look at it.

    Raises:
        ArmchairError: if everybody could see what should stay private.
    """
    api.create_repo(payload.repo_id, private=not payload.public, repo_type=payload.repo_type, exist_ok=True)
    info = (api.dataset_info if payload.kind == "dataset" else api.model_info)(payload.repo_id)
    assert info.sha is not None  # a repo that is there has a first commit
    head = info.sha
    if not payload.public and info.private is False:
        raise ArmchairError(
            f"{payload.repo_id} is there already and is public: add --public --footage-consent, use another --repo-id, "
            f"or make it private at {payload.url}/settings."
        )
    paths = frozenset(file.rfilename for file in info.siblings or ())

    def read(path: str) -> str | None:
        return _read(payload, api, head, path) if path in paths else None

    return RemoteState(head, bool(info.private), paths, read(README), _parsed(read(INFO.as_posix())))


def _parsed(info: str | None) -> dict[str, Any] | None:
    """Return a dataset's description; None if there is none that LeRobot could read."""
    with suppress(ValueError):
        return json.loads(info) if info else None
    return None


def _read(payload: Payload, api: HfApi, commit: str, path: str) -> str:
    url = hf_hub_url(payload.repo_id, path, repo_type=payload.repo_type, revision=commit, endpoint=api.endpoint)
    answer = get_session().get(url, headers=build_hf_headers(token=api.token))
    hf_raise_for_status(answer)
    return answer.text


def _refuse_another(payload: Payload, there: RemoteState) -> None:
    """Raise ArmchairError if a dataset is there that this one is not the continuation of, as far as one can tell."""
    if payload.kind != "dataset" or there.info is None or payload.replace:
        return
    ours = read_json(payload.folder / INFO)
    if _form(ours) != _form(there.info):
        what = "of another form (features or frame rate)"
    elif there.info["total_episodes"] > ours["total_episodes"]:
        what = f"of {number_of(there.info['total_episodes'], 'episode')}, more than the {ours['total_episodes']} here"
    else:
        return
    raise ArmchairError(
        f"{payload.repo_id} holds a dataset {what}: use another --repo-id, or add --replace to put this one in its "
        "place (the old one stays in the repo's history)."
    )


def _form(info: Mapping[str, Any]) -> dict[str, Any]:
    features = info["features"].items()
    return {"fps": info["fps"], **{name: (feature["dtype"], list(feature["shape"])) for name, feature in features}}


def _choose_readme(payload: Payload, card: str, local: Path | None, there: RemoteState) -> tuple[str | None, list[str]]:
    """Return the README to send, None to leave the one that is there, and what to say about it.

    A README that a person wrote goes before ours, and the one that is there before the one here.
    """
    notes = []
    if payload.public and there.private:
        notes.append(f"It was private before and stays so; that is changed at {payload.url}/settings.")
    own = local.read_text(encoding="utf-8") if local else ""
    wanted = own if own and not is_ours(own) else card
    if there.readme is None or there.readme == wanted or is_ours(there.readme):
        return wanted, notes
    return None, [*notes, f"The {README} that is there was written by a person and was left as it is."]


def _deletions(payload: Payload, there: RemoteState, contents: Mapping[str, object]) -> list[CommitOperationDelete]:
    """Delete what an earlier version left where the dataset's loader would read it; the Hub's history keeps it."""
    if payload.kind != "dataset":
        return []
    left = [path for path in there.paths if path.partition("/")[0] in _DATASET_FOLDERS and path not in contents]
    return [CommitOperationDelete(path) for path in sorted(left)]


def _send(payload: Payload, api: HfApi, additions: Sequence[CommitOperationAdd], progress: Progress) -> None:
    """Send large files ahead of the commit, a group at a time; what has arrived once is not sent again."""
    progress.begin(sum(file.upload_info.size for file in additions))
    for group in _groups(additions):
        try:
            api.preupload_lfs_files(payload.repo_id, group, repo_type=payload.repo_type, free_memory=False)
        except RuntimeError as error:
            if error.__cause__ is None:  # hf_xet's, which says no more than its words
                raise TransientError(str(error)) from error
            raise
        # Small ones travel in the commit itself; the client marks the others.
        progress.settle(sum(file.upload_info.size for file in group if file._is_uploaded))


def _groups(additions: Sequence[CommitOperationAdd]) -> Iterator[list[CommitOperationAdd]]:
    group: list[CommitOperationAdd] = []
    size = 0
    for file in additions:
        if group and (size + file.upload_info.size > _GROUP_BYTES or len(group) == _GROUP_FILES):
            yield group
            group, size = [], 0
        group.append(file)
        size += file.upload_info.size
    yield group


def _tag(payload: Payload, api: HfApi, commit: str) -> None:
    """Let the version's tag point at the commit, whether or not there is one elsewhere."""
    name, repo_id, repo_type = codebase_version(payload), payload.repo_id, payload.repo_type
    tags = {tag.name: tag.target_commit for tag in api.list_repo_refs(repo_id, repo_type=repo_type).tags}
    if tags.get(name) == commit:
        return
    if name in tags:
        api.delete_tag(repo_id, tag=name, repo_type=repo_type)
    api.create_tag(repo_id, tag=name, revision=commit, repo_type=repo_type)
