"""Routes that make commits: what push_to_hub and `hf upload` ask.

The problem with large files: the Hub tells clients to send them by LFS, which those with hf_xet (most) take for an
order to use a protocol that only the Hub speaks, and fail. Nothing in a request says whether a client has it. So
files travel in the body of the commit, except above `Limits.inline`, and except for clients who say `xet/off` in
their user agent, as ours do: those stream them from the disk.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from armchair_core.command_line import quoted
from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.limits import in_words
from armchair_datasets.hub.protocol.names import check_path
from armchair_datasets.hub.routes.access import Hub, ProposeRepo, Reader, ReadRepo, Revision, TheHub
from armchair_datasets.hub.routes.commit_body import CommitBody, LfsFile
from armchair_datasets.hub.store.blobs import Draft, git_sha1
from armchair_datasets.hub.store.commits import Change, Entry
from armchair_datasets.hub.store.pull_requests import PullRequests
from armchair_datasets.hub.store.repository import MAIN, Repository
from armchair_datasets.hub.store.tokens import Person

router = APIRouter()
_REPO = "/api/{kind}/{namespace}/{name}"
_SMALL = 2**18  # bytes: below, a file travels in the commit anyway
_PIECE = 2**20  # bytes of a body that are handled at once
WITHOUT_XET = "xet/off"


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class PlannedFile(_Strict):
    """A file that a client is about to send; `size` in bytes."""

    path: str
    size: int = Field(ge=0)


class PreuploadPlan(_Strict):
    """All of them."""

    files: list[PlannedFile] = Field(max_length=1000)


@router.post(_REPO + "/preupload/{revision}")
def preupload(
    hub: TheHub,
    person: Reader,
    repository: ProposeRepo,
    revision: Revision,
    plan: PreuploadPlan,
    user_agent: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    """Say how to send each file, and what is there under its name: an equal one need not be sent."""
    present = repository.commit(revision).files
    at_home = person.may_write(repository.repo.namespace)  # whoever only proposes sends nothing ahead
    alone = _SMALL if WITHOUT_XET in user_agent and at_home else hub.limits.inline
    answers = []
    for file in plan.files:
        hub.limits.check_file(file.size)
        mode = "lfs" if file.size > alone else "regular"
        entry = present.get(check_path(file.path))
        oid = {"oid": entry.sha256 if mode == "lfs" else entry.sha1} if entry else {}
        answers.append({"path": file.path, "uploadMode": mode, "shouldIgnore": False, **oid})
    return {"files": answers}


@router.get(_REPO + "/xet-write-token/{revision}")
def no_xet(hub: TheHub, repository: ReadRepo) -> None:
    """Refuse a client with hf_xet whose file was too large to travel in a commit."""
    size = in_words(hub.limits.inline)
    raise HubError(
        501, f"this hub takes files above {size} without xet only: type `{quoted('export', 'HF_HUB_DISABLE_XET=1')}`."
    )


@router.post(_REPO + "/commit/{revision}")
async def commit(
    hub: TheHub, request: Request, person: Reader, repository: ProposeRepo, revision: Revision, create_pr: bool = False
) -> dict[str, Any]:
    """Write and delete files in one step, on a branch or in a new pull request."""
    body = CommitBody(hub.store.blobs.draft, hub.limits)
    try:
        async for piece in in_pieces(request):
            await run_in_threadpool(_take, hub, body, piece)
        change = await run_in_threadpool(_change, hub, repository, body, person)
        drafts = body.files.values()
        if create_pr:
            _check_base(repository, revision)
            done, opened = await run_in_threadpool(PullRequests(repository).propose, change, drafts, person.name)
        else:
            done, opened = await run_in_threadpool(repository.add, revision, change, drafts, person.name), None
    finally:
        await run_in_threadpool(body.discard)
    repo = f"{request.base_url}{repository.repo.address}"
    answer = {"success": True, "commitOid": done.oid, "commitUrl": f"{repo}/commit/{done.oid}", "hookOutput": ""}
    return {**answer, "pullRequestUrl": f"{repo}/discussions/{opened.num}"} if opened else answer


def _check_base(repository: Repository, revision: str) -> None:
    if revision not in (MAIN, f"refs/heads/{MAIN}"):
        raise HubError(400, f"a pull request to {revision} cannot be made here, only one to {MAIN}.")


async def in_pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body of a request, about a megabyte at a time: a thread's turn for each packet would cost more."""
    waiting = bytearray()
    async for packet in request.stream():
        waiting += packet
        if len(waiting) >= _PIECE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def check_room(hub: Hub) -> None:
    """Raise HubError, and take in no more, if the hub or its disk is full."""
    hub.limits.check_total(hub.store.blobs.size, hub.store.blobs.free())


def _take(hub: Hub, body: CommitBody, piece: bytes) -> None:
    body.feed(piece)
    check_room(hub)


def _change(hub: Hub, repository: Repository, body: CommitBody, person: Person) -> Change:
    header = body.finish()
    writes = {check_path(path): _received(draft) for path, draft in body.files.items()}
    writes |= {check_path(path): _sent_before(hub, file) for path, file in body.lfs_files.items()}
    change = Change(
        title=header.summary,
        message=header.description,
        writes=writes,
        deleted_files=tuple(map(check_path, body.deleted_files)),
        deleted_folders=tuple(check_path(path.rstrip("/")) for path in body.deleted_folders),
        parent=header.parent,
    )
    hub.limits.check_repo(repository.size(writes.values()))
    for file in body.lfs_files.values():
        hub.announced.get(person.name, {}).pop(file.oid, None)
    at_home = person.may_write(repository.repo.namespace)  # a pull request elsewhere must fit as if it were at home
    hub.check_home(
        person, repository, writes.values(), coming=0 if at_home else sum(entry.size for entry in writes.values())
    )
    return change


def _received(draft: Draft) -> Entry:
    draft.seal()
    return Entry(draft.sha256, git_sha1(draft.path), draft.size, lfs=False)


def _sent_before(hub: Hub, file: LfsFile) -> Entry:
    blob = hub.store.blobs.path(file.oid)
    size = blob.stat().st_size if blob.exists() else None
    if size is None or file.size not in (None, size):
        raise HubError(400, f"{file.path} has not arrived: send its content again.")
    return Entry(file.oid, git_sha1(blob), size, lfs=True)
