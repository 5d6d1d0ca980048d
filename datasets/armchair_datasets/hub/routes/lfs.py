"""Routes for large files, sent alone before the commit that names them, in the `basic` transfer of Git LFS.

https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md. The client sends the content without its token, to
an address that nobody can guess and that takes this content only.
"""

import hashlib
import hmac
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.names import SHA256
from armchair_datasets.hub.routes.access import Hub, Reader, TheHub, WriteRepo
from armchair_datasets.hub.routes.write import check_room, in_pieces
from armchair_datasets.hub.store.blobs import Draft

router = APIRouter()


class LfsObject(BaseModel):
    """A content by its SHA-256; `size` in bytes."""

    model_config = ConfigDict(strict=True, frozen=True)

    oid: str = Field(pattern=SHA256)
    size: int = Field(ge=0)


class Batch(BaseModel):
    """What a client wants to send."""

    model_config = ConfigDict(strict=True, frozen=True)

    operation: Literal["upload"]
    objects: list[LfsObject] = Field(max_length=1000)


@router.post("/{namespace}/{name}.git/info/lfs/objects/batch")
@router.post("/{kind}/{namespace}/{name}.git/info/lfs/objects/batch")
def batch(hub: TheHub, request: Request, person: Reader, repository: WriteRepo, asked: Batch) -> dict[str, Any]:
    """Say where to send each content, or nothing for one that is here."""
    for item in asked.objects:
        hub.limits.check_file(item.size)
    hub.limits.check_repo(repository.size() + sum(item.size for item in asked.objects if not _is_here(hub, item)))
    new = {item.oid: item.size for item in asked.objects if not _is_here(hub, item)}
    hub.check_home(person, repository, coming=sum(new.values()))
    hub.announced.setdefault(person.name, {}).update(new)
    here, verify = str(request.base_url), str(request.url).replace("/batch", "/verify")
    return {"transfer": "basic", "objects": [_offer(hub, item, f"{here}lfs/", verify) for item in asked.objects]}


def _offer(hub: Hub, item: LfsObject, here: str, verify: str) -> dict[str, Any]:
    known = {"oid": item.oid, "size": item.size}
    if _is_here(hub, item):
        return known
    href = f"{here}{item.oid}/{item.size}/{_seal(hub, item)}"
    return {**known, "actions": {"upload": {"href": href}, "verify": {"href": verify}}}


@router.post("/{namespace}/{name}.git/info/lfs/objects/verify")
@router.post("/{kind}/{namespace}/{name}.git/info/lfs/objects/verify")
def verify(hub: TheHub, _: WriteRepo, item: LfsObject) -> dict[str, Any]:
    """Say whether a content has arrived."""
    if not _is_here(hub, item):
        raise HubError(404, f"{item.oid} has not arrived: send it again.")
    return {}


def _is_here(hub: Hub, item: LfsObject) -> bool:
    blob = hub.store.blobs.path(item.oid)
    return blob.exists() and blob.stat().st_size == item.size


def _seal(hub: Hub, item: LfsObject) -> str:
    """Return what makes an upload's address this hub's own; only until the hub ends."""
    return hmac.new(hub.secret, f"{item.oid}/{item.size}".encode(), hashlib.sha256).hexdigest()


@router.put("/lfs/{oid}/{size}/{seal}")
async def receive(
    hub: TheHub,
    request: Request,
    oid: Annotated[str, Path(pattern=SHA256)],
    size: Annotated[int, Path(ge=0)],
    seal: Annotated[str, Path(pattern=SHA256)],
) -> dict[str, Any]:
    """Take a content in."""
    item = LfsObject(oid=oid, size=size)
    if not hmac.compare_digest(seal, _seal(hub, item)):
        raise HubError(403, "this hub gave out no such address: begin the upload again.")
    draft = hub.store.blobs.draft()
    try:
        async for piece in in_pieces(request):
            await run_in_threadpool(_take, hub, draft, item, piece)
        await run_in_threadpool(_keep, hub, draft, item)
    finally:
        await run_in_threadpool(draft.discard)
    return {}


def _take(hub: Hub, draft: Draft, item: LfsObject, piece: bytes) -> None:
    draft.write(piece)
    hub.limits.check_file(draft.size, item.size)
    check_room(hub)


def _keep(hub: Hub, draft: Draft, item: LfsObject) -> None:
    if (draft.sha256, draft.size) != (item.oid, item.size):
        raise HubError(400, "what arrived is not what was announced: its checksum differs, send it again.")
    hub.store.blobs.keep(draft)
    hub.store.blobs.sync()
