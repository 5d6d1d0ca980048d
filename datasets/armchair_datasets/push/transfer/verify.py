"""The verification of an upload: only what was looked at on the Hub itself is called sent."""

import hashlib
import tempfile
from collections.abc import Iterable
from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.hf_api import RepoFile

from armchair_core.command_line import typed
from armchair_core.dataset_format.info import INFO
from armchair_core.errors import ArmchairError, reason_of
from armchair_datasets.card.json_file import read_json
from armchair_datasets.push.content.payload import Payload, codebase_version
from armchair_datasets.push.errors import TransientError
from armchair_datasets.push.transfer.network_errors import explained

_SMALL = 32_000_000  # bytes: what is fetched again as a whole to see whether it loads


def check_arrival(payload: Payload, api: HfApi, commit: str, sent: Iterable[CommitOperationAdd]) -> None:
    """Compare the tag, and every file's size and checksum, with what was sent.

    Raises:
        TransientError: if something differs: another pass will mend it.
    """
    repo_id, repo_type = payload.repo_id, payload.repo_type
    if payload.kind == "dataset":
        tags = {tag.name: tag.target_commit for tag in api.list_repo_refs(repo_id, repo_type=repo_type).tags}
        if tags.get(codebase_version(payload)) != commit:
            raise TransientError(f"the tag of {repo_id} does not point at what was sent")
    found = api.list_repo_tree(repo_id, recursive=True, revision=commit, repo_type=repo_type)
    there = {file.path: file for file in found}
    for file in sent:
        if not _is_same(there.get(file.path_in_repo), file):
            raise TransientError(f"{file.path_in_repo} differs from what was sent")


def _is_same(there: object, sent: CommitOperationAdd) -> bool:
    if not isinstance(there, RepoFile) or there.size != sent.upload_info.size:
        return False
    if there.lfs is not None:
        return there.lfs.sha256 == sent.upload_info.sha256.hex()
    with sent.as_file() as content:
        return there.blob_id == _git_sha1(content.read())


def _git_sha1(content: bytes) -> str:
    """Return Git's name of a file's content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def check_loads(payload: Payload, total: int) -> None:
    """Load a dataset by its name with stock LeRobot: its description, or all of it if `total` bytes are few.

    In this process huggingface_hub must have been imported with HF_ENDPOINT set. Imports LeRobot: seconds.

    Raises:
        ArmchairError: if LeRobot cannot, or finds something else.
        TransientError: if the network fails.
    """
    ours = read_json(payload.folder / INFO)
    expected = ours["total_episodes"], ours["total_frames"]
    try:
        with explained(payload.repo_id), tempfile.TemporaryDirectory(prefix="armchair-push-") as place:
            found = _load(payload.repo_id, Path(place) / "dataset", whole=total <= _SMALL)
    except (ArmchairError, TransientError):
        raise
    except Exception as error:
        why = reason_of(error)
        raise ArmchairError(
            f"{payload.url} arrived, but LeRobot cannot load it ({why}): mend the dataset with "
            f"`{typed('repair', payload.folder)}`, then push again."
        ) from error
    if found != expected:
        raise ArmchairError(f"{payload.url} arrived with {found} episodes and frames, not {expected}: push again.")


def _load(repo_id: str, root: Path, whole: bool) -> tuple[int, int]:
    """Return how many episodes and frames LeRobot finds."""
    from lerobot.datasets import LeRobotDataset, LeRobotDatasetMetadata

    if not whole:
        meta = LeRobotDatasetMetadata(repo_id, root=root)
        return meta.total_episodes, meta.total_frames
    dataset = LeRobotDataset(repo_id, root=root, video_backend="pyav")
    dataset[len(dataset) - 1]
    return dataset.num_episodes, len(dataset)
